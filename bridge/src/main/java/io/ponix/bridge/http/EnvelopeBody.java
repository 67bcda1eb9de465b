package io.ponix.bridge.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.bridge.intake.EnvelopeReader.Sent;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The body of a request to a gateway without an intake: raw envelopes as Protocol Buffers have
 * them, or in their JSON form.
 */
final class EnvelopeBody {

    /** As many as an intake expression may give. */
    private static final int MOST_ENVELOPES = 1_000;

    private static final String OCCURRED_AT = "occurred_at";

    private EnvelopeBody() {}

    /**
     * Reads it.
     *
     * @param contentType as it was sent, or null. What curl sends where nothing else is said is
     *     read as JSON
     * @throws HttpProblem 415, or 400 with the place
     */
    static List<Sent> read(String contentType, byte[] body) throws HttpProblem {
        String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "application/x-protobuf", "application/protobuf" -> List.of(protobuf(body));
            case "application/x-ndjson", "application/jsonl", "application/x-jsonlines" ->
                    lines(text(body));
            case "", "application/json", "application/x-www-form-urlencoded", "text/plain" ->
                    json(text(body));
            default ->
                    throw HttpProblem.unsupported(
                            "Content-Type "
                                    + type
                                    + " is not known: application/json, application/x-ndjson or"
                                    + " application/x-protobuf. For other formats give the gateway"
                                    + " an intake");
        };
    }

    private static Sent protobuf(byte[] body) throws HttpProblem {
        try {
            return new Sent("", RawEnvelope.parseFrom(body));
        } catch (InvalidProtocolBufferException e) {
            throw HttpProblem.invalid("the body is no ponix.envelope.v1.RawEnvelope");
        }
    }

    private static String text(byte[] body) throws HttpProblem {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw HttpProblem.invalid("the body is not UTF-8");
        }
    }

    private static List<Sent> lines(String body) throws HttpProblem {
        List<Sent> envelopes = new ArrayList<>();
        int number = 0;
        for (String line : body.split("\n", -1)) {
            number++;
            if (!line.isBlank()) {
                String place = "line " + number + ": ";
                envelopes.add(envelope(place, JsonDocument.parse(place, line)));
                requireNotTooMany(envelopes.size());
            }
        }
        return requireSome(envelopes);
    }

    private static List<Sent> json(String body) throws HttpProblem {
        JsonElement document = JsonDocument.parse("", body);
        if (!document.isJsonArray()) {
            return List.of(envelope("", document));
        }
        requireNotTooMany(document.getAsJsonArray().size());
        List<Sent> envelopes = new ArrayList<>();
        for (JsonElement element : document.getAsJsonArray()) {
            envelopes.add(envelope("[" + envelopes.size() + "]: ", element));
        }
        return requireSome(envelopes);
    }

    private static List<Sent> requireSome(List<Sent> envelopes) throws HttpProblem {
        if (envelopes.isEmpty()) {
            throw HttpProblem.invalid("the body has no envelope");
        }
        return envelopes;
    }

    private static void requireNotTooMany(int count) throws HttpProblem {
        if (count > MOST_ENVELOPES) {
            throw HttpProblem.invalid("more than " + MOST_ENVELOPES + " envelopes in one request");
        }
    }

    private static Sent envelope(String place, JsonElement element) throws HttpProblem {
        if (!element.isJsonObject()) {
            throw HttpProblem.invalid(place + "an envelope is a JSON object");
        }
        RawEnvelope.Builder envelope = RawEnvelope.newBuilder();
        // One after the other, as the parser does not say which of them is wrong.
        for (Map.Entry<String, JsonElement> field : element.getAsJsonObject().entrySet()) {
            String name = field.getKey();
            // Of one value the parser would take that.
            if (field.getValue().isJsonArray()) {
                throw HttpProblem.invalid(place + name + " is an array");
            }
            if (isTime(name) && !field.getValue().isJsonNull()) {
                requireTime(place + name, field.getValue());
            }
            JsonObject alone = new JsonObject();
            alone.add(name, field.getValue());
            try {
                JsonFormat.parser().merge(alone.toString(), envelope);
            } catch (InvalidProtocolBufferException e) {
                throw HttpProblem.invalid(place + name + ": " + reason(e));
            }
        }
        return new Sent(place, envelope.build());
    }

    private static boolean isTime(String name) {
        FieldDescriptor time = RawEnvelope.getDescriptor().findFieldByName(OCCURRED_AT);
        return name.equals(OCCURRED_AT) || name.equals(time.getJsonName());
    }

    /**
     * Makes sure that it is a time as RFC 3339 has it. The parser takes offsets of more than a day,
     * and leap seconds with a warning in the log.
     */
    private static void requireTime(String place, JsonElement value) throws HttpProblem {
        try {
            DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(value.getAsString());
        } catch (DateTimeParseException | UnsupportedOperationException e) {
            throw HttpProblem.invalid(
                    place + " must be a time such as 2026-01-31T12:00:00Z, is " + value);
        }
    }

    private static String reason(InvalidProtocolBufferException problem) {
        return problem.getMessage().replaceFirst("^([a-z]+\\.)+[A-Z]\\w*: ", "").replace('\n', ' ');
    }
}
