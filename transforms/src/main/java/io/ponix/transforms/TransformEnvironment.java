package io.ponix.transforms;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.optimizer.CelOptimizationException;
import dev.cel.optimizer.CelOptimizer;
import dev.cel.optimizer.CelOptimizerFactory;
import dev.cel.optimizer.optimizers.SubexpressionOptimizer;
import dev.cel.optimizer.optimizers.SubexpressionOptimizer.SubexpressionOptimizerOptions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.functions.CayenneLppFunctions;
import java.util.List;

/** The language of a transform: its variables, functions, macros and limits. */
final class TransformEnvironment {
    static final String INPUT = "input";
    static final String F_PORT = "f_port";
    static final String ATTRIBUTES = "attributes";

    /** In code points; the longest published decoder that is known here takes 3,000. */
    static final int MAX_EXPRESSION_LENGTH = 32_768;

    private final Cel cel;
    private final CelOptimizer optimizer;
    private final JsonWriter writer;

    TransformEnvironment(TransformLimits limits) {
        CelOptions options =
                CelOptions.current()
                        .enableHeterogeneousNumericComparisons(true)
                        .maxExpressionCodePointSize(MAX_EXPRESSION_LENGTH)
                        .comprehensionMaxIterations(limits.comprehensionIterations())
                        .build();
        CayenneLppFunctions cayenneLpp = new CayenneLppFunctions();
        cel =
                CelFactory.plannerCelBuilder()
                        .setOptions(options)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addVar(INPUT, SimpleType.BYTES)
                        .addVar(F_PORT, SimpleType.INT)
                        .addVar(ATTRIBUTES, MapType.create(SimpleType.STRING, SimpleType.STRING))
                        .addCompilerLibraries(
                                CelExtensions.optional(),
                                CelExtensions.bindings(),
                                CelExtensions.comprehensions(),
                                CelExtensions.strings(),
                                CelExtensions.math(),
                                CelExtensions.lists(),
                                CelExtensions.sets(options),
                                CelExtensions.encoders(options),
                                cayenneLpp)
                        .addRuntimeLibraries(
                                CelExtensions.optional(),
                                CelExtensions.comprehensions(),
                                CelExtensions.strings(),
                                CelExtensions.math(),
                                CelExtensions.lists(),
                                CelExtensions.sets(options),
                                CelExtensions.encoders(options),
                                cayenneLpp)
                        .build();
        optimizer =
                CelOptimizerFactory.standardCelOptimizerBuilder(cel)
                        .addAstOptimizers(
                                SubexpressionOptimizer.newInstance(
                                        SubexpressionOptimizerOptions.newBuilder()
                                                // Only CEL's own functions are taken to be pure
                                                // unless named here.
                                                .addEliminableFunctions(CayenneLppFunctions.DECODE)
                                                .build()))
                        .build();
        writer = new JsonWriter(limits.outputBytes(), limits.outputDepth());
    }

    Transform compile(String expression) throws TransformCompilationException {
        try {
            CelValidationResult result = cel.compile(expression);
            if (result.hasError()) {
                throw new TransformCompilationException(
                        expression,
                        result.getErrors().stream().map(TransformEnvironment::issue).toList());
            }
            CelAbstractSyntaxTree checked = result.getAst();
            requireObject(expression, checked.getResultType());
            return new Transform(plan(checked), writer);
        } catch (CelValidationException | CelEvaluationException e) {
            throw refused(expression, e.getMessage());
        } catch (StackOverflowError e) {
            throw refused(expression, "the expression is nested too deeply");
        }
    }

    private CelRuntime.Program plan(CelAbstractSyntaxTree checked) throws CelEvaluationException {
        CelAbstractSyntaxTree optimized;
        try {
            optimized = optimizer.optimize(checked);
        } catch (CelOptimizationException e) {
            // The optimizer gives up on shapes that it cannot rewrite; the expression means the
            // same without it.
            optimized = checked;
        }
        return cel.createProgram(optimized);
    }

    private static void requireObject(String expression, CelType type)
            throws TransformCompilationException {
        CelKind kind = type.kind();
        if (kind == CelKind.MAP) {
            CelKind keys = ((MapType) type).keyType().kind();
            if (keys != CelKind.STRING && keys != CelKind.DYN && keys != CelKind.TYPE_PARAM) {
                throw refused(
                        expression,
                        "a transform gives a JSON object, whose keys are strings; this expression"
                                + " gives "
                                + type.name()
                                + " with keys of type "
                                + ((MapType) type).keyType().name());
            }
        } else if (kind != CelKind.DYN && kind != CelKind.ANY && kind != CelKind.TYPE_PARAM) {
            throw refused(
                    expression,
                    "a transform gives a JSON object, for instance {\"value\": ...}; this"
                            + " expression gives "
                            + type.name());
        }
    }

    private static TransformCompilationException refused(String expression, String message) {
        return new TransformCompilationException(expression, List.of(new Issue(1, 1, message)));
    }

    private static Issue issue(CelIssue issue) {
        int line = Math.max(issue.getSourceLocation().getLine(), 1);
        int column = Math.max(issue.getSourceLocation().getColumn(), 0) + 1;
        return new Issue(line, column, issue.getMessage());
    }
}
