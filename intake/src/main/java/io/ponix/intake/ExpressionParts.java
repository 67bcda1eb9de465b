package io.ponix.intake;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelMap;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import io.ponix.transforms.CheckedExpression;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What each part of an expression depends on, how large it is, and how far its type is true. */
final class ExpressionParts {

    /** What gives what is in one of two containers, to the checker of the type of one of them. */
    private static final Set<String> EITHER = Set.of("_+_", "or", "orValue");

    /** What the steps of {@code unfold} stand for: a value and the next state. */
    private static final String UNFOLD_STEP = "@unfold_step";

    /**
     * @param names those that it does not define itself
     * @param size in nodes
     * @param isLoose whether what comes of it may be of another type than the checker says
     */
    private record Part(Set<String> names, int size, boolean isLoose) {}

    private final CheckedExpression expression;
    private final Map<CelExpr, Part> parts = new IdentityHashMap<>();
    private int loose;

    private ExpressionParts(CheckedExpression expression) {
        this.expression = expression;
    }

    static ExpressionParts of(CheckedExpression expression) {
        ExpressionParts parts = new ExpressionParts(expression);
        parts.add(expression.root());
        return parts;
    }

    /** The names that a part uses and does not define itself. */
    Set<String> names(CelExpr part) {
        return parts.get(part).names();
    }

    /** In nodes. */
    int size(CelExpr part) {
        return parts.get(part).size();
    }

    /**
     * Whether what comes of a part may be of another type than the checker says, its names aside.
     */
    boolean isLoose(CelExpr part) {
        return parts.get(part).isLoose();
    }

    /** Whether values of any type are in it, to the checker. */
    static boolean isOpen(CelType type) {
        return type.kind() == CelKind.DYN
                || type.kind() == CelKind.ANY
                || type.kind() == CelKind.TYPE_PARAM
                || type.kind() == CelKind.ERROR;
    }

    private Part add(CelExpr part) {
        int looseBefore = loose;
        Set<String> names = new HashSet<>();
        int size = 1;
        switch (part.getKind()) {
            case IDENT -> names.add(part.ident().name());
            case SELECT -> size += addTo(names, part.select().operand());
            case CALL -> {
                if (part.call().target().isPresent()) {
                    size += addTo(names, part.call().target().get());
                }
                for (CelExpr argument : part.call().args()) {
                    size += addTo(names, argument);
                }
            }
            case LIST -> {
                for (CelExpr element : part.list().elements()) {
                    size += addTo(names, element);
                }
            }
            case MAP -> {
                for (CelMap.Entry entry : part.map().entries()) {
                    size += addTo(names, entry.key()) + addTo(names, entry.value());
                }
            }
            case COMPREHENSION -> size += addLoop(names, part.comprehension());
            default -> {} // a constant: messages, which have fields, do not compile
        }
        if (isLooseCall(part) || isLooseLoop(part)) {
            loose++;
        }
        Part added = new Part(names, size, loose > looseBefore);
        parts.put(part, added);
        if (hasUnevenMap(expression.type(part))) {
            loose++; // not the part itself, but where it meets another
        }
        return added;
    }

    /** What dyn holds says nothing of the type of a container it is put together with, nor null. */
    private boolean isLooseCall(CelExpr part) {
        if (part.getKind() == ExprKind.Kind.CALL && part.call().function().equals(UNFOLD_STEP)) {
            return isOpen(expression.type(part.call().args().get(1)));
        }
        if (part.getKind() != ExprKind.Kind.CALL || !EITHER.contains(part.call().function())) {
            return false;
        }
        CelType type = expression.type(part);
        boolean isSum = part.call().target().isEmpty();
        return (!isSum || type.kind() == CelKind.LIST)
                && Stream.concat(part.call().target().stream(), part.call().args().stream())
                        .map(expression::type)
                        .anyMatch(used -> isOpen(used) || used.kind() == CelKind.NULL_TYPE);
    }

    /** {@code fold} has the type of what it begins with, whatever dyn holds that a step gives. */
    private boolean isLooseLoop(CelExpr part) {
        if (part.getKind() != ExprKind.Kind.COMPREHENSION) {
            return false;
        }
        CelComprehension loop = part.comprehension();
        boolean isBinding = isName(loop.loopStep(), loop.accuVar());
        return !isBinding
                && !expression.type(loop.accuInit()).equals(expression.type(loop.loopStep()));
    }

    private static boolean isName(CelExpr part, String name) {
        return part.getKind() == ExprKind.Kind.IDENT && part.ident().name().equals(name);
    }

    /**
     * Of two values the checker takes the more general type, and that of one of them where neither
     * is: of {@code map(dyn, string)} and {@code map(string, dyn)}. One of two such types has keys
     * of any type, and not values of any.
     */
    private static boolean hasUnevenMap(CelType type) {
        return type instanceof MapType map && isOpen(map.keyType()) && !isOpen(map.valueType())
                || type.parameters().stream().anyMatch(ExpressionParts::hasUnevenMap);
    }

    private int addLoop(Set<String> names, CelComprehension loop) {
        Set<String> inside = new HashSet<>();
        int size = addTo(inside, loop.loopCondition()) + addTo(inside, loop.loopStep());
        inside.remove(loop.iterVar());
        inside.remove(loop.iterVar2());
        size += addTo(inside, loop.result());
        inside.remove(loop.accuVar());
        names.addAll(inside);
        return size + addTo(names, loop.iterRange()) + addTo(names, loop.accuInit());
    }

    private int addTo(Set<String> names, CelExpr part) {
        Part added = add(part);
        names.addAll(added.names());
        return added.size();
    }
}
