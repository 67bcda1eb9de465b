package io.ponix.intake;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** What each part of an expression depends on, and how large it is. */
final class ExpressionParts {

    /**
     * @param names those that it does not define itself
     * @param size in nodes
     */
    private record Part(Set<String> names, int size) {}

    private final Map<CelExpr, Part> parts = new IdentityHashMap<>();

    private ExpressionParts() {}

    static ExpressionParts of(CelExpr root) {
        ExpressionParts parts = new ExpressionParts();
        parts.add(root);
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

    private Part add(CelExpr part) {
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
            default -> {}
        }
        Part added = new Part(names, size);
        parts.put(part, added);
        return added;
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
