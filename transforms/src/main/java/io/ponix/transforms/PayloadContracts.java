package io.ponix.transforms;

import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.functions.NotedWarnings;
import io.ponix.transforms.schema.JsonSchema;
import io.ponix.transforms.schema.SchemaViolation;
import java.util.List;

/**
 * Compiled contracts, in their order: the first that matches a payload decides what becomes of it.
 *
 * <p>Immutable and safe for use by several threads at once, each with its own {@link
 * TransformInput} and {@link JsonBuffer}.
 *
 * <p>Matches, transform and schema of one evaluation share one budget of {@link
 * TransformLimits#functionWork()}; {@link TransformLimits#comprehensionIterations()} holds for each
 * expression, of which there are at most {@value #MAX_CONTRACTS} and one. The JSON is parsed only
 * where the contract that matched has a schema.
 */
public final class PayloadContracts {

    /** What {@link #evaluate} returns where no contract applies. */
    public static final int NO_MATCH = -1;

    /** The most contracts that belong together. */
    public static final int MAX_CONTRACTS = 64;

    private final Compiled[] contracts;
    private final TransformLimits limits;
    private final boolean usesPrevious;

    /**
     * @param schema null where everything is accepted
     */
    record Compiled(Condition match, Transform transform, JsonSchema schema) {}

    PayloadContracts(List<Compiled> contracts, TransformLimits limits) {
        this.contracts = contracts.toArray(Compiled[]::new);
        this.limits = limits;
        this.usesPrevious =
                contracts.stream()
                        .anyMatch(
                                contract ->
                                        contract.match.usesPrevious()
                                                || contract.transform.usesPrevious());
    }

    /**
     * Whether an expression of any contract sees what the device's envelope before became: then
     * {@link TransformInput#setPrevious} makes a difference, and a result is to be kept.
     */
    public boolean usesPrevious() {
        return usesPrevious;
    }

    /** How many contracts there are. */
    public int size() {
        return contracts.length;
    }

    /**
     * Applies the first contract that matches, and appends its result to {@code out}: a JSON
     * object, or a list of JSON objects, which {@code out} has as rows, with the warnings of this
     * contract's expressions.
     *
     * @param out left as it was, and without rows, if no contract matches or one fails; only where
     *     a schema refuses a row, the rows are there
     * @return which contract matched, from 0, or {@link #NO_MATCH}
     * @throws ContractException whatever goes wrong: nothing a contract or a payload does raises
     *     anything else. A match expression that fails is not passed over, because the contracts
     *     after it were written for what it does not match
     */
    public int evaluate(TransformInput in, JsonBuffer out) throws ContractException {
        TransformProgram.startBudget(limits);
        out.beginResult(false);
        for (int i = 0; i < contracts.length; i++) {
            if (i > 0) {
                // The contract before was not meant for this payload, nor were its warnings.
                NotedWarnings.start();
            }
            if (matches(i, in)) {
                apply(i, in, out);
                return i;
            }
        }
        return NO_MATCH;
    }

    private boolean matches(int contract, TransformInput in) throws ContractException {
        try {
            return contracts[contract].match.testOnBudget(in);
        } catch (TransformException e) {
            throw ContractException.of(contract, Part.MATCH_EXPRESSION, e);
        }
    }

    private void apply(int contract, TransformInput in, JsonBuffer out) throws ContractException {
        try {
            contracts[contract].transform.evaluateOnBudget(in, out);
        } catch (TransformException e) {
            throw ContractException.of(contract, Part.TRANSFORM_EXPRESSION, e);
        }
        JsonSchema schema = contracts[contract].schema;
        if (schema != null) {
            check(contract, schema, out);
        }
        if (usesPrevious) {
            requireThatItIsKept(contract, out);
        }
    }

    private static void requireThatItIsKept(int contract, JsonBuffer out) throws ContractException {
        int bytes = out.result().length;
        if (bytes > PreviousResult.MAX_BYTES) {
            out.truncate(out.resultStart());
            throw ContractException.of(
                    contract,
                    Part.TRANSFORM_EXPRESSION,
                    new TransformException(
                            TransformException.Kind.EVALUATION_FAILED,
                            PreviousResult.tooLarge(bytes),
                            null));
        }
    }

    /** Up to the first row that is refused: what is wrong with one is often so with all. */
    private static void check(int contract, JsonSchema schema, JsonBuffer out)
            throws ContractException {
        for (int row = 0; row < out.rowCount(); row++) {
            List<SchemaViolation> violations = violations(contract, schema, out, row);
            if (!violations.isEmpty()) {
                out.setWarnings(List.of());
                throw ContractException.refused(contract, violations);
            }
        }
    }

    private static List<SchemaViolation> violations(
            int contract, JsonSchema schema, JsonBuffer out, int row) throws ContractException {
        int start = out.rowStart(row);
        try {
            List<SchemaViolation> violations =
                    schema.validate(out.array(), start, out.rowEnd(row) - start);
            return out.isList()
                    ? violations.stream().map(violation -> violation.inside(row)).toList()
                    : violations;
        } catch (RuntimeException e) {
            out.truncate(out.resultStart());
            throw ContractException.schemaFailed(contract, e);
        }
    }
}
