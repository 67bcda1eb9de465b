package io.ponix.transforms;

import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.schema.JsonSchema;
import io.ponix.transforms.schema.SchemaViolation;
import java.util.List;

/**
 * A contract could not be applied to a payload. The contracts stay usable: another payload may well
 * succeed.
 */
public final class ContractException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of failure it was. */
    public enum Kind {
        /**
         * An expression raised an error, or the evaluation went over its {@link TransformLimits}.
         */
        EVALUATION_FAILED,
        /** The transform gave neither an object nor a list of them, or what JSON cannot hold. */
        INVALID_OUTPUT,
        /** The schema refuses a row that the transform gave. */
        SCHEMA_VIOLATION,
        /** An expression called {@code error(text)}; the message is that text. */
        REFUSED
    }

    private final Kind kind;
    private final int contract;
    private final Part part;
    private final transient List<SchemaViolation> violations;

    private ContractException(
            Kind kind,
            int contract,
            Part part,
            String message,
            List<SchemaViolation> violations,
            Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.contract = contract;
        this.part = part;
        this.violations = violations;
    }

    static ContractException of(int contract, Part part, TransformException failure) {
        Kind kind =
                switch (failure.kind()) {
                    case EVALUATION_FAILED -> Kind.EVALUATION_FAILED;
                    case INVALID_OUTPUT -> Kind.INVALID_OUTPUT;
                    case REFUSED -> Kind.REFUSED;
                };
        return new ContractException(
                kind, contract, part, failure.getMessage(), List.of(), failure);
    }

    static ContractException schemaFailed(int contract, RuntimeException failure) {
        return new ContractException(
                Kind.EVALUATION_FAILED,
                contract,
                Part.JSON_SCHEMA,
                failure.getMessage(),
                List.of(),
                failure);
    }

    static ContractException refused(int contract, List<SchemaViolation> violations) {
        return new ContractException(
                Kind.SCHEMA_VIOLATION,
                contract,
                Part.JSON_SCHEMA,
                JsonSchema.told(violations),
                List.copyOf(violations),
                null);
    }

    /** What kind of failure it was. */
    public Kind kind() {
        return kind;
    }

    /** Which contract failed, from 0. */
    public int contract() {
        return contract;
    }

    /** Which part of the contract failed. */
    public Part part() {
        return part;
    }

    /**
     * What the schema refuses, for {@link Kind#SCHEMA_VIOLATION}; else empty. The message names all
     * of them.
     */
    public List<SchemaViolation> violations() {
        return violations;
    }
}
