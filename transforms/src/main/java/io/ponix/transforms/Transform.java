package io.ponix.transforms;

import io.ponix.transforms.functions.NotedWarnings;

/**
 * A compiled expression that turns a payload into a row, a JSON object, or into rows, a list of
 * them.
 *
 * <p>The key {@value #OCCURRED_AT} of an object is reserved: it gives the row its time, a
 * timestamp, and is not part of the row's JSON.
 *
 * <p>Immutable and safe for use by several threads at once, each with its own {@link
 * TransformInput} and {@link JsonBuffer}; whatever an evaluation changes lives in those.
 */
public final class Transform {

    /** The key that gives a row its time. */
    public static final String OCCURRED_AT = "occurred_at";

    private final TransformProgram program;
    private final JsonWriter writer;
    private final boolean usesPrevious;

    Transform(TransformProgram program, JsonWriter writer, boolean usesPrevious) {
        this.program = program;
        this.writer = writer;
        this.usesPrevious = usesPrevious;
    }

    /** Whether the expression sees what the device's envelope before became. */
    boolean usesPrevious() {
        return usesPrevious;
    }

    /**
     * Evaluates the expression and appends its result to {@code out}: a JSON object, or a list of
     * JSON objects, which {@code out} has as rows, with the warnings of the expression.
     *
     * @param out left as it was if the evaluation fails
     * @throws TransformException whatever goes wrong: nothing an expression or a payload does
     *     raises anything else. The message is for the person who wrote the expression; where the
     *     place is known it begins with {@code line:column}
     */
    public void evaluate(TransformInput in, JsonBuffer out) throws TransformException {
        program.startBudget();
        evaluateOnBudget(in, out);
    }

    /** Like {@link #evaluate}, on what is left of the budget that this thread has. */
    void evaluateOnBudget(TransformInput in, JsonBuffer out) throws TransformException {
        int start = out.length();
        boolean complete = false;
        try {
            writer.writeRows(program.evaluate(in.resolver()), out);
            out.setWarnings(NotedWarnings.noted());
            complete = true;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw TransformException.unexpected(e);
        } finally {
            if (!complete) {
                out.truncate(start);
            }
        }
    }
}
