package io.ponix.jobs.envelope.deadletter;

/**
 * Why an envelope does not become a row. The name is the last token of the dead letter's subject.
 *
 * <p>Only the first reason that applies is given. The checks run in this order: {@link
 * #MALFORMED_ENVELOPE}, {@link #DEVICE_NOT_FOUND}, {@link #ORGANIZATION_MISMATCH}, {@link
 * #ORGANIZATION_NOT_ACTIVE}, {@link #NO_CONVERSION}, {@link #TIMESTAMP_OUT_OF_RANGE}, {@link
 * #CONVERSION_FAILED}, {@link #INVALID_OUTPUT}, {@link #SCHEMA_VIOLATION}, {@link
 * #REJECTED_BY_STORE}: first who speaks, then what is to be done with it, then whether the
 * envelope's own time can be stored (before the transform, which may look at it), and last what the
 * transform makes of it.
 */
public enum Reason {
    /** The message is not a RawEnvelope. */
    MALFORMED_ENVELOPE(1, Stage.DECODE),
    /**
     * The device was unknown for the whole grace period, or is deleted, or the envelope names none.
     */
    DEVICE_NOT_FOUND(2, Stage.ENRICH),
    /** The envelope's organization is not the device's. */
    ORGANIZATION_MISMATCH(3, Stage.ENRICH),
    /** The device's organization is deleted or missing. */
    ORGANIZATION_NOT_ACTIVE(4, Stage.ENRICH),
    /**
     * The device has neither a transform nor a definition, or its definition was unknown for the
     * whole grace period.
     */
    NO_CONVERSION(5, Stage.ENRICH),
    /** The transform or contract does not compile, fails or exceeds its budget. */
    CONVERSION_FAILED(6, Stage.TRANSFORM),
    /** The transform's result is not a JSON object, or holds what JSON cannot. */
    INVALID_OUTPUT(7, Stage.TRANSFORM),
    /** The JSON Schema of the contract refuses the result. */
    SCHEMA_VIOLATION(8, Stage.TRANSFORM),
    /** occurred_at is missing, outside of 1970 to 2106, or too far in the future. */
    TIMESTAMP_OUT_OF_RANGE(9, Stage.ENRICH),
    /** ClickHouse refuses the row for good. */
    REJECTED_BY_STORE(10, Stage.STORE);

    private final byte code;
    private final Stage stage;

    Reason(int code, Stage stage) {
        this.code = (byte) code;
        this.stage = stage;
    }

    /**
     * The number that stands for it in serialized form and in the protobuf contract; never reused.
     */
    public byte code() {
        return code;
    }

    /** The step that finds it. */
    public Stage stage() {
        return stage;
    }

    /**
     * The reason with this code.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Reason ofCode(byte code) {
        for (Reason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        throw new IllegalArgumentException("No reason has the code " + code);
    }
}
