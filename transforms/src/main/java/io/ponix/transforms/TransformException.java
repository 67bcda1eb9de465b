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

    /**
     * What an evaluation raised that is no answer of CEL's.
     *
     * @param raised a RuntimeException, StackOverflowError or OutOfMemoryError
     */
    static TransformException unexpected(Throwable raised) {
        if (raised instanceof StackOverflowError) {
            return new TransformException(
                    Kind.EVALUATION_FAILED, "the expression nests values too deeply", null);
        } else if (raised instanceof OutOfMemoryError) {
            // The budget keeps values small, but some messages of cel-java hold a whole value,
            // written out as often as it is shared. What was allocated is free again by now.
            return new TransformException(
                    Kind.EVALUATION_FAILED, "the evaluation ran out of memory", null);
        }
        return new TransformException(
                Kind.EVALUATION_FAILED, "the evaluation failed: " + raised.getMessage(), raised);
    }

    /** What kind of failure it was. */
    public Kind kind() {
        return kind;
    }
}
