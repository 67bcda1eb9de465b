package io.ponix.transforms;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerLibrary;
import dev.cel.extensions.CelExtensions;
import dev.cel.optimizer.CelOptimizationException;
import dev.cel.optimizer.CelOptimizer;
import dev.cel.optimizer.CelOptimizerFactory;
import dev.cel.optimizer.optimizers.SubexpressionOptimizer;
import dev.cel.optimizer.optimizers.SubexpressionOptimizer.SubexpressionOptimizerOptions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.planner.PlannedProgram;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.functions.FunctionLibrary;
import io.ponix.transforms.functions.MessageDescriptors;
import io.ponix.transforms.functions.ProtobufFunctions;
import io.ponix.transforms.runtime.ProgramPlanning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The language of expressions: variables, functions, macros and limits. */
final class TransformEnvironment {
    static final String INPUT = "input";
    static final String F_PORT = "f_port";
    static final String ATTRIBUTES = "attributes";
    static final String OCCURRED_AT = "occurred_at";
    static final String DEVICE = "device";

    /** What a transform sees, by name. */
    static final Map<String, CelType> TRANSFORM_VARIABLES =
            Map.of(
                    INPUT,
                    SimpleType.BYTES,
                    F_PORT,
                    SimpleType.INT,
                    ATTRIBUTES,
                    MapType.create(SimpleType.STRING, SimpleType.STRING),
                    OCCURRED_AT,
                    SimpleType.TIMESTAMP,
                    DEVICE,
                    MapType.create(SimpleType.STRING, SimpleType.STRING),
                    PreviousResult.VARIABLE,
                    MapType.create(SimpleType.STRING, SimpleType.DYN));

    /** In code points; the longest published decoder that is known here takes 3,000. */
    static final int MAX_EXPRESSION_LENGTH = 32_768;

    /** In instructions of the compiled regular expression, which bound its time per character. */
    private static final int MAX_REGEX_PROGRAM_SIZE = 1_000;

    /** Checks expressions. Its runtime is not used, see the runtime package. */
    private final Cel cel;

    private final CelOptimizer optimizer;
    private final CelOptions options;
    private final List<CelRuntimeLibrary> libraries;
    private final ProgramPlanning planning;
    private final MessageDescriptors descriptors;
    private final TransformLimits limits;
    private final Map<String, CelType> variables;
    private final JsonWriter writer;

    /** The language of transforms. */
    TransformEnvironment(TransformLimits limits) {
        this(limits, TRANSFORM_VARIABLES, FunctionLibrary.all());
    }

    /** The same language over other variables, for what makes no rows. */
    TransformEnvironment(TransformLimits limits, Map<String, CelType> variables) {
        this(limits, variables, FunctionLibrary.withoutWarnings());
    }

    private TransformEnvironment(
            TransformLimits limits,
            Map<String, CelType> variables,
            List<FunctionLibrary> functions) {
        this.limits = limits;
        this.variables = Map.copyOf(variables);
        descriptors = MessageDescriptors.NONE;
        options =
                CelOptions.current()
                        .enableHeterogeneousNumericComparisons(true)
                        .maxExpressionCodePointSize(MAX_EXPRESSION_LENGTH)
                        .maxRegexProgramSize(MAX_REGEX_PROGRAM_SIZE)
                        .comprehensionMaxIterations(limits.comprehensionIterations())
                        .build();
        libraries = libraries(options, functions);
        CelBuilder language =
                CelFactory.plannerCelBuilder()
                        .setOptions(options)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addCompilerLibraries(CelExtensions.bindings())
                        .addCompilerLibraries(
                                libraries.stream().map(CelCompilerLibrary.class::cast).toList());
        this.variables.forEach(language::addVar);
        cel = language.build();
        optimizer =
                CelOptimizerFactory.standardCelOptimizerBuilder(cel)
                        .addAstOptimizers(
                                SubexpressionOptimizer.newInstance(
                                        SubexpressionOptimizerOptions.newBuilder()
                                                // Only CEL's own functions are taken to be pure
                                                // unless named here.
                                                .addEliminableFunctions(
                                                        functions.stream()
                                                                .map(FunctionLibrary::names)
                                                                .flatMap(List::stream)
                                                                .toList())
                                                .build()))
                        .build();
        planning = new ProgramPlanning(options, libraries);
        writer = new JsonWriter(limits.outputBytes(), limits.outputDepth(), limits.outputRows());
    }

    /** The same language, whose programs know these messages, too. */
    private TransformEnvironment(TransformEnvironment other, MessageDescriptors descriptors) {
        this.cel = other.cel;
        this.optimizer = other.optimizer;
        this.options = other.options;
        this.limits = other.limits;
        this.variables = other.variables;
        this.writer = other.writer;
        this.descriptors = descriptors;
        // Of two functions of one name the planning takes the first.
        libraries = new ArrayList<>();
        libraries.add(new ProtobufFunctions(descriptors));
        libraries.addAll(other.libraries);
        planning = new ProgramPlanning(options, libraries);
    }

    /** The same language, in which these messages can be named and no others. */
    /** How many bytes the descriptors of messages were read from. */
    int descriptorBytes() {
        return descriptors.sourceBytes();
    }

    TransformEnvironment withDescriptors(MessageDescriptors named) {
        return named == descriptors ? this : new TransformEnvironment(this, named);
    }

    /** All that are both declared and run; those of macros alone are not among them. */
    private static List<CelRuntimeLibrary> libraries(
            CelOptions options, List<FunctionLibrary> functions) {
        List<CelRuntimeLibrary> libraries =
                new ArrayList<>(
                        List.of(
                                CelExtensions.optional(),
                                CelExtensions.comprehensions(),
                                CelExtensions.strings(),
                                CelExtensions.math(),
                                CelExtensions.lists(),
                                CelExtensions.sets(options),
                                CelExtensions.encoders(options),
                                CelExtensions.regex()));
        libraries.addAll(functions);
        return libraries;
    }

    TransformLimits limits() {
        return limits;
    }

    Transform compile(String expression) throws TransformCompilationException {
        Compiled compiled = compile(expression, TransformEnvironment::rowsRefusal);
        return new Transform(compiled.program, writer, compiled.usesPrevious);
    }

    Expression compileExpression(String expression, ResultRule rule)
            throws TransformCompilationException {
        return new Expression(compile(expression, rule).program);
    }

    Condition compileCondition(String expression) throws TransformCompilationException {
        Compiled compiled = compile(expression, TransformEnvironment::booleanRefusal);
        return new Condition(
                compiled.program, isTrue(compiled.checked.getExpr()), compiled.usesPrevious);
    }

    /** An expression to look into; its parts have one budget, which begins on this thread. */
    CheckedExpression check(String expression, ResultRule rule)
            throws TransformCompilationException {
        CelAbstractSyntaxTree checked = compile(expression, rule).checked;
        WorkMeter.start(limits.functionWork(), limits.maxDuration());
        return new CheckedExpression(expression, checked, planning, limits);
    }

    /** The same of one that is not planned, whose parts are not evaluated. */
    CheckedExpression read(String expression, ResultRule rule)
            throws TransformCompilationException {
        return new CheckedExpression(expression, typed(expression, rule).checked, planning, limits);
    }

    private record Compiled(
            CelAbstractSyntaxTree checked, TransformProgram program, boolean usesPrevious) {}

    private Compiled compile(String expression, ResultRule rule)
            throws TransformCompilationException {
        Typed typed = typed(expression, rule);
        try {
            return new Compiled(
                    typed.checked,
                    plan(expression, typed.checked, typed.shape),
                    typed.shape.usesPrevious());
        } catch (CelEvaluationException | RuntimeException e) {
            // The planner refuses by way of unchecked exceptions too.
            throw refused(expression, e.getMessage());
        } catch (StackOverflowError e) {
            throw tooDeep(expression);
        }
    }

    private record Typed(CelAbstractSyntaxTree checked, ExpressionShape shape) {}

    private Typed typed(String expression, ResultRule rule) throws TransformCompilationException {
        try {
            CelValidationResult result = cel.parse(expression);
            ExpressionShape shape = null;
            if (!result.hasError()) {
                shape = ExpressionShape.of(result.getAst().getExpr());
                if (shape.refusal().isPresent()) {
                    throw refused(expression, shape.refusal().get());
                }
                List<Issue> repeatedKeys = RepeatedKeys.of(result.getAst());
                if (!repeatedKeys.isEmpty()) {
                    throw new TransformCompilationException(expression, repeatedKeys);
                }
                List<Issue> mistakenMacros = MacroForms.mistaken(result.getAst());
                if (!mistakenMacros.isEmpty()) {
                    throw new TransformCompilationException(expression, mistakenMacros);
                }
                List<Issue> unknownMessages = MessageNames.unknown(result.getAst(), descriptors);
                if (!unknownMessages.isEmpty()) {
                    throw new TransformCompilationException(expression, unknownMessages);
                }
                result = cel.check(result.getAst());
            }
            if (result.hasError()) {
                throw new TransformCompilationException(
                        expression,
                        SyntaxMessages.of(
                                expression,
                                result.getErrors().stream()
                                        .map(TransformEnvironment::issue)
                                        .toList()));
            }
            CelAbstractSyntaxTree checked = result.getAst();
            Optional<String> refusal = rule.refusal(checked.getResultType());
            if (refusal.isPresent()) {
                throw refused(expression, refusal.get());
            }
            return new Typed(checked, shape);
        } catch (CelValidationException | RuntimeException e) {
            throw refused(expression, e.getMessage());
        } catch (StackOverflowError e) {
            throw tooDeep(expression);
        }
    }

    List<Issue> warnings(String expression, boolean isTransform) {
        try {
            CelValidationResult result = cel.parse(expression);
            if (!result.hasError()) {
                if (ExpressionShape.of(result.getAst().getExpr()).refusal().isPresent()) {
                    // Compiling it reports that.
                    return List.of();
                }
                result = cel.check(result.getAst());
            }
            return result.hasError()
                    ? CompilationHints.of(
                            result.getErrors().stream().map(TransformEnvironment::issue).toList(),
                            variables.keySet())
                    : ExpressionWarnings.of(result.getAst(), isTransform);
        } catch (CelValidationException | RuntimeException | StackOverflowError e) {
            // Compiling it reports that.
            return List.of();
        }
    }

    private TransformProgram plan(
            String expression, CelAbstractSyntaxTree checked, ExpressionShape shape)
            throws CelEvaluationException {
        PlannedProgram original = (PlannedProgram) planning.plan(checked);
        if (!shape.isQuicklyOptimized()) {
            return new TransformProgram(expression, original, original, limits);
        }
        PlannedProgram optimized = original;
        try {
            CelAbstractSyntaxTree rewritten = optimizer.optimize(checked);
            if (!rewritten.getExpr().equals(checked.getExpr())) {
                optimized = (PlannedProgram) planning.plan(rewritten);
            }
        } catch (CelOptimizationException e) {
            // The optimizer gives up on shapes that it cannot rewrite; the expression means the
            // same without it.
            optimized = original;
        }
        return new TransformProgram(expression, optimized, original, limits);
    }

    private static Optional<String> rowsRefusal(CelType type) {
        return type.kind() == CelKind.LIST
                ? objectRefusal(
                        ((ListType) type).elemType(),
                        "a list of rows holds JSON objects, for instance [{\"value\": ...}]; this"
                                + " expression gives ",
                        type)
                : objectRefusal(
                        type,
                        "a transform gives a JSON object, for instance {\"value\": ...}, or a list"
                                + " of objects; this expression gives ",
                        type);
    }

    private static Optional<String> objectRefusal(CelType type, String refusal, CelType whole) {
        CelKind kind = type.kind();
        if (kind == CelKind.MAP) {
            CelKind keys = ((MapType) type).keyType().kind();
            return keys == CelKind.STRING || keys == CelKind.DYN || keys == CelKind.TYPE_PARAM
                    ? Optional.empty()
                    : Optional.of(
                            "a transform gives a JSON object, whose keys are strings; this"
                                    + " expression gives "
                                    + whole.name()
                                    + " with keys of type "
                                    + ((MapType) type).keyType().name());
        }
        return kind == CelKind.DYN || kind == CelKind.ANY || kind == CelKind.TYPE_PARAM
                ? Optional.empty()
                : Optional.of(refusal + description(whole));
    }

    /** cel-java's own names leave out what lists are of. */
    private static String description(CelType type) {
        return type.kind() == CelKind.LIST
                ? "list(" + description(((ListType) type).elemType()) + ")"
                : type.name();
    }

    private static Optional<String> booleanRefusal(CelType type) {
        CelKind kind = type.kind();
        return kind == CelKind.BOOL || kind == CelKind.DYN || kind == CelKind.ANY
                ? Optional.empty()
                : Optional.of(
                        "a match expression gives true or false; this expression gives "
                                + type.name());
    }

    private static boolean isTrue(CelExpr expression) {
        return expression.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && expression.constant().getKind() == CelConstant.Kind.BOOLEAN_VALUE
                && expression.constant().booleanValue();
    }

    private static TransformCompilationException tooDeep(String expression) {
        return refused(expression, "the expression is nested too deeply");
    }

    private static TransformCompilationException refused(String expression, String message) {
        return new TransformCompilationException(expression, List.of(new Issue(1, 1, message)));
    }

    private static Issue issue(CelIssue issue) {
        int line = Math.max(issue.getSourceLocation().getLine(), 1);
        int column = Math.max(issue.getSourceLocation().getColumn(), 0) + 1;
        // A syntax error comes as a pattern for String.format.
        return new Issue(line, column, issue.getMessage().replace("%%", "%"));
    }
}
