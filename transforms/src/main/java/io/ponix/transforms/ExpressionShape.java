package io.ponix.transforms;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What of a parsed expression decides how long it takes to check and to optimize. The checker walks
 * types as trees: {@code cel.bind(v, {v: v}, …)} doubles a type, and forty of them are 1,000
 * characters that are never done.
 */
final class ExpressionShape {
    /** Maps in lists in maps, fifty levels deep, have a tenth of it. */
    private static final long LARGEST_TYPE = 1_000;

    /**
     * Of functions and operators, with those that macros stand for. The checker's time grows with
     * the square of those whose types depend on their arguments, up to a quarter of a second.
     */
    private static final int MOST_CALLS = 3_000;

    /**
     * What a loop weighs beside the calls in it: it brings two variables whose types are found out.
     */
    private static final int CALLS_PER_LOOP = 3;

    /** The optimizer takes time with the square of it; 4,000 nodes are some 20,000 characters. */
    private static final int MOST_NODES_TO_OPTIMIZE = 4_000;

    /** Functions, which macros stand for, whose results have the types of two arguments. */
    private static final Set<String> TYPES_OF_TWO = Set.of("cel.@mapInsert", "@unfold_step");

    /** Of a variable; the largest is map(string, string). */
    private static final long TYPE_OF_VARIABLE = 3;

    private final Map<String, Long> bound = new HashMap<>();
    private long largestType;
    private boolean usesPrevious;
    private int nodes;
    private int calls;

    private ExpressionShape() {}

    static ExpressionShape of(CelExpr parsed) {
        ExpressionShape shape = new ExpressionShape();
        shape.typeOf(parsed);
        return shape;
    }

    /** Why it is not to be checked, for a person; empty if it can be. */
    Optional<String> refusal() {
        if (largestType > LARGEST_TYPE) {
            return Optional.of(
                    "the type of a value is too large: it has maps as the keys of maps, or hundreds"
                            + " of lists in one another");
        } else if (calls > MOST_CALLS) {
            return Optional.of(
                    "the expression has "
                            + calls
                            + " calls of functions and operators (a loop counts as "
                            + CALLS_PER_LOOP
                            + "), more than "
                            + MOST_CALLS);
        }
        return Optional.empty();
    }

    /** Whether to optimize it takes a few milliseconds at the most. */
    boolean isQuicklyOptimized() {
        return nodes <= MOST_NODES_TO_OPTIMIZE;
    }

    /** Whether what the device's envelope before became makes a difference. */
    boolean usesPrevious() {
        return usesPrevious;
    }

    /** The most nodes that the expression's type may have. */
    private long typeOf(CelExpr expression) {
        nodes++;
        long type =
                switch (expression.getKind()) {
                    case IDENT -> typeOfName(expression.ident().name());
                    case SELECT -> typeOf(expression.select().operand());
                    case CALL -> typeOfCall(expression.call());
                    case LIST -> {
                        long largest = 0;
                        for (CelExpr element : expression.list().elements()) {
                            largest = Math.max(largest, typeOf(element));
                        }
                        yield 1 + largest;
                    }
                    case MAP -> typeOfMap(expression.map());
                    case COMPREHENSION -> typeOfLoop(expression.comprehension());
                    default -> 1;
                };
        type = Math.min(type, 2 * LARGEST_TYPE);
        largestType = Math.max(largestType, type);
        return type;
    }

    private long typeOfName(String name) {
        Long type = bound.get(name);
        usesPrevious |= type == null && name.equals(PreviousResult.VARIABLE);
        return type == null ? TYPE_OF_VARIABLE : type;
    }

    /** The type of a result is made of those of the arguments, at most of one key and one value. */
    private long typeOfCall(CelCall call) {
        calls++;
        long largest = call.target().isPresent() ? typeOf(call.target().get()) : 0;
        long second = 0;
        for (CelExpr argument : call.args()) {
            long type = typeOf(argument);
            second = Math.max(second, Math.min(type, largest));
            largest = Math.max(largest, type);
        }
        return TYPES_OF_TWO.contains(call.function()) ? 1 + largest + second : 1 + largest;
    }

    private long typeOfMap(CelMap map) {
        long key = 0;
        long value = 0;
        for (CelMap.Entry entry : map.entries()) {
            key = Math.max(key, typeOf(entry.key()));
            value = Math.max(value, typeOf(entry.value()));
        }
        return 1 + key + value;
    }

    private long typeOfLoop(CelComprehension loop) {
        calls += CALLS_PER_LOOP;
        long range = typeOf(loop.iterRange());
        long start = typeOf(loop.accuInit());
        Map<String, Long> outside = new HashMap<>(bound);
        bound.put(loop.iterVar(), range);
        bound.put(loop.iterVar2(), range);
        bound.put(loop.accuVar(), start);
        typeOf(loop.loopCondition());
        bound.put(loop.accuVar(), Math.max(start, typeOf(loop.loopStep())));
        bound.remove(loop.iterVar());
        bound.remove(loop.iterVar2());
        long type = typeOf(loop.result());
        bound.clear();
        bound.putAll(outside);
        return type;
    }
}
