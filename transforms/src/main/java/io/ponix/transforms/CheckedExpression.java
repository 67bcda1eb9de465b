package io.ponix.transforms;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSource;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.exceptions.CelIterationLimitExceededException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.planner.PlannedProgram;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.runtime.ProgramPlanning;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An expression that compiles, with its parts, for who says more about it than its type does. To be
 * used by the thread that has made it, before that evaluates anything else: all evaluations of
 * parts share the budget of one.
 */
public final class CheckedExpression {
    private final String expression;
    private final CelAbstractSyntaxTree checked;
    private final ProgramPlanning planning;
    private final TransformLimits limits;

    CheckedExpression(
            String expression,
            CelAbstractSyntaxTree checked,
            ProgramPlanning planning,
            TransformLimits limits) {
        this.expression = expression;
        this.checked = checked;
        this.planning = planning;
        this.limits = limits;
    }

    /** The whole of it, macros expanded. */
    public CelExpr root() {
        return checked.getExpr();
    }

    /** The type of a part, {@code dyn} where it is not known. */
    public CelType type(CelExpr part) {
        return checked.getType(part.id()).orElse(SimpleType.DYN);
    }

    /**
     * Evaluates a part.
     *
     * @param variables the values of all names that the part does not define itself
     * @return its value, which is the same in every evaluation of the expression; empty if it goes
     *     over a limit or calls {@code error(text)}
     * @throws TransformException if it fails, in every evaluation
     */
    public Optional<Object> evaluate(CelExpr part, Map<String, Object> variables)
            throws TransformException {
        if (WorkMeter.isUsedUp()) {
            return Optional.empty();
        }
        try {
            PlannedProgram program =
                    (PlannedProgram)
                            planning.plan(
                                    CelAbstractSyntaxTree.newCheckedAst(
                                            part,
                                            checked.getSource(),
                                            checked.getReferenceMap(),
                                            checked.getTypeMap()));
            return Optional.of(
                    new TransformProgram(expression, program, program, limits)
                            .evaluate(variables::get));
        } catch (TransformException e) {
            boolean isOverLimit =
                    WorkMeter.isUsedUp()
                            || e.getCause() != null
                                    && e.getCause().getCause()
                                            instanceof CelIterationLimitExceededException;
            if (isOverLimit || e.kind() == TransformException.Kind.REFUSED) {
                // Who evaluates all of it may have other limits, and means the other.
                return Optional.empty();
            }
            throw e;
        } catch (CelEvaluationException
                | RuntimeException
                | StackOverflowError
                | OutOfMemoryError e) {
            return Optional.empty();
        }
    }

    /** Something to say about a part, with its place. */
    public Issue issue(CelExpr part, String message) {
        return issue(checked, part.id(), message);
    }

    /** What refuses the expression for these reasons, of which there is one at least. */
    public TransformCompilationException refused(List<Issue> issues) {
        return new TransformCompilationException(expression, issues);
    }

    static Issue issue(CelAbstractSyntaxTree checked, long part, String message) {
        CelSource source = checked.getSource();
        return Optional.ofNullable(source.getPositionsMap().get(part))
                .flatMap(source::getOffsetLocation)
                .map(at -> new Issue(at.getLine(), at.getColumn() + 1, message))
                .orElse(new Issue(1, 1, message));
    }
}
