package io.ponix.transforms.functions;

import com.google.common.collect.ImmutableList;
import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import dev.cel.parser.CelParserBuilder;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Loops whose rounds hand a value on to the next.
 *
 * <table>
 * <caption>Macros</caption>
 * <tr><td>{@code list.fold(element, accumulator, initial, step)}</td><td>the accumulator after the
 *     last element: it begins as {@code initial}, and each element makes it {@code step}. The names
 *     come in the order of CEL's comprehension, which this is</td></tr>
 * <tr><td>{@code map.fold(key, value, accumulator, initial, step)}</td><td>the same over the entries
 *     of a map, or over index and element of a list</td></tr>
 * <tr><td>{@code unfold(state, initial, step)}</td><td>the list of the values that the steps give:
 *     {@code step} is {@code optional.of([value, next state])}, or {@code optional.none()} where the
 *     list ends. See {@link Unfolding}</td></tr>
 * </table>
 *
 * <p>Each round counts as an iteration, as those of {@code map} do.
 *
 * <p>The checker has to know the types of a value and of a state, which may differ, as those of the
 * elements of a list literal may not. Therefore what a step says is found in it where it is
 * compiled, behind {@code ? :} and whatever binds a name, and becomes {@code @unfold_step(value,
 * next state)}.
 */
public final class FoldFunctions implements FunctionLibrary {
    private static final String FOLD = "fold";
    private static final String UNFOLD = "unfold";

    // What unfold stands for; names that no expression can write.
    static final String ROUNDS = "@unfold_rounds";
    private static final String BEGIN = "@unfold_begin";
    private static final String GOES_ON = "@unfold_goes_on";
    private static final String STATE = "@unfold_state";
    private static final String STEP = "@unfold_step";
    private static final String NEXT = "@unfold_next";
    private static final String VALUES = "@unfold_values";

    private static final String ROUND_VARIABLE = "@unfold_round";
    private static final String UNFOLDING_VARIABLE = "@unfolding";

    private static final TypeParamType OF_STATE = TypeParamType.create("S");
    private static final TypeParamType OF_VALUE = TypeParamType.create("V");
    private static final CelType UNFOLDING = OpaqueType.create("unfold", OF_STATE, OF_VALUE);
    private static final CelType ONE_STEP = OpaqueType.create("step", OF_VALUE, OF_STATE);

    private static final String CONDITIONAL = "_?_:_";

    @Override
    public List<String> names() {
        return List.of(ROUNDS, BEGIN, GOES_ON, STATE, STEP, NEXT, VALUES);
    }

    /** All constant: a round is paid for as that of any loop, and the list where it is made. */
    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(
                ROUNDS, FunctionCost.CONSTANT,
                BEGIN, FunctionCost.CONSTANT,
                GOES_ON, FunctionCost.CONSTANT,
                STATE, FunctionCost.CONSTANT,
                STEP, FunctionCost.CONSTANT,
                NEXT, FunctionCost.CONSTANT,
                VALUES, FunctionCost.CONSTANT);
    }

    @Override
    public void setParserOptions(CelParserBuilder parser) {
        parser.addMacros(
                CelMacro.newReceiverMacro(FOLD, 4, FoldFunctions::fold),
                CelMacro.newReceiverMacro(FOLD, 5, FoldFunctions::fold),
                CelMacro.newGlobalMacro(UNFOLD, 3, FoldFunctions::unfold));
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        checker.addFunctionDeclarations(
                declaration(ROUNDS, ListType.create(SimpleType.INT)),
                declaration(BEGIN, UNFOLDING, OF_STATE),
                declaration(GOES_ON, SimpleType.BOOL, UNFOLDING),
                declaration(STATE, OF_STATE, UNFOLDING),
                declaration(STEP, OptionalType.create(ONE_STEP), OF_VALUE, OF_STATE),
                declaration(NEXT, UNFOLDING, UNFOLDING, OptionalType.create(ONE_STEP)),
                declaration(VALUES, ListType.create(OF_VALUE), UNFOLDING));
    }

    private static CelFunctionDecl declaration(
            String function, CelType result, CelType... parameters) {
        return CelFunctionDecl.newFunctionDeclaration(
                function, CelOverloadDecl.newGlobalOverload(function, result, List.of(parameters)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        add(runtime, CelFunctionBinding.from(ROUNDS, List.of(), none -> Unfolding.ROUNDS));
        add(runtime, CelFunctionBinding.from(BEGIN, Object.class, Unfolding::begin));
        add(runtime, CelFunctionBinding.from(GOES_ON, Unfolding.class, Unfolding::goesOn));
        add(runtime, CelFunctionBinding.from(STATE, Unfolding.class, Unfolding::state));
        add(
                runtime,
                CelFunctionBinding.from(
                        STEP,
                        Object.class,
                        Object.class,
                        (value, next) -> Optional.of(new Unfolding.Step(value, next))));
        add(
                runtime,
                CelFunctionBinding.from(
                        NEXT,
                        Unfolding.class,
                        Optional.class,
                        (unfolding, step) -> unfolding.next((Optional<?>) step)));
        add(runtime, CelFunctionBinding.from(VALUES, Unfolding.class, Unfolding::values));
    }

    private static void add(CelRuntimeBuilder runtime, CelFunctionBinding binding) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(binding.getOverloadId(), binding));
    }

    private static Optional<CelExpr> fold(
            CelMacroExprFactory expressions, CelExpr target, ImmutableList<CelExpr> arguments) {
        int names = arguments.size() - 2;
        Optional<CelExpr> refusal =
                MacroNames.refusal(expressions, FOLD, arguments.subList(0, names));
        if (refusal.isPresent()) {
            return refusal;
        }
        String first = arguments.get(0).ident().name();
        String accumulator = arguments.get(names - 1).ident().name();
        CelExpr initial = arguments.get(names);
        CelExpr always = expressions.newBoolLiteral(true);
        CelExpr step = arguments.get(names + 1);
        CelExpr result = expressions.newIdentifier(accumulator);
        return Optional.of(
                names == 2
                        ? expressions.fold(
                                first, target, accumulator, initial, always, step, result)
                        : expressions.fold(
                                first,
                                arguments.get(1).ident().name(),
                                target,
                                accumulator,
                                initial,
                                always,
                                step,
                                result));
    }

    private static Optional<CelExpr> unfold(
            CelMacroExprFactory expressions, CelExpr target, ImmutableList<CelExpr> arguments) {
        Optional<CelExpr> refusal =
                MacroNames.refusal(expressions, UNFOLD, arguments.subList(0, 1));
        if (refusal.isPresent()) {
            return refusal;
        }
        CelExpr next =
                expressions.newGlobalCall(
                        NEXT,
                        expressions.newIdentifier(UNFOLDING_VARIABLE),
                        typedStep(expressions, arguments.get(2)));
        return Optional.of(
                expressions.fold(
                        ROUND_VARIABLE,
                        expressions.newGlobalCall(ROUNDS),
                        UNFOLDING_VARIABLE,
                        expressions.newGlobalCall(BEGIN, arguments.get(1)),
                        ofUnfolding(expressions, GOES_ON),
                        MacroNames.bind(
                                expressions,
                                arguments.get(0).ident().name(),
                                ofUnfolding(expressions, STATE),
                                next),
                        ofUnfolding(expressions, VALUES)));
    }

    private static CelExpr ofUnfolding(CelMacroExprFactory expressions, String function) {
        return expressions.newGlobalCall(function, expressions.newIdentifier(UNFOLDING_VARIABLE));
    }

    /** A step with {@code @unfold_step} wherever it says {@code optional.of([value, next])}. */
    private static CelExpr typedStep(CelMacroExprFactory expressions, CelExpr step) {
        if (isCall(step, CONDITIONAL, 3)) {
            return conditional(
                    step,
                    typedStep(expressions, step.call().args().get(1)),
                    typedStep(expressions, step.call().args().get(2)));
        } else if (MacroNames.isBinding(step)) {
            return binding(step, typedStep(expressions, step.comprehension().result()));
        } else if (isOptionalCall(step, "none", 0) || isRefusal(step)) {
            return step;
        } else if (isOptionalCall(step, "of", 1)) {
            return typedPair(expressions, step.call().args().get(0));
        }
        return refused(expressions, step);
    }

    /** What is inside of {@code optional.of}; {@code optMap} puts a binding there. */
    private static CelExpr typedPair(CelMacroExprFactory expressions, CelExpr pair) {
        if (isCall(pair, CONDITIONAL, 3)) {
            return conditional(
                    pair,
                    typedPair(expressions, pair.call().args().get(1)),
                    typedPair(expressions, pair.call().args().get(2)));
        } else if (MacroNames.isBinding(pair)) {
            return binding(pair, typedPair(expressions, pair.comprehension().result()));
        } else if (pair.getKind() == Kind.LIST
                && pair.list().elements().size() == 2
                && pair.list().optionalIndices().isEmpty()) {
            return pair.toBuilder()
                    .setCall(
                            CelCall.newBuilder()
                                    .setFunction(STEP)
                                    .addArgs(pair.list().elements())
                                    .build())
                    .build();
        }
        return isRefusal(pair) ? pair : refused(expressions, pair);
    }

    /** A record may be one that the decoder refuses. */
    private static boolean isRefusal(CelExpr expression) {
        return isCall(expression, RefusalFunctions.ERROR, 1);
    }

    private static CelExpr conditional(CelExpr original, CelExpr first, CelExpr second) {
        List<CelExpr> arguments = new ArrayList<>(original.call().args());
        arguments.set(1, first);
        arguments.set(2, second);
        return original.toBuilder()
                .setCall(original.call().toBuilder().clearArgs().addArgs(arguments).build())
                .build();
    }

    private static CelExpr binding(CelExpr original, CelExpr result) {
        CelComprehension bound = original.comprehension().toBuilder().setResult(result).build();
        return original.toBuilder().setComprehension(bound).build();
    }

    private static boolean isCall(CelExpr expression, String function, int arguments) {
        return expression.getKind() == Kind.CALL
                && expression.call().function().equals(function)
                && expression.call().target().isEmpty()
                && expression.call().args().size() == arguments;
    }

    /** As people write it, {@code optional.of(x)}, or as macros do, a function of that name. */
    private static boolean isOptionalCall(CelExpr expression, String function, int arguments) {
        return isCall(expression, "optional." + function, arguments)
                || expression.getKind() == Kind.CALL
                        && expression.call().function().equals(function)
                        && expression.call().args().size() == arguments
                        && expression
                                .call()
                                .target()
                                .filter(target -> target.getKind() == Kind.IDENT)
                                .filter(target -> target.ident().name().equals("optional"))
                                .isPresent();
    }

    private static CelExpr refused(CelMacroExprFactory expressions, CelExpr part) {
        return expressions.reportError(
                CelIssue.formatError(
                        expressions.getSourceLocation(part),
                        "unfold: a step is optional.of([value, next state]) or optional.none(),"
                                + " chosen by ? : or made by optMap, behind cel.bind if need be"));
    }
}
