package io.ponix.intake;

import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.budget.WorkMeter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tries intake expressions on messages, for the people who write them: the same evaluation as in a
 * bridge, with whatever is worth knowing about it.
 *
 * <p>Immutable and safe for use by several threads at once.
 */
public final class IntakeTrial {
    private final IntakeCompiler compiler;

    /** Tries with the limits of the given compiler. */
    public IntakeTrial(IntakeCompiler compiler) {
        this.compiler = compiler;
    }

    /** How far a trial came. */
    public enum Stage {
        /** The expression cannot be used at all. */
        COMPILE,
        /** The expression raised an error on this message, or the evaluation went over a limit. */
        EVALUATE,
        /** What the expression gave is no uplink. */
        OUTPUT
    }

    /**
     * Why there are no uplinks.
     *
     * @param message all of it, for a person: with source lines and carets as far as the places are
     *     known
     * @param issues the same in parts; empty where no place in the expression is known
     * @param path of the offending value in the result, if it is the result that is wrong
     */
    public record Failure(Stage stage, String message, List<Issue> issues, Optional<String> path) {}

    /**
     * What a trial found.
     *
     * @param uplinks empty after a failure, and for what is no reading
     * @param warnings what is probably not meant, and hints about what does not compile
     * @param functionWork how much was used of the limit; 0 if nothing was evaluated
     */
    public record Result(
            List<Uplink> uplinks,
            Optional<Failure> failure,
            List<Issue> warnings,
            long functionWork) {}

    /** Tries an expression. Whatever is wrong with it is in the result. */
    public Result run(String expression, IntakeMessage message) {
        List<Issue> warnings = compiler.warnings(expression);
        IntakeExpression compiled;
        try {
            compiled = compiler.compile(expression);
        } catch (TransformCompilationException e) {
            return new Result(
                    List.of(),
                    Optional.of(
                            new Failure(
                                    Stage.COMPILE, e.getMessage(), e.issues(), Optional.empty())),
                    warnings,
                    0);
        }
        try {
            List<Uplink> uplinks = compiled.evaluate(message);
            long functionWork = WorkMeter.used();
            return new Result(
                    uplinks,
                    Optional.empty(),
                    uplinks.isEmpty() ? withNeverAnUplink(warnings, expression) : warnings,
                    functionWork);
        } catch (IntakeException e) {
            return new Result(List.of(), Optional.of(failure(e)), warnings, WorkMeter.used());
        }
    }

    /** It is refused when it is saved; here it looks as if only this message were no reading. */
    private List<Issue> withNeverAnUplink(List<Issue> warnings, String expression) {
        try {
            return Stream.concat(
                            warnings.stream(),
                            compiler.neverAnUplink(expression).stream()
                                    .flatMap(refusal -> refusal.issues().stream()))
                    .toList();
        } catch (TransformCompilationException e) {
            return warnings; // it has compiled a moment ago
        }
    }

    private static Failure failure(IntakeException e) {
        return new Failure(
                e.path().isPresent() ? Stage.OUTPUT : Stage.EVALUATE,
                e.explain(),
                e.issue().stream().toList(),
                e.path());
    }
}
