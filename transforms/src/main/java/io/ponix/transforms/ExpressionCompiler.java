package io.ponix.transforms;

import dev.cel.common.types.CelType;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Compiles expressions in the language of transforms, with its functions and limits, over variables
 * of the caller's: for other things than payloads of devices.
 *
 * <p>Compiling takes milliseconds: callers keep the result, one per distinct expression. The
 * compiler is immutable and safe for use by several threads at once.
 */
public final class ExpressionCompiler {
    private final TransformEnvironment environment;

    /**
     * A compiler of expressions that see these variables and nothing else.
     *
     * @param variables their types, by name
     */
    public ExpressionCompiler(TransformLimits limits, Map<String, CelType> variables) {
        environment = new TransformEnvironment(limits, variables);
    }

    /**
     * Parses, checks and plans an expression.
     *
     * @throws TransformCompilationException if it is not valid CEL, uses something that does not
     *     exist, or is of a type that the rule refuses
     */
    public Expression compile(String expression, ResultRule rule)
            throws TransformCompilationException {
        return environment.compileExpression(
                Objects.requireNonNull(expression, "expression"),
                Objects.requireNonNull(rule, "rule"));
    }

    /**
     * Parses and checks an expression, to look into what it is made of. Has the time and the limits
     * of one evaluation, on this thread, whatever is asked of the result.
     *
     * @throws TransformCompilationException as {@link #compile} does
     */
    public CheckedExpression check(String expression, ResultRule rule)
            throws TransformCompilationException {
        return environment.check(
                Objects.requireNonNull(expression, "expression"),
                Objects.requireNonNull(rule, "rule"));
    }

    /**
     * Parses and checks an expression whose parts are looked at and not evaluated, as it is made
     * into something else. Takes a fraction of the time of {@link #check}.
     *
     * @throws TransformCompilationException if it is not valid CEL, uses something that does not
     *     exist, or is of a type that the rule refuses
     */
    public CheckedExpression read(String expression, ResultRule rule)
            throws TransformCompilationException {
        return environment.read(
                Objects.requireNonNull(expression, "expression"),
                Objects.requireNonNull(rule, "rule"));
    }

    /**
     * Says what in an expression is probably not meant; for one that does not compile, hints about
     * what to write instead. In the order of the source.
     */
    public List<Issue> warnings(String expression) {
        return environment.warnings(expression, false);
    }

    /** The limits of the expressions that it compiles. */
    public TransformLimits limits() {
        return environment.limits();
    }
}
