package io.ponix.sessions.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.ponix.sessions.EventType;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.SessionEvent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads what a transform says under the key {@value #KEY}: a message, or a list of them, as {@code
 * docs/charging.md} describes. A message that is not understood is refused with what is wrong, and
 * no other with it; keys that are not known are none of its business.
 */
public final class StationMessageReader {

    /** The key of a row. */
    public static final String KEY = "session";

    /** Of an id, a token or a reason, in UTF-16 code units; OCPP has 255 at most. */
    public static final int LONGEST_TEXT = 255;

    /** Of what a meter value is of, in UTF-16 code units; OCPP has 50 at most. */
    public static final int LONGEST_NAME = 64;

    /** Meter values of a message. */
    public static final int MOST_VALUES = 100_000;

    /** Messages of a row. */
    public static final int MOST_MESSAGES = 1_000;

    /** What the databases have as time, with room to compute. */
    private static final Instant FIRST = Instant.parse("1900-01-02T00:00:00Z");

    private static final Instant LAST = Instant.parse("2262-01-01T00:00:00Z");

    private static final Map<String, EventType> OF_SESSIONS =
            Map.of(
                    "started", EventType.STARTED,
                    "updated", EventType.UPDATED,
                    "ended", EventType.ENDED);

    private static final Set<String> TYPES =
            Set.of("started", "updated", "ended", "answered", "released", "measured");

    private final Instant receivedAt;
    private final List<StationMessages.Addressed> messages = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private int refused;
    private int unusableValues;

    private StationMessageReader(Instant receivedAt) {
        this.receivedAt = receivedAt;
    }

    /**
     * Reads the value of the key.
     *
     * @param receivedAt the time of messages that have none
     */
    public static StationMessages read(JsonNode session, Instant receivedAt) {
        StationMessageReader reader = new StationMessageReader(receivedAt);
        if (!session.isArray()) {
            reader.take(session, KEY);
        } else if (session.size() > MOST_MESSAGES) {
            reader.refuse(
                    new Refusal(
                            KEY,
                            "has "
                                    + session.size()
                                    + " messages, of which there are "
                                    + MOST_MESSAGES
                                    + " at most"),
                    session.size());
        } else {
            for (int i = 0; i < session.size(); i++) {
                reader.take(session.get(i), KEY + "[" + i + "]");
            }
        }
        return new StationMessages(
                reader.messages, reader.refusals, reader.refused, reader.unusableValues);
    }

    private void take(JsonNode message, String path) {
        int before = unusableValues;
        try {
            if (!message.isObject()) {
                throw new Refusal(path, "is no object");
            }
            Fields fields = new Fields(message, path);
            messages.add(
                    new StationMessages.Addressed(
                            fields.text("station", LONGEST_TEXT), message(fields)));
        } catch (Refusal refusal) {
            unusableValues = before;
            refuse(refusal, 1);
        }
    }

    private void refuse(Refusal refusal, int count) {
        refused += count;
        if (refusals.size() < StationMessages.MOST_REFUSALS) {
            refusals.add(refusal.getMessage());
        }
    }

    private StationMessage message(Fields fields) throws Refusal {
        String type = fields.text("type", LONGEST_NAME);
        if (!TYPES.contains(type)) {
            throw fields.refusal("type", "is '" + type + "', none of " + sorted(TYPES));
        }
        String id = fields.text("id", LONGEST_TEXT);
        String messageId = fields.text("message_id", LONGEST_TEXT);
        if (type.equals("answered")) {
            fields.require("message_id", messageId);
            fields.require("id", id);
            return new StationMessage.StartAnswer(messageId, id);
        }
        Instant time = fields.time("time", receivedAt);
        String connector = fields.text("connector", LONGEST_NAME);
        if (type.equals("released")) {
            return new StationMessage.Release(time, connector);
        }
        List<MeterValue> values = meterValues(fields, time);
        if (type.equals("measured")) {
            return new StationMessage.Reading(connector, values);
        }
        SessionEvent event =
                new SessionEvent(
                        OF_SESSIONS.get(type),
                        time,
                        fields.sequence("seq"),
                        fields.flag("offline"),
                        fields.text("token", LONGEST_TEXT),
                        fields.text("reason", LONGEST_TEXT),
                        connector,
                        values);
        if (id.isEmpty() && type.equals("started") && !messageId.isEmpty()) {
            return new StationMessage.StartRequest(messageId, event);
        }
        fields.require("id", id);
        return new StationMessage.OfSession(id, event);
    }

    private List<MeterValue> meterValues(Fields fields, Instant time) throws Refusal {
        JsonNode list = fields.node("meter_values");
        if (list == null) {
            return List.of();
        }
        if (!list.isArray()) {
            throw fields.refusal("meter_values", "is no list");
        }
        if (list.size() > MOST_VALUES) {
            throw fields.refusal(
                    "meter_values",
                    "has "
                            + list.size()
                            + " values, of which there are "
                            + MOST_VALUES
                            + " at most");
        }
        List<MeterValue> values = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            String path = fields.path("meter_values") + "[" + i + "]";
            if (!list.get(i).isObject()) {
                throw new Refusal(path, "is no object");
            }
            meterValue(new Fields(list.get(i), path), time)
                    .ifPresentOrElse(values::add, () -> unusableValues++);
        }
        return values;
    }

    /** Empty where it has no number: stations send NaN, and nothing at all. */
    private static Optional<MeterValue> meterValue(Fields fields, Instant time) throws Refusal {
        Instant measured = fields.time("time", time);
        String measurand = fields.text("measurand", LONGEST_NAME);
        String context = fields.text("context", LONGEST_NAME);
        String location = fields.text("location", LONGEST_NAME);
        String phase = fields.text("phase", LONGEST_NAME);
        String unit = fields.text("unit", LONGEST_NAME);
        int multiplier = fields.multiplier("multiplier");
        try {
            Optional<BigDecimal> number = fields.number("value");
            return number.map(
                    value ->
                            new MeterValue(
                                    measured,
                                    measurand,
                                    context,
                                    location,
                                    phase,
                                    value,
                                    unit,
                                    multiplier));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", names.stream().sorted().toList());
    }

    /** What is wrong with a message, and where. */
    private static final class Refusal extends Exception {

        private static final long serialVersionUID = 1L;

        Refusal(String path, String what) {
            super(path + " " + what, null, false, false);
        }
    }

    /** The fields of an object, of which each may be missing or null. */
    private record Fields(JsonNode object, String path) {

        private static final DateTimeFormatter TIME =
                new DateTimeFormatterBuilder()
                        .parseCaseInsensitive()
                        .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                        .appendPattern("[XXX][XX][X]")
                        .toFormatter(Locale.ROOT);

        /** Of those that a double tells from their neighbours. */
        private static final double LARGEST_EXACT = 0x1p53;

        private static final BigInteger NEGATIVE = BigInteger.ONE.negate();

        /** Longer ones are cut where they are told of. */
        private static final int SHOWN = 40;

        String path(String name) {
            return path + "." + name;
        }

        Refusal refusal(String name, String what) {
            return new Refusal(path(name), what);
        }

        /** Null where there is none. */
        JsonNode node(String name) {
            JsonNode node = object.get(name);
            return node == null || node.isNull() ? null : node;
        }

        void require(String name, String text) throws Refusal {
            if (text.isEmpty()) {
                throw refusal(name, "is missing");
            }
        }

        /** A text, or an integer as one, as protocols have both for an id. */
        String text(String name, int longest) throws Refusal {
            JsonNode node = node(name);
            if (node == null) {
                return "";
            }
            Optional<BigInteger> integer = integer(node);
            if (!node.isTextual() && integer.isEmpty()) {
                throw refusal(name, "is no text");
            }
            String text = integer.map(BigInteger::toString).orElseGet(node::asText);
            if (text.length() > longest) {
                throw refusal(name, "has " + text.length() + " characters, more than " + longest);
            }
            // Postgres takes no U+0000, and half of a pair is no text anywhere.
            if (text.chars().anyMatch(each -> each == 0)
                    || text.codePoints()
                            .anyMatch(each -> Character.getType(each) == Character.SURROGATE)) {
                throw refusal(name, "has a character that is none");
            }
            return text;
        }

        boolean flag(String name) throws Refusal {
            JsonNode node = node(name);
            if (node != null && !node.isBoolean()) {
                throw refusal(name, "is neither true nor false");
            }
            return node != null && node.booleanValue();
        }

        OptionalLong sequence(String name) throws Refusal {
            JsonNode node = node(name);
            if (node == null) {
                return OptionalLong.empty();
            }
            BigInteger number = integer(node).orElse(NEGATIVE);
            if (number.signum() < 0 || number.bitLength() >= Long.SIZE) {
                throw refusal(name, "is no integer from 0 to 2^63 - 1");
            }
            return OptionalLong.of(number.longValue());
        }

        /** Empty where it is none; 7.0 is one, as a protobuf Struct has all numbers. */
        private static Optional<BigInteger> integer(JsonNode node) {
            if (node.isIntegralNumber()) {
                return Optional.of(node.bigIntegerValue());
            }
            double number = node.isNumber() ? node.doubleValue() : Double.NaN;
            return number == Math.rint(number) && Math.abs(number) <= LARGEST_EXACT
                    ? Optional.of(BigInteger.valueOf((long) number))
                    : Optional.empty();
        }

        int multiplier(String name) throws Refusal {
            JsonNode node = node(name);
            if (node == null) {
                return 0;
            }
            Optional<BigInteger> number =
                    integer(node).filter(each -> each.bitLength() < Integer.SIZE);
            if (number.isEmpty()) {
                throw refusal(name, "is no integer of 32 bits");
            }
            return number.get().intValue();
        }

        Instant time(String name, Instant otherwise) throws Refusal {
            JsonNode node = node(name);
            if (node == null) {
                return otherwise;
            }
            String text = node.asText();
            try {
                Instant time = instant(text);
                if (time.isBefore(FIRST) || time.isAfter(LAST)) {
                    throw refusal(name, "is " + text + ", not between 1900 and 2262");
                }
                return time;
            } catch (DateTimeException e) {
                throw refusal(
                        name,
                        "is '"
                                + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text)
                                + "', no time of RFC 3339");
            }
        }

        /** Some stations say no offset, and mean UTC. */
        private static Instant instant(String text) {
            TemporalAccessor time = TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
            return time instanceof LocalDateTime local
                    ? local.toInstant(ZoneOffset.UTC)
                    : OffsetDateTime.from(time).toInstant();
        }

        /** Empty where it is none. */
        Optional<BigDecimal> number(String name) {
            JsonNode node = node(name);
            if (node == null) {
                return Optional.empty();
            }
            if (node.isNumber()) {
                return Double.isFinite(node.doubleValue()) || node.isBigDecimal()
                        ? Optional.of(node.decimalValue())
                        : Optional.empty();
            }
            String text = node.asText().strip();
            if (text.isEmpty() || text.length() > LONGEST_NAME) {
                return Optional.empty();
            }
            try {
                return Optional.of(new BigDecimal(text));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }
}
