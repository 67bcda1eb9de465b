package io.ponix.transforms.runtime;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableCall;
import dev.cel.common.ast.CelMutableExpr.CelMutableComprehension;
import dev.cel.common.ast.CelMutableExpr.CelMutableMap;
import dev.cel.common.ast.CelMutableExprConverter;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelFunctionBinding;
import io.ponix.transforms.budget.WorkMeter;
import java.util.List;
import java.util.Map;

/**
 * Puts a price on what an expression does between its functions. The planner counts how often loops
 * go round, but not what one round takes: an expression of 32,000 characters can make a list of
 * 15,000 elements in each of 10,000 rounds, or raise and swallow a million errors.
 *
 * <p>Where a round takes more than {@value #UNITS_NOT_WORTH_COUNTING} units, the condition of the
 * loop becomes {@code @round(units, condition)}. What {@code cel.bind} and {@code fold} begin with
 * and the runtime copies becomes {@code @copied(value)}. A key of a map literal whose type is not
 * known becomes {@code @key(value)}, because the planner's message about one that is no key holds
 * all of it.
 */
final class PricedEvaluation {
    private static final String ROUND = "@round";
    private static final String COPIED = "@copied";
    private static final String KEY = "@key";

    /** With the most iterations there are, together a few milliseconds. */
    private static final int UNITS_NOT_WORTH_COUNTING = 100;

    private static final int UNITS_PER_NODE = 2;
    private static final int UNITS_PER_CALL = 6;
    private static final int UNITS_PER_LOOP = 12;

    /** What an error takes, most of it for the stack trace, which grows with the nesting. */
    private static final int UNITS_PER_ERROR = 64;

    private static final int UNITS_PER_ERROR_AND_LEVEL = 4;

    private final CelAbstractSyntaxTree checked;
    private long nextId;

    private PricedEvaluation(CelAbstractSyntaxTree checked) {
        this.checked = checked;
        // Apart from the ids that the source has positions for.
        this.nextId = 1L << 40;
    }

    /** The same expression with its prices. */
    static CelAbstractSyntaxTree of(CelAbstractSyntaxTree checked) {
        PricedEvaluation pricing = new PricedEvaluation(checked);
        CelMutableExpr root = CelMutableExprConverter.fromCelExpr(checked.getExpr());
        pricing.price(root, 0, 0);
        return CelAbstractSyntaxTree.newCheckedAst(
                CelMutableExprConverter.fromMutableExpr(root),
                checked.getSource(),
                checked.getReferenceMap(),
                checked.getTypeMap());
    }

    /** The functions of the prices, named like their overloads; no expression can name them. */
    static List<CelFunctionBinding> bindings() {
        return List.of(
                CelFunctionBinding.from(
                        ROUND,
                        Long.class,
                        Boolean.class,
                        (units, condition) -> {
                            WorkMeter.current().charge(units);
                            return condition;
                        }),
                CelFunctionBinding.from(
                        COPIED,
                        Object.class,
                        value -> {
                            if (value instanceof Map) {
                                WorkMeter.current().chargeShallow(value);
                            }
                            return value;
                        }),
                CelFunctionBinding.from(KEY, Object.class, PricedEvaluation::key));
    }

    private static Object key(Object value) {
        if (value instanceof Double || !ValueEquality.canBeKey(value)) {
            throw new CelInvalidArgumentException(
                    "Unsupported key type: a key is a string, an int, a uint or a bool");
        }
        return value;
    }

    /**
     * Prices an expression.
     *
     * @param level how deep it is nested
     * @param scopes in how many loops and bindings it is
     * @return what one evaluation of it takes, without the rounds of its loops
     */
    private long price(CelMutableExpr expression, int level, int scopes) {
        return switch (expression.getKind()) {
            case IDENT -> UNITS_PER_NODE + scopes / 2;
            case SELECT ->
                    UNITS_PER_NODE
                            + UNITS_PER_NODE
                            + price(expression.select().operand(), level + 1, scopes);
            case CALL -> priceCall(expression.call(), level, scopes);
            case LIST -> {
                long units = UNITS_PER_NODE;
                for (CelMutableExpr element : expression.list().elements()) {
                    units += WorkMeter.UNITS_PER_ELEMENT + price(element, level + 1, scopes);
                }
                yield units;
            }
            case MAP -> {
                long units = UNITS_PER_NODE;
                for (CelMutableMap.Entry entry : expression.map().entries()) {
                    units +=
                            2 * WorkMeter.UNITS_PER_ELEMENT
                                    + price(entry.key(), level + 1, scopes)
                                    + price(entry.value(), level + 1, scopes);
                    if (!isKey(entry.key())) {
                        entry.setKey(call(KEY, entry.key()));
                    }
                }
                yield units;
            }
            case COMPREHENSION -> priceLoop(expression.comprehension(), level, scopes);
            default -> UNITS_PER_NODE;
        };
    }

    private long priceCall(CelMutableCall call, int level, int scopes) {
        boolean swallowsErrors = call.function().equals("_||_") || call.function().equals("_&&_");
        long units = UNITS_PER_CALL;
        if (call.target().isPresent()) {
            units += price(call.target().get(), level + 1, scopes);
        }
        for (CelMutableExpr argument : call.args()) {
            units += price(argument, level + 1, scopes);
            if (swallowsErrors && canFail(argument)) {
                units += UNITS_PER_ERROR + (long) UNITS_PER_ERROR_AND_LEVEL * level;
            }
        }
        return units;
    }

    private static boolean canFail(CelMutableExpr expression) {
        return expression.getKind() != Kind.IDENT && expression.getKind() != Kind.CONSTANT;
    }

    private long priceLoop(CelMutableComprehension loop, int level, int scopes) {
        long outside =
                UNITS_PER_LOOP
                        + price(loop.iterRange(), level + 1, scopes)
                        + price(loop.accuInit(), level + 1, scopes)
                        + price(loop.result(), level + 1, scopes + 1);
        if (isPerhapsMap(loop.accuInit())) {
            loop.setAccuInit(call(COPIED, loop.accuInit()));
        }
        if (isBinding(loop)) {
            return outside;
        }
        long round =
                price(loop.loopCondition(), level + 1, scopes + 1)
                        + price(loop.loopStep(), level + 1, scopes + 1);
        if (round > UNITS_NOT_WORTH_COUNTING) {
            CelMutableExpr units = CelMutableExpr.ofConstant(nextId++, CelConstant.ofValue(round));
            loop.setLoopCondition(call(ROUND, units, loop.loopCondition()));
        }
        return outside;
    }

    /** {@code cel.bind} is a loop over nothing. */
    private static boolean isBinding(CelMutableComprehension loop) {
        return loop.iterRange().getKind() == Kind.LIST
                && loop.iterRange().list().elements().isEmpty();
    }

    private boolean isPerhapsMap(CelMutableExpr expression) {
        if (expression.getKind() == Kind.CONSTANT || isEmptyMap(expression)) {
            return false;
        }
        CelType type = checked.getTypeMap().get(expression.id());
        return type == null
                || type.kind() == CelKind.MAP
                || type.kind() == CelKind.DYN
                || type.kind() == CelKind.ANY
                || type.kind() == CelKind.TYPE_PARAM;
    }

    /** What macros begin the maps with that they make. */
    private static boolean isEmptyMap(CelMutableExpr expression) {
        return expression.getKind() == Kind.MAP && expression.map().entries().isEmpty();
    }

    private boolean isKey(CelMutableExpr expression) {
        if (expression.getKind() == Kind.CONSTANT) {
            return true;
        }
        CelType type = checked.getTypeMap().get(expression.id());
        return type != null
                && (type.kind() == CelKind.STRING
                        || type.kind() == CelKind.INT
                        || type.kind() == CelKind.UINT
                        || type.kind() == CelKind.BOOL);
    }

    private CelMutableExpr call(String function, CelMutableExpr... arguments) {
        return CelMutableExpr.ofCall(nextId++, CelMutableCall.create(function, arguments));
    }
}
