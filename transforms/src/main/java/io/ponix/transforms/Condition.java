package io.ponix.transforms;

/** A compiled expression that says yes or no to an envelope. Immutable, for several threads. */
final class Condition {
    private final TransformProgram program;
    private final boolean always;

    /**
     * @param always whether the expression is the constant {@code true}, which needs no evaluation
     */
    Condition(TransformProgram program, boolean always) {
        this.program = program;
        this.always = always;
    }

    /** Evaluates the expression on what is left of the budget that this thread has. */
    boolean testOnBudget(TransformInput in) throws TransformException {
        if (always) {
            return true;
        }
        Object value;
        try {
            value = program.evaluate(in.resolver());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw TransformException.unexpected(e);
        }
        if (!(value instanceof Boolean)) {
            throw new TransformException(
                    TransformException.Kind.EVALUATION_FAILED,
                    "the result is " + CelTypeName.of(value) + ", not true or false",
                    null);
        }
        return (Boolean) value;
    }
}
