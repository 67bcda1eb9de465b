package io.ponix.intake;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.ValueText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Makes uplinks of what an expression gave, or says what is wrong with it. */
final class UplinkReader {
    /** How many uplinks a message may hold, a tenth of what loops go through by default. */
    private static final int MAX_UPLINKS = 1_000;

    /**
     * How much the uplinks of a message may have together, where there are several: bytes of
     * payload, characters of attributes. An expression may give each the whole message, and the
     * budget of an evaluation counts that as nothing, as long as it is the same bytes.
     */
    private static final long MAX_SIZE = 4L << 20;

    private static final String ORGANIZATION_ID = "organization_id";
    static final String DEVICE_ID = "device_id";
    static final String EXTERNAL_ID = "external_id";
    static final String PAYLOAD = "payload";
    private static final String F_PORT = "f_port";
    private static final String OCCURRED_AT = "occurred_at";
    static final String ATTRIBUTES = "attributes";
    static final String MESSAGE_ID = "message_id";

    private static final Set<String> KEYS =
            Collections.unmodifiableSet(
                    new TreeSet<>(
                            List.of(
                                    ORGANIZATION_ID,
                                    DEVICE_ID,
                                    EXTERNAL_ID,
                                    PAYLOAD,
                                    F_PORT,
                                    OCCURRED_AT,
                                    ATTRIBUTES,
                                    MESSAGE_ID)));

    private static final long LARGEST_PORT = 255;

    /** What a raw envelope may say, as ClickHouse has it. */
    private static final Instant FIRST = Instant.EPOCH;

    private static final Instant LAST = Instant.parse("2106-02-07T06:28:15.999999999Z");

    /** In characters, of a value of the sender in a message. */
    private static final int LONGEST_QUOTE = 60;

    private static final String NO_PAYLOAD = "is not given; it may be empty, b\"\"";

    private static final String NO_ID =
            "neither device_id nor external_id is given: write \"device_id\" with the device's id in"
                    + " Ponix, or \"external_id\" with what its sender calls it";

    private static final String BOTH_IDS =
            "both device_id and external_id are given: leave out one, the other says which device"
                    + " it is";

    private final String path;
    private final Map<?, ?> object;

    private UplinkReader(String path, Map<?, ?> object) {
        this.path = path;
        this.object = object;
    }

    static List<Uplink> read(Object result, Instant receivedAt) throws IntakeException {
        requireValue("$", result);
        if (result instanceof NullValue) {
            return List.of();
        } else if (result instanceof Map) {
            return List.of(new UplinkReader("$", (Map<?, ?>) result).uplink(receivedAt));
        } else if (result instanceof List) {
            return uplinks((List<?>) result, receivedAt);
        }
        throw IntakeException.inResult(
                "$",
                "the result is "
                        + ValueText.typeName(result)
                        + ", not an object, a list of objects or null");
    }

    private static List<Uplink> uplinks(List<?> results, Instant receivedAt)
            throws IntakeException {
        if (results.size() > MAX_UPLINKS) {
            throw IntakeException.inResult(
                    "$", results.size() + " uplinks are more than " + MAX_UPLINKS);
        }
        List<Uplink> uplinks = new ArrayList<>(results.size());
        Set<String> messageIds = new HashSet<>();
        long size = 0;
        for (Object result : results) {
            String path = "$[" + uplinks.size() + "]";
            requireValue(path, result);
            if (!(result instanceof Map)) {
                throw IntakeException.inResult(
                        path, "is " + ValueText.typeName(result) + ", not an object");
            }
            Uplink uplink = new UplinkReader(path, (Map<?, ?>) result).uplink(receivedAt);
            if (uplink.messageId().isPresent() && !messageIds.add(uplink.messageId().get())) {
                // It would be taken for a retry of the other one, and be lost.
                throw IntakeException.inResult(
                        path + "." + MESSAGE_ID, repeated(uplink.messageId().get()));
            }
            uplinks.add(uplink);
            size += size(uplink);
            if (uplinks.size() > 1 && size > MAX_SIZE) {
                throw IntakeException.inResult(
                        "$",
                        "payloads and attributes of the uplinks have more than "
                                + MAX_SIZE
                                + " bytes together");
            }
        }
        return Collections.unmodifiableList(uplinks);
    }

    private static long size(Uplink uplink) {
        long size = uplink.payload().length;
        for (Map.Entry<String, String> attribute : uplink.attributes().entrySet()) {
            size += attribute.getKey().length() + attribute.getValue().length();
        }
        return size;
    }

    /** Whether an uplink may have the key. */
    static boolean isKey(Object key) {
        return key instanceof String && KEYS.contains(key);
    }

    /** Refuses a key that an uplink may not have. */
    static void checkKey(String path, Object key) throws IntakeException {
        if (!isKey(key)) {
            throw IntakeException.inResult(
                    path,
                    quoted(key) + " is no key of an uplink; those are " + String.join(", ", KEYS));
        }
    }

    /**
     * Whether the value of a key is there, and not null.
     *
     * @param path of the uplink
     * @throws IntakeException if it is there and is wrong
     */
    static boolean isGiven(String path, String key, Object value) throws IntakeException {
        UplinkReader reader = new UplinkReader(path, Map.of(key, value));
        boolean isGiven = reader.value(key).isPresent();
        switch (key) {
            case PAYLOAD -> {
                if (isGiven) {
                    reader.payload();
                }
            }
            case F_PORT -> reader.port();
            case OCCURRED_AT -> reader.occurredAt();
            case ATTRIBUTES -> reader.attributes();
            default -> reader.text(key);
        }
        return isGiven;
    }

    /** Refuses an uplink by what is there of it, as far as that is always the same. */
    static void checkComplete(
            String path, boolean mayHavePayload, boolean mayHaveDevice, boolean hasBothIds)
            throws IntakeException {
        if (hasBothIds) {
            throw IntakeException.inResult(path, BOTH_IDS);
        } else if (!mayHaveDevice) {
            throw IntakeException.inResult(path, NO_ID);
        } else if (!mayHavePayload) {
            throw IntakeException.inResult(path + "." + PAYLOAD, NO_PAYLOAD);
        }
    }

    /** What is wrong with a message id that another uplink of the message has. */
    static String repeated(String messageId) {
        return quoted(messageId) + " is that of an uplink before it: each needs its own";
    }

    private Uplink uplink(Instant receivedAt) throws IntakeException {
        for (Object key : object.keySet()) {
            checkKey(path, key);
        }
        Optional<String> deviceId = text(DEVICE_ID);
        Optional<String> externalId = text(EXTERNAL_ID);
        if (deviceId.isPresent() && externalId.isPresent()) {
            throw IntakeException.inResult(path, BOTH_IDS);
        } else if (deviceId.isEmpty() && externalId.isEmpty()) {
            throw IntakeException.inResult(path, NO_ID);
        }
        return new Uplink(
                text(ORGANIZATION_ID),
                deviceId,
                externalId,
                payload(),
                port(),
                occurredAt().orElse(receivedAt),
                attributes(),
                text(MESSAGE_ID));
    }

    /** A value, unless it is null, which is as good as none. */
    private Optional<Object> value(String key) throws IntakeException {
        Object value = object.get(key);
        requireValue(path + "." + key, value);
        return value == null || value instanceof NullValue ? Optional.empty() : Optional.of(value);
    }

    private Optional<String> text(String key) throws IntakeException {
        int longest = key.equals(MESSAGE_ID) ? Uplink.MAX_MESSAGE_ID_LENGTH : Uplink.MAX_ID_LENGTH;
        Optional<Object> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        } else if (!(value.get() instanceof String)) {
            throw wrong(
                    key,
                    "is " + ValueText.typeName(value.get()) + ", not a string: write string(x)");
        }
        String text = (String) value.get();
        if (text.isEmpty()) {
            throw wrong(key, "is empty");
        } else if (text.isBlank()) {
            throw wrong(key, "is blank");
        } else if (length(text) > longest) {
            throw wrong(key, "has " + length(text) + " characters, more than " + longest);
        } else if (text.chars().anyMatch(Character::isISOControl)) {
            throw wrong(key, quoted(text) + " has control characters");
        } else if (hasHalfSurrogate(text)) {
            throw wrong(key, "is not Unicode: half of a surrogate pair is missing");
        }
        return Optional.of(text);
    }

    private byte[] payload() throws IntakeException {
        Object value = value(PAYLOAD).orElseThrow(() -> wrong(PAYLOAD, NO_PAYLOAD));
        if (value instanceof CelByteString) {
            return ((CelByteString) value).toByteArray();
        }
        throw wrong(
                PAYLOAD,
                "is "
                        + ValueText.typeName(value)
                        + ", not bytes"
                        + (value instanceof String
                                ? ": write base64.decode(x), hex_decode(x), or bytes(x) for the"
                                        + " text itself"
                                : ""));
    }

    private int port() throws IntakeException {
        Optional<Object> value = value(F_PORT);
        if (value.isEmpty()) {
            return 0;
        }
        long port;
        if (value.get() instanceof Long) {
            port = (Long) value.get();
        } else if (value.get() instanceof UnsignedLong) {
            port = ((UnsignedLong) value.get()).longValue();
        } else {
            throw wrong(
                    F_PORT, "is " + ValueText.typeName(value.get()) + ", not an int: write int(x)");
        }
        if (port < 0 || port > LARGEST_PORT) {
            throw wrong(
                    F_PORT,
                    ValueText.of(value.get()).orElseThrow() + " is not in 0 to " + LARGEST_PORT);
        }
        return (int) port;
    }

    private Optional<Instant> occurredAt() throws IntakeException {
        Optional<Object> value = value(OCCURRED_AT);
        if (value.isEmpty()) {
            return Optional.empty();
        } else if (!(value.get() instanceof Instant)) {
            throw wrong(
                    OCCURRED_AT,
                    "is "
                            + ValueText.typeName(value.get())
                            + ", not a timestamp: write timestamp(x)");
        }
        Instant time = (Instant) value.get();
        if (time.isBefore(FIRST) || time.isAfter(LAST)) {
            throw wrong(OCCURRED_AT, time + " is not in the years 1970 to 2106");
        }
        return Optional.of(time);
    }

    private Map<String, String> attributes() throws IntakeException {
        Optional<Object> value = value(ATTRIBUTES);
        if (value.isEmpty()) {
            return Map.of();
        } else if (!(value.get() instanceof Map)) {
            throw wrong(
                    ATTRIBUTES,
                    "is "
                            + ValueText.typeName(value.get())
                            + ", not an object: write {\"name\": x}");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value.get()).entrySet()) {
            if (!(entry.getKey() instanceof String)) {
                throw wrong(
                        ATTRIBUTES,
                        "the key "
                                + quoted(entry.getKey())
                                + " is "
                                + ValueText.typeName(entry.getKey())
                                + ", not a string");
            }
            String name = attributeName((String) entry.getKey());
            if (!(entry.getValue() instanceof NullValue)) {
                attributes.put(name, attributeValue(name, entry.getValue()));
            }
            if (attributes.size() > Uplink.MAX_ATTRIBUTES) {
                throw wrong(ATTRIBUTES, "are more than " + Uplink.MAX_ATTRIBUTES);
            }
        }
        return Collections.unmodifiableMap(attributes);
    }

    private String attributeName(String name) throws IntakeException {
        if (name.isEmpty() || length(name) > Uplink.MAX_ATTRIBUTE_NAME_LENGTH) {
            throw wrong(
                    ATTRIBUTES,
                    "the name "
                            + quoted(name)
                            + " has "
                            + length(name)
                            + " characters, not 1 to "
                            + Uplink.MAX_ATTRIBUTE_NAME_LENGTH);
        } else if (name.chars().anyMatch(Character::isISOControl)) {
            throw wrong(ATTRIBUTES, "the name " + quoted(name) + " has control characters");
        } else if (hasHalfSurrogate(name)) {
            throw wrong(ATTRIBUTES, "a name is not Unicode: half of a surrogate pair is missing");
        }
        return name;
    }

    private String attributeValue(String name, Object value) throws IntakeException {
        String key = ATTRIBUTES + "[" + quoted(name) + "]";
        requireValue(path + "." + key, value);
        String text =
                ValueText.of(value)
                        .orElseThrow(
                                () ->
                                        wrong(
                                                key,
                                                value instanceof Double
                                                        ? "is " + value + ", which is no number"
                                                        : "is "
                                                                + ValueText.typeName(value)
                                                                + ", not a string, a number or a"
                                                                + " bool"));
        if (length(text) > Uplink.MAX_ATTRIBUTE_VALUE_LENGTH) {
            throw wrong(
                    key,
                    "has "
                            + length(text)
                            + " characters, more than "
                            + Uplink.MAX_ATTRIBUTE_VALUE_LENGTH);
        } else if (hasHalfSurrogate(text)) {
            throw wrong(key, "is not Unicode: half of a surrogate pair is missing");
        }
        return text;
    }

    private static void requireValue(String path, Object value) throws IntakeException {
        Optional<String> failure = ValueText.failure(value);
        if (failure.isPresent()) {
            throw IntakeException.inResult(path, failure.get());
        }
    }

    private IntakeException wrong(String key, String reason) {
        return IntakeException.inResult(path + "." + key, reason);
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** JSON can escape one; Protocol Buffers cannot hold it. */
    private static boolean hasHalfSurrogate(String text) {
        return text.codePoints()
                .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /** Readable in one line, whatever the sender put in. */
    private static String quoted(Object value) {
        String text = ValueText.of(value).orElseGet(() -> ValueText.typeName(value));
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints()
                .limit(LONGEST_QUOTE)
                .forEach(
                        c -> {
                            if (Character.isISOControl(c)) {
                                quoted.append(String.format("\\u%04x", c));
                            } else if (c == '"' || c == '\\') {
                                quoted.append('\\').appendCodePoint(c);
                            } else {
                                quoted.appendCodePoint(c);
                            }
                        });
        return quoted.append(text.length() > LONGEST_QUOTE ? "…\"" : "\"").toString();
    }
}
