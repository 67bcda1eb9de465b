package io.ponix.transforms;

/**
 * One evaluation of a transform failed. The transform itself stays usable: another payload may well
 * succeed.
 */
public final class TransformException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of failure it was. */
    public enum Kind {
        /**
         * The expression raised an error (a truncated payload, a missing key, a division by zero),
         * or went over one of the {@link TransformLimits}.
         */
        EVALUATION_FAILED,
        /**
         * The expression gave a value that is not a JSON object, or that holds something JSON
         * cannot; the message begins with the path of the offending value, for instance {@code
         * $.a.b[2]}.
         */
        INVALID_OUTPUT
    }

    private final Kind kind;

    TransformException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of failure it was. */
    public Kind kind() {
        return kind;
    }
}
