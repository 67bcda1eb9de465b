package io.ponix.transforms;

import io.ponix.transforms.ContractCompilationException.Problem;
import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.schema.InvalidJsonSchemaException;
import io.ponix.transforms.schema.JsonSchema;
import java.util.ArrayList;
import java.util.List;

/** Compiles contracts and gathers what is wrong with them; for one use. */
final class ContractCompilation {
    private final TransformEnvironment environment;
    private final List<Problem> problems = new ArrayList<>();

    ContractCompilation(TransformEnvironment environment) {
        this.environment = environment;
    }

    PayloadContracts compile(List<PayloadContract> contracts) throws ContractCompilationException {
        List<PayloadContracts.Compiled> compiled = new ArrayList<>(contracts.size());
        for (int i = 0; i < contracts.size(); i++) {
            PayloadContract contract = contracts.get(i);
            compiled.add(
                    new PayloadContracts.Compiled(
                            match(i, contract.matchExpression()),
                            transform(i, contract.transformExpression()),
                            schema(i, contract.jsonSchema())));
        }
        if (!problems.isEmpty()) {
            throw new ContractCompilationException(problems);
        }
        PayloadContracts all = new PayloadContracts(compiled, environment.limits());
        if (all.usesPrevious()) {
            requireThatTheyCanGoWithEachEnvelope(contracts);
        }
        return all;
    }

    private void requireThatTheyCanGoWithEachEnvelope(List<PayloadContract> contracts)
            throws ContractCompilationException {
        long characters = environment.descriptorBytes();
        for (PayloadContract contract : contracts) {
            characters +=
                    contract.matchExpression().length()
                            + contract.transformExpression().length()
                            + contract.jsonSchema().length();
        }
        if (characters > PreviousResult.MAX_TEXT) {
            String message =
                    "expressions that use "
                            + PreviousResult.VARIABLE
                            + " go with each envelope to where the device's last result is: with the"
                            + " schemas and descriptors they have at most "
                            + PreviousResult.MAX_TEXT
                            + " characters, not "
                            + characters;
            throw new ContractCompilationException(
                    List.of(new Problem(0, Part.TRANSFORM_EXPRESSION, message, List.of())));
        }
    }

    private Condition match(int contract, String expression) {
        try {
            return environment.compileCondition(
                    expression.isBlank() ? PayloadContract.MATCH_ALL : expression);
        } catch (TransformCompilationException e) {
            problems.add(problem(contract, Part.MATCH_EXPRESSION, e));
            return null;
        }
    }

    private Transform transform(int contract, String expression) {
        try {
            return environment.compile(expression);
        } catch (TransformCompilationException e) {
            problems.add(problem(contract, Part.TRANSFORM_EXPRESSION, e));
            return null;
        }
    }

    private JsonSchema schema(int contract, String text) {
        if (JsonSchema.acceptsAll(text)) {
            return null;
        }
        try {
            return JsonSchema.parse(text);
        } catch (InvalidJsonSchemaException e) {
            problems.add(new Problem(contract, Part.JSON_SCHEMA, e.getMessage(), List.of()));
            return null;
        }
    }

    private static Problem problem(int contract, Part part, TransformCompilationException e) {
        return new Problem(contract, part, e.getMessage(), e.issues());
    }
}
