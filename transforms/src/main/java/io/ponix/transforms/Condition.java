package io.ponix.transforms;

/** A compiled expression that says yes or no to an envelope. Immutable, for several threads. */
final class Condition {
    private final TransformProgram program;
    private final boolean always;
    private final boolean usesPrevious;

    /**
     * @param always whether the expression is the constant {@code true}, which needs no evaluation
     * @param usesPrevious whether it sees what the device's envelope before became
     */
    Condition(TransformProgram program, boolean always, boolean usesPrevious) {
        this.program = program;
        this.always = always;
        this.usesPrevious = usesPrevious;
    }

    boolean usesPrevious() {
        return usesPrevious;
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
