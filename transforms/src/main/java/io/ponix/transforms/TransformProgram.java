package io.ponix.transforms;

import dev.cel.common.exceptions.CelIterationLimitExceededException;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionResolver;
import dev.cel.runtime.CelResolvedOverload;
import dev.cel.runtime.GlobalResolver;
import dev.cel.runtime.planner.PlannedProgram;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformException.Kind;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.functions.NotedWarnings;
import io.ponix.transforms.functions.RefusedPayloadException;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The planned form of an expression, and what its errors mean to the person who wrote it. */
final class TransformProgram {
    private static final CelFunctionResolver NO_LATE_FUNCTIONS =
            new CelFunctionResolver() {
                @Override
                public Optional<CelResolvedOverload> findOverloadMatchingArgs(
                        String functionName, Collection<String> overloadIds, Object[] arguments) {
                    return Optional.empty();
                }

                @Override
                public Optional<CelResolvedOverload> findOverloadMatchingArgs(
                        String functionName, Object[] arguments) {
                    return Optional.empty();
                }
            };

    /** What the planner puts before its messages; the number counts code points. */
    private static final Pattern POSITION =
            Pattern.compile("evaluation error(?: at <input>:(\\d+))?: (.*)", Pattern.DOTALL);

    private static final String REFUSAL = RefusedPayloadException.class.getName() + ": ";

    private final String expression;
    private final PlannedProgram optimized;
    private final PlannedProgram original;
    private final TransformLimits limits;

    /**
     * @param optimized the program to run
     * @param original the same as it was written; asked only where an error happened, because the
     *     optimizer does not keep track of positions
     */
    TransformProgram(
            String expression,
            PlannedProgram optimized,
            PlannedProgram original,
            TransformLimits limits) {
        this.expression = expression;
        this.optimized = optimized;
        this.original = original;
        this.limits = limits;
    }

    /**
     * Gives this thread the budget for functions anew, and forgets the warnings of before. Must
     * precede an evaluation, but several programs that belong to one evaluation share a budget.
     */
    void startBudget() {
        startBudget(limits);
    }

    static void startBudget(TransformLimits limits) {
        WorkMeter.start(limits.functionWork(), limits.maxDuration());
        NotedWarnings.start();
    }

    Object evaluate(GlobalResolver variables) throws TransformException {
        try {
            return run(optimized, variables);
        } catch (CelEvaluationException e) {
            throw explain(e, variables);
        }
    }

    private Object run(PlannedProgram program, GlobalResolver variables)
            throws CelEvaluationException {
        return program.evalOrThrow(
                program.interpretable(), variables, NO_LATE_FUNCTIONS, null, null);
    }

    private TransformException explain(CelEvaluationException e, GlobalResolver variables) {
        Optional<String> refusal = refusal(e);
        if (refusal.isPresent()) {
            return TransformException.refused(refusal.get(), e);
        }
        if (e.getCause() instanceof CelIterationLimitExceededException) {
            return failed(
                    "the expression goes over comprehensionIterations, "
                            + limits.comprehensionIterations()
                            + " elements visited by macros: PONIX_TRANSFORM_MAX_ITERATIONS of the"
                            + " job and the device service",
                    e);
        }
        CelEvaluationException located = e;
        if (original != optimized && !WorkMeter.isUsedUp()) {
            // On what is left: an error must not cost more than an evaluation may.
            try {
                run(original, variables);
            } catch (CelEvaluationException sameError) {
                located = WorkMeter.isUsedUp() ? e : sameError;
            }
        }
        Matcher position = POSITION.matcher(String.valueOf(located.getMessage()));
        if (!position.matches()) {
            return failed(located.getMessage(), e);
        }
        String message = EvaluationMessages.of(e, position.group(2));
        boolean known = position.group(1) != null && (located != e || original == optimized);
        return known
                ? TransformException.at(issue(Integer.parseInt(position.group(1)), message), e)
                : failed(message, e);
    }

    /** What {@code error(text)} says, if it is that. */
    private static Optional<String> refusal(CelEvaluationException e) {
        Optional<RefusedPayloadException> refusal = RefusedPayloadException.in(e);
        if (refusal.isPresent()) {
            return refusal.map(RefusedPayloadException::getMessage);
        }
        // Of the error of a condition of ? : there is but the text.
        String message = String.valueOf(e.getMessage());
        int start = message.indexOf(REFUSAL);
        Matcher failedOperand = EvaluationMessages.FAILED_OPERAND.matcher(message);
        return start >= 0 && failedOperand.find()
                ? Optional.of(message.substring(start + REFUSAL.length(), failedOperand.end(1)))
                : Optional.empty();
    }

    private static TransformException failed(String message, CelEvaluationException cause) {
        return new TransformException(Kind.EVALUATION_FAILED, message, cause);
    }

    private Issue issue(int position, String message) {
        int line = 1;
        int column = 1;
        int[] codePoints = expression.codePoints().limit(position).toArray();
        for (int codePoint : codePoints) {
            column++;
            if (codePoint == '\n') {
                line++;
                column = 1;
            }
        }
        return new Issue(line, column, message);
    }
}
