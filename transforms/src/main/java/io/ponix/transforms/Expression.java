package io.ponix.transforms;

import java.util.function.Function;

/**
 * A compiled expression whose value its caller makes something of, see {@link ExpressionCompiler}.
 *
 * <p>Immutable and safe for use by several threads at once.
 */
public final class Expression {
    private final TransformProgram program;

    Expression(TransformProgram program) {
        this.program = program;
    }

    /**
     * Evaluates the expression, with a budget of its own.
     *
     * @param variables the value of a variable by its name, as CEL has it: {@code String}, {@code
     *     Long}, {@code Double}, {@code Boolean}, {@code CelByteString}, {@code Instant}, {@code
     *     Duration}, {@code NullValue}, or a {@code List} or {@code Map} of those. It is asked for
     *     those that the expression names, perhaps more than once
     * @return the value, of the same kinds and {@code UnsignedLong}, {@code Optional} or a type of
     *     CEL; never null
     * @throws TransformException whatever goes wrong: nothing an expression or a value does raises
     *     anything else. The message is for the person who wrote the expression; where the place is
     *     known it begins with {@code line:column}
     */
    public Object evaluate(Function<String, Object> variables) throws TransformException {
        program.startBudget();
        try {
            return program.evaluate(variables::apply);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw TransformException.unexpected(e);
        }
    }
}
