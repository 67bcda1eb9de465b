package io.ponix.transforms;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A payload and what contracts make of it, to prove that they do what their author means: an object
 * or a list of objects, an error, or nothing because none applies.
 */
public final class ContractExample {
    private final TransformInput input;
    private final String json;
    private final String error;
    private final List<String> warnings;

    private ContractExample(
            TransformInput input, String json, String error, List<String> warnings) {
        this.input = Objects.requireNonNull(input, "input");
        this.json = json;
        this.error = error;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * A payload of which {@linkplain #gives(TransformInput, String, List) rows are made}, whatever
     * the transform warns of.
     */
    public static ContractExample gives(TransformInput input, String json) {
        return gives(input, json, List.of());
    }

    /**
     * A payload of which a row is made, a JSON object, or rows, a list of objects; the times that
     * the transform gives rows are part of it.
     *
     * @param warnings all that the transform notes, in that order; empty: they are not looked at
     * @throws IllegalArgumentException if {@code json} is neither
     */
    public static ContractExample gives(TransformInput input, String json, List<String> warnings) {
        GivenRows.check(json);
        return new ContractExample(input, json, null, warnings);
    }

    /**
     * A payload that fails, because of an expression or a schema.
     *
     * @param error what the message contains
     */
    public static ContractExample fails(TransformInput input, String error) {
        return new ContractExample(input, null, Objects.requireNonNull(error, "error"), List.of());
    }

    /** A payload to which no contract applies. */
    public static ContractExample matchesNothing(TransformInput input) {
        return new ContractExample(input, null, null, List.of());
    }

    /**
     * Applies contracts to this example.
     *
     * @param tolerance how far a number may be away from what is expected; at least 0
     */
    public Outcome run(PayloadContracts contracts, double tolerance) {
        JsonBuffer out = new JsonBuffer();
        int contract;
        try {
            contract = contracts.evaluate(input, out);
        } catch (ContractException e) {
            return failed(e, out);
        }
        if (contract == PayloadContracts.NO_MATCH) {
            boolean expected = json == null && error == null;
            return new Outcome(
                    contract, null, List.of(), null, expected ? null : "no contract matches");
        }
        String actual = out.resultText();
        if (json == null) {
            String expected = error == null ? "no match" : "the error \"" + error + "\"";
            return new Outcome(
                    contract, actual, List.of(), null, "expected " + expected + ", is " + actual);
        }
        List<JsonDifference> differences =
                List.copyOf(JsonDifference.between(json, actual, tolerance));
        List<String> failures =
                new ArrayList<>(differences.stream().map(JsonDifference::toString).toList());
        if (!warnings.isEmpty() && !warnings.equals(out.warnings())) {
            failures.add("expected the warnings " + warnings + ", are " + out.warnings());
        }
        return new Outcome(
                contract,
                actual,
                differences,
                null,
                failures.isEmpty() ? null : String.join("\n", failures));
    }

    private Outcome failed(ContractException e, JsonBuffer out) {
        String message =
                "contract " + (e.contract() + 1) + ", " + e.part().field() + ": " + e.getMessage();
        boolean expected = error != null && message.contains(error);
        return new Outcome(
                e.contract(),
                out.length() == 0 ? null : out.resultText(),
                List.of(),
                e.getMessage(),
                expected ? null : message);
    }

    /**
     * What became of an example.
     *
     * @param contract which contract matched or failed, from 0, or {@link
     *     PayloadContracts#NO_MATCH}
     * @param json what the transform gave, an object or a list of objects, or null
     * @param differences where that is not what is expected
     * @param error what a contract failed with, without the contract, or null
     * @param failure why the example did not pass, for a person, or null if it passed
     */
    public record Outcome(
            int contract,
            String json,
            List<JsonDifference> differences,
            String error,
            String failure) {

        /** Whether the contracts did what is expected. */
        public boolean passed() {
            return failure == null;
        }
    }
}
