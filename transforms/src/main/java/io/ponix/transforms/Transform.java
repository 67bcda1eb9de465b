package io.ponix.transforms;

import io.ponix.transforms.TransformException.Kind;

/**
 * A compiled expression that turns a payload into a JSON object.
 *
 * <p>Immutable and safe for use by several threads at once, each with its own {@link
 * TransformInput} and {@link JsonBuffer}; whatever an evaluation changes lives in those.
 */
public final class Transform {
    private final TransformProgram program;
    private final JsonWriter writer;

    Transform(TransformProgram program, JsonWriter writer) {
        this.program = program;
        this.writer = writer;
    }

    /**
     * Evaluates the expression and appends its result to {@code out} as one JSON object.
     *
     * @param out left as it was if the evaluation fails
     * @throws TransformException whatever goes wrong: nothing an expression or a payload does
     *     raises anything else. The message is for the person who wrote the expression; where the
     *     place is known it begins with {@code line:column}
     */
    public void evaluate(TransformInput in, JsonBuffer out) throws TransformException {
        int start = out.length();
        boolean complete = false;
        try {
            writer.writeObject(program.evaluate(in), out);
            complete = true;
        } catch (RuntimeException e) {
            throw new TransformException(
                    Kind.EVALUATION_FAILED, "the evaluation failed: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new TransformException(
                    Kind.EVALUATION_FAILED, "the expression nests values too deeply", null);
        } catch (OutOfMemoryError e) {
            // The budget keeps values small, but some messages of cel-java hold a whole value,
            // written out as often as it is shared. What was allocated is free again by now.
            throw new TransformException(
                    Kind.EVALUATION_FAILED, "the evaluation ran out of memory", null);
        } finally {
            if (!complete) {
                out.truncate(start);
            }
        }
    }
}
