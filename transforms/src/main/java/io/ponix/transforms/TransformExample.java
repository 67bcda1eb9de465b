package io.ponix.transforms;

import java.util.List;
import java.util.Objects;

/**
 * A payload and what a transform makes of it, to prove that a transform does what its author means.
 */
public final class TransformExample {
    private final TransformInput input;
    private final String expected;

    /**
     * @param input what the transform sees
     * @param expected the JSON object that it gives, or the list of objects, with the times that it
     *     gives rows
     * @throws IllegalArgumentException if {@code expected} is neither
     */
    public TransformExample(TransformInput input, String expected) {
        this.input = Objects.requireNonNull(input, "input");
        this.expected = Objects.requireNonNull(expected, "expected");
        GivenRows.check(expected);
    }

    /**
     * Evaluates a transform on this example.
     *
     * @param tolerance how far a number may be away from what is expected; at least 0
     */
    public Outcome run(Transform transform, double tolerance) {
        JsonBuffer json = new JsonBuffer();
        try {
            transform.evaluate(input, json);
        } catch (TransformException e) {
            return new Outcome(null, e.getMessage(), List.of());
        }
        String actual = json.resultText();
        return new Outcome(
                actual, null, List.copyOf(JsonDifference.between(expected, actual, tolerance)));
    }

    /**
     * What became of an example.
     *
     * @param json what the transform gave, an object or a list of objects, or null if it failed
     * @param error why the transform failed, or null
     * @param differences where its result is not what is expected
     */
    public record Outcome(String json, String error, List<JsonDifference> differences) {

        /** Whether the transform gave what is expected. */
        public boolean passed() {
            return error == null && differences.isEmpty();
        }
    }
}
