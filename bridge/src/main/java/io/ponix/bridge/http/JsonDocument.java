package io.ponix.bridge.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;

/**
 * A JSON document that means the same to everybody: no name is given twice in an object, of which
 * one would be lost, and all texts are Unicode.
 */
final class JsonDocument {

    private static final String ADVICE =
            "Use JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON";

    private final String place;
    private final JsonReader reader;

    private JsonDocument(String place, String text) {
        this.place = place;
        reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
    }

    /**
     * Reads it.
     *
     * @param place where in the body, for the person who sent it
     * @throws HttpProblem 400 with the place
     */
    static JsonElement parse(String place, String text) throws HttpProblem {
        JsonDocument document = new JsonDocument(place, text);
        JsonElement value;
        try {
            value = document.value();
        } catch (IOException | JsonParseException e) {
            throw HttpProblem.invalid(place + "the body is no JSON: " + reason(e));
        }
        if (!document.isAtEnd()) {
            throw HttpProblem.invalid(place + "something follows the JSON document");
        }
        return value;
    }

    private boolean isAtEnd() {
        try {
            return reader.peek() == JsonToken.END_DOCUMENT;
        } catch (IOException e) {
            return false;
        }
    }

    /** Goes as deep as the reader lets it, 255 levels. */
    private JsonElement value() throws IOException, HttpProblem {
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> object();
            case BEGIN_ARRAY -> array();
            case STRING -> new JsonPrimitive(unicode(reader.nextString()));
            default -> JsonParser.parseReader(reader);
        };
    }

    private JsonObject object() throws IOException, HttpProblem {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = unicode(reader.nextName());
            if (object.has(name)) {
                throw HttpProblem.invalid(place + reader.getPreviousPath() + " is given twice");
            }
            object.add(name, value());
        }
        reader.endObject();
        return object;
    }

    private JsonArray array() throws IOException, HttpProblem {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
            array.add(value());
        }
        reader.endArray();
        return array;
    }

    /** JSON can escape half of a surrogate pair; Protocol Buffers cannot hold it. */
    private String unicode(String text) throws HttpProblem {
        if (text.codePoints()
                .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw HttpProblem.invalid(
                    place
                            + reader.getPreviousPath()
                            + " is not Unicode: half of a surrogate pair is missing");
        }
        return text;
    }

    /** Without what is for programmers, and in one line. */
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
