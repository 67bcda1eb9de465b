package io.ponix.transforms;

import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.schema.SchemaViolation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Tries transforms on payloads, for the people who write them: the same evaluation as in the
 * pipeline, with whatever is worth knowing about it.
 *
 * <p>Immutable and safe for use by several threads at once, each with its own input.
 */
public final class TransformTrial {
    private final TransformCompiler compiler;

    /** Tries with the limits of the given compiler. */
    public TransformTrial(TransformCompiler compiler) {
        this.compiler = Objects.requireNonNull(compiler, "compiler");
    }

    /** How far a trial came. */
    public enum Stage {
        /** An expression or schema cannot be used at all. */
        COMPILE,
        /**
         * An expression raised an error on this payload or refused it, or the evaluation went over
         * a limit.
         */
        EVALUATE,
        /** The transform gave neither an object nor a list of them, or what JSON cannot hold. */
        OUTPUT,
        /** The schema refuses what the transform gave. */
        SCHEMA
    }

    /**
     * Something to say about a place of an expression.
     *
     * @param contract which contract, from 0; 0 for a transform that is tried alone
     * @param part which expression of it
     * @param expression the text that the issue's line and column count in
     */
    public record Finding(int contract, Part part, String expression, Issue issue) {}

    /**
     * Why there is no JSON.
     *
     * @param message all of it, for a person: with the source lines and carets as far as the places
     *     are known
     * @param findings the same in parts, with their places; empty where no place is known
     * @param contract which contract failed, from 0; empty for a transform that is tried alone, and
     *     for contracts that cannot be used
     * @param path of the first offending value in the result, if it is the result that is wrong
     */
    public record Failure(
            Stage stage,
            String message,
            List<Finding> findings,
            OptionalInt contract,
            Optional<String> path) {}

    /**
     * What a trial found.
     *
     * @param json what the expression gave, an object or a list of objects, with the times that it
     *     gives rows; empty after a failure, but for one of the stage SCHEMA, and where no contract
     *     matches
     * @param rows the rows of it; none after a failure, where no contract matches, and of an empty
     *     list
     * @param contract which contract matched, from 0; empty where none does and after a failure
     * @param failure why there is no row
     * @param warnings what is probably not meant, what of the result is {@linkplain
     *     StoredForm#changes stored otherwise}, and hints about what does not compile
     * @param rowWarnings what the expression noted by {@code warning(text)} on this payload; none
     *     after a failure
     * @param usesPrevious whether an expression sees what the device's envelope before became, so
     *     that the result depends on {@link TransformInput#setPrevious}; false of what does not
     *     compile
     * @param functionWork how much of {@link TransformLimits#functionWork} was used; 0 if nothing
     *     was evaluated
     */
    public record Result(
            Optional<String> json,
            List<Row> rows,
            OptionalInt contract,
            Optional<Failure> failure,
            List<Finding> warnings,
            List<String> rowWarnings,
            boolean usesPrevious,
            long functionWork) {}

    /**
     * A row.
     *
     * @param json its JSON object, exactly as the pipeline would store it
     * @param occurredAt the time that the expression gives it; empty if it has the envelope's
     */
    public record Row(String json, Optional<Instant> occurredAt) {}

    /** Tries a device's own transform. Whatever is wrong with it is in the result. */
    public Result run(String expression, TransformInput input) {
        return run(List.of(PayloadContract.always(expression)), true, input);
    }

    /**
     * Tries contracts. Whatever is wrong with them is in the result.
     *
     * @throws IllegalArgumentException if there is no contract, or more than {@value
     *     PayloadContracts#MAX_CONTRACTS}
     */
    public Result run(List<PayloadContract> contracts, TransformInput input) {
        return run(contracts, false, input);
    }

    private Result run(List<PayloadContract> contracts, boolean alone, TransformInput input) {
        List<Finding> warnings = warnings(contracts);
        PayloadContracts compiled;
        try {
            compiled = compiler.compile(contracts);
        } catch (ContractCompilationException e) {
            return new Result(
                    Optional.empty(),
                    List.of(),
                    OptionalInt.empty(),
                    Optional.of(failure(contracts, alone, e)),
                    warnings,
                    List.of(),
                    false,
                    0);
        }
        JsonBuffer out = new JsonBuffer();
        int contract;
        try {
            contract = compiled.evaluate(input, out);
        } catch (ContractException e) {
            return new Result(
                    out.length() == 0 ? Optional.empty() : Optional.of(out.resultText()),
                    List.of(),
                    OptionalInt.empty(),
                    Optional.of(failure(contracts, alone, e)),
                    warnings,
                    List.of(),
                    compiled.usesPrevious(),
                    WorkMeter.used());
        }
        if (contract == PayloadContracts.NO_MATCH) {
            return new Result(
                    Optional.empty(),
                    List.of(),
                    OptionalInt.empty(),
                    Optional.empty(),
                    warnings,
                    List.of(),
                    compiled.usesPrevious(),
                    WorkMeter.used());
        }
        List<Row> rows = rows(out);
        String json = out.resultText();
        for (String change : StoredForm.changes(json)) {
            warnings.add(
                    finding(
                            contracts,
                            contract,
                            Part.TRANSFORM_EXPRESSION,
                            new Issue(1, 1, change)));
        }
        if (rows.stream().anyMatch(row -> row.json().equals("{}"))) {
            warnings.add(
                    finding(
                            contracts,
                            contract,
                            Part.TRANSFORM_EXPRESSION,
                            new Issue(
                                    1,
                                    1,
                                    out.isList()
                                            ? "a row of the result is an empty object"
                                            : "the result is an empty object")));
        }
        return new Result(
                Optional.of(json),
                rows,
                OptionalInt.of(contract),
                Optional.empty(),
                warnings,
                out.warnings(),
                compiled.usesPrevious(),
                WorkMeter.used());
    }

    private static List<Row> rows(JsonBuffer out) {
        List<Row> rows = new ArrayList<>(out.rowCount());
        for (int row = 0; row < out.rowCount(); row++) {
            rows.add(new Row(out.rowText(row), Optional.ofNullable(out.rowTime(row))));
        }
        return rows;
    }

    private List<Finding> warnings(List<PayloadContract> contracts) {
        List<Finding> warnings = new ArrayList<>();
        for (int i = 0; i < contracts.size(); i++) {
            PayloadContract contract = contracts.get(i);
            for (Issue issue : compiler.conditionWarnings(contract.matchExpression())) {
                warnings.add(finding(contracts, i, Part.MATCH_EXPRESSION, issue));
            }
            for (Issue issue : compiler.warnings(contract.transformExpression())) {
                warnings.add(finding(contracts, i, Part.TRANSFORM_EXPRESSION, issue));
            }
        }
        return warnings;
    }

    private static Failure failure(
            List<PayloadContract> contracts, boolean alone, ContractCompilationException e) {
        List<Finding> findings = new ArrayList<>();
        for (ContractCompilationException.Problem problem : e.problems()) {
            for (Issue issue : problem.issues()) {
                findings.add(finding(contracts, problem.contract(), problem.part(), issue));
            }
        }
        String message =
                alone
                        ? e.problems().stream()
                                .map(ContractCompilationException.Problem::message)
                                .collect(Collectors.joining("\n"))
                        : e.getMessage();
        return new Failure(Stage.COMPILE, message, findings, OptionalInt.empty(), Optional.empty());
    }

    private static Failure failure(
            List<PayloadContract> contracts, boolean alone, ContractException e) {
        Optional<TransformException> cause =
                e.getCause() instanceof TransformException failure
                        ? Optional.of(failure)
                        : Optional.empty();
        String expression = expression(contracts.get(e.contract()), e.part());
        String message = cause.map(failure -> failure.explain(expression)).orElseGet(e::getMessage);
        return new Failure(
                switch (e.kind()) {
                    case EVALUATION_FAILED, REFUSED -> Stage.EVALUATE;
                    case INVALID_OUTPUT -> Stage.OUTPUT;
                    case SCHEMA_VIOLATION -> Stage.SCHEMA;
                },
                alone
                        ? message
                        : "contract "
                                + (e.contract() + 1)
                                + ", "
                                + e.part().field()
                                + ":\n"
                                + message,
                cause.flatMap(TransformException::issue)
                        .map(issue -> finding(contracts, e.contract(), e.part(), issue))
                        .map(List::of)
                        .orElse(List.of()),
                alone ? OptionalInt.empty() : OptionalInt.of(e.contract()),
                cause.flatMap(TransformException::path)
                        .or(() -> e.violations().stream().map(SchemaViolation::path).findFirst()));
    }

    private static Finding finding(
            List<PayloadContract> contracts, int contract, Part part, Issue issue) {
        return new Finding(contract, part, expression(contracts.get(contract), part), issue);
    }

    private static String expression(PayloadContract contract, Part part) {
        return switch (part) {
            case MATCH_EXPRESSION -> contract.matchExpression();
            case TRANSFORM_EXPRESSION -> contract.transformExpression();
            case JSON_SCHEMA -> contract.jsonSchema();
        };
    }
}
