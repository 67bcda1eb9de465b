package io.ponix.transforms;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.ponix.transforms.TransformException.Kind;

/**
 * A compiled expression that turns a payload into a JSON object.
 *
 * <p>Immutable and safe for use by several threads at once, each with its own {@link
 * TransformInput} and {@link JsonBuffer}; whatever an evaluation changes lives in those.
 */
public final class Transform {
    private final CelRuntime.Program program;
    private final JsonWriter writer;

    Transform(CelRuntime.Program program, JsonWriter writer) {
        this.program = program;
        this.writer = writer;
    }

    /**
     * Evaluates the expression and appends its result to {@code out} as one JSON object.
     *
     * @param out left as it was if the evaluation fails
     * @throws TransformException whatever goes wrong: nothing an expression or a payload does
     *     raises anything else
     */
    public void evaluate(TransformInput in, JsonBuffer out) throws TransformException {
        int start = out.length();
        try {
            writer.writeObject(program.eval(in.resolver()), out);
        } catch (TransformException e) {
            out.truncate(start);
            throw e;
        } catch (CelEvaluationException e) {
            out.truncate(start);
            throw new TransformException(Kind.EVALUATION_FAILED, EvaluationMessage.of(e), e);
        } catch (RuntimeException e) {
            out.truncate(start);
            throw new TransformException(
                    Kind.EVALUATION_FAILED, "the evaluation failed: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            out.truncate(start);
            throw new TransformException(
                    Kind.EVALUATION_FAILED, "the expression nests values too deeply", null);
        }
    }
}
