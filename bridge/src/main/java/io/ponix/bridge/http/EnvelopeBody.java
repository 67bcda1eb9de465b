package io.ponix.bridge.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.bridge.intake.EnvelopeReader.Sent;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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

    private static final String ADVICE =
            "Use JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON";

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
                envelopes.add(envelope(place, document(place, line)));
                requireNotTooMany(envelopes.size());
            }
        }
        return requireSome(envelopes);
    }

    private static List<Sent> json(String body) throws HttpProblem {
        JsonElement document = document("", body);
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

    private static JsonElement document(String place, String text) throws HttpProblem {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            JsonElement document = JsonParser.parseReader(reader);
            if (!isAtEnd(reader)) {
                throw HttpProblem.invalid(place + "something follows the JSON document");
            }
            return document;
        } catch (JsonParseException e) {
            throw HttpProblem.invalid(place + "the body is no JSON: " + reason(e));
        }
    }

    private static boolean isAtEnd(JsonReader reader) {
        try {
            return reader.peek() == JsonToken.END_DOCUMENT;
        } catch (IOException e) {
            return false;
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

    /** Without the names of Java's classes, and in one line. */
    private static String reason(Exception problem) {
        String message = problem.getMessage();
        if (message == null) {
            return "it ends too early";
        }
        int advice = message.indexOf("\nSee https://");
        return (advice < 0 ? message : message.substring(0, advice))
                .replace(ADVICE, "malformed")
                .replaceFirst("^([a-z]+\\.)+[A-Z]\\w*: ", "")
                .replace('\n', ' ');
    }
}
