package io.ponix.transforms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Says where a row in ClickHouse is not, or may not be, what a transform gave: a column of the type
 * JSON keeps paths with values, each in the type of what it sees.
 *
 * <p>What comes back is numbers, texts and lists as they were, keys in the order of the alphabet,
 * and {@code 25.0} as {@code 25}, unless it is among {@link #changes}.
 */
public final class StoredForm {
    /** What a transform may give is limited there already. */
    private static final ObjectMapper JSON =
            new ObjectMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder()
                                            .maxNameLength(Integer.MAX_VALUE)
                                            .maxStringLength(Integer.MAX_VALUE)
                                            .maxNumberLength(Integer.MAX_VALUE)
                                            .maxNestingDepth(Integer.MAX_VALUE)
                                            .build())
                            .build());

    /** The largest integer up to which a double holds every one: 2<sup>53</sup>. */
    private static final BigInteger LARGEST_EXACT = BigInteger.ONE.shiftLeft(53);

    private static final String STORED_DOT = "%2E";
    private static final char REPLACEMENT = '\uFFFD';

    /** What can become of a value, in the order in which it is told. */
    private enum Change {
        NULL("is null, and no key with null is stored: it will be missing"),
        EMPTY_OBJECT("is an empty object, and no key with one is stored: it will be missing"),
        LOOSE_NULL(
                "is null in a list with no other values, or none but lists or objects: it may become"
                        + " an empty list or object, by what other rows have there"),
        LARGE_INTEGER(
                "is an integer beyond 2^53 in a list: it may be rounded to a double, where that or"
                        + " another row's list has doubles; write string(x) to keep it"),
        ESCAPED_DOT("has a key with %2E, which is read as a dot"),
        REPLACED(
                "holds U+FFFD, which stands for what is no character, such as half of a surrogate"
                        + " pair");

        private final String text;

        Change(String text) {
            this.text = text;
        }
    }

    /** The first place of a change, and at how many others it is. */
    private static final class Places {
        private final String first;
        private int others;

        private Places(String first) {
            this.first = first;
        }
    }

    private final Map<Change, Places> found = new EnumMap<>(Change.class);

    private StoredForm() {}

    /**
     * What is stored otherwise than it is written, or may be.
     *
     * @param json what a transform gave: an object, or a list of them, of which the first is told
     *     of that has any changes: what is so of one row is so of many
     * @return a sentence for each kind of change, which begins with the first place, for instance
     *     {@code $.a[2]}, and says at how many others it is; empty if all is stored as it is
     */
    public static List<String> changes(String json) {
        JsonNode result;
        try {
            result = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not what a transform gives: " + e.getMessage(), e);
        }
        if (!result.isArray()) {
            return changes(result, "$");
        }
        for (int row = 0; row < result.size(); row++) {
            List<String> changes = changes(result.get(row), "$[" + row + "]");
            if (!changes.isEmpty()) {
                return changes;
            }
        }
        return List.of();
    }

    private static List<String> changes(JsonNode row, String path) {
        StoredForm form = new StoredForm();
        form.value(row, path);
        List<String> changes = new ArrayList<>();
        form.found.forEach(
                (change, places) ->
                        changes.add(
                                places.first
                                        + " "
                                        + change.text
                                        + (places.others == 0
                                                ? ""
                                                : " (and " + places.others + " more)")));
        return changes;
    }

    private void value(JsonNode value, String path) {
        if (value.isObject()) {
            object(value, path);
        } else if (value.isArray()) {
            list(value, path);
        } else if (value.isTextual() && value.textValue().indexOf(REPLACEMENT) >= 0) {
            add(Change.REPLACED, path);
        }
    }

    private void object(JsonNode object, String path) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String key = entry.getKey();
            String place = path + InvalidOutputException.step(key);
            if (key.contains(STORED_DOT)) {
                add(Change.ESCAPED_DOT, place);
            }
            if (key.indexOf(REPLACEMENT) >= 0) {
                add(Change.REPLACED, place);
            }
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                add(Change.NULL, place);
            } else if (value.isObject() && value.isEmpty()) {
                add(Change.EMPTY_OBJECT, place);
            } else {
                value(value, place);
            }
        }
    }

    private void list(JsonNode list, String path) {
        boolean hasLoneNulls =
                hasNoneBut(list, JsonNode::isArray) || hasNoneBut(list, JsonNode::isObject);
        for (int i = 0; i < list.size(); i++) {
            JsonNode element = list.get(i);
            String place = path + "[" + i + "]";
            if (element.isNull() && hasLoneNulls) {
                add(Change.LOOSE_NULL, place);
            } else if (element.isIntegralNumber()
                    && element.bigIntegerValue().abs().compareTo(LARGEST_EXACT) > 0) {
                add(Change.LARGE_INTEGER, place);
            } else {
                value(element, place);
            }
        }
    }

    /** Whether all elements are of a kind, or null. */
    private static boolean hasNoneBut(JsonNode list, Predicate<JsonNode> kind) {
        for (JsonNode element : list) {
            if (!element.isNull() && !kind.test(element)) {
                return false;
            }
        }
        return true;
    }

    private void add(Change change, String path) {
        Places places = found.get(change);
        if (places == null) {
            found.put(change, new Places(path));
        } else {
            places.others++;
        }
    }
}
