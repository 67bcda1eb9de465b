package io.ponix.transforms;

import java.util.Objects;

/**
 * Says which payloads it is for, what becomes of them, and what the result has to look like. A
 * device's own transform is the contract {@link #always}.
 *
 * @param matchExpression a CEL expression over the variables of {@link TransformInput} that gives
 *     true where the contract applies; blank stands for {@code true}
 * @param transformExpression a CEL expression that gives the row, a JSON object, or the rows, a
 *     list of objects
 * @param jsonSchema a JSON Schema, draft 2020-12, that the JSON of each row has to fulfil; blank
 *     accepts all
 */
public record PayloadContract(
        String matchExpression, String transformExpression, String jsonSchema) {

    /** The match expression of a contract that applies to every envelope. */
    public static final String MATCH_ALL = "true";

    /** The parts of a contract, named as in requests and messages. */
    public enum Part {
        /** Whether the contract applies. */
        MATCH_EXPRESSION("match_expression"),
        /** What becomes of the payload. */
        TRANSFORM_EXPRESSION("transform_expression"),
        /** What the result has to look like. */
        JSON_SCHEMA("json_schema");

        private final String field;

        Part(String field) {
            this.field = field;
        }

        /** Its name in requests and messages, {@code match_expression} for instance. */
        public String field() {
            return field;
        }
    }

    /** Checks that nothing is null. */
    public PayloadContract {
        Objects.requireNonNull(matchExpression, "matchExpression");
        Objects.requireNonNull(transformExpression, "transformExpression");
        Objects.requireNonNull(jsonSchema, "jsonSchema");
    }

    /** The contract of a transform that is for every payload and may give any rows. */
    public static PayloadContract always(String transformExpression) {
        return new PayloadContract(MATCH_ALL, transformExpression, "");
    }
}
