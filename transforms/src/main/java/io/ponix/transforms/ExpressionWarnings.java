package io.ponix.transforms;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.ast.CelReference;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds what compiles and is probably not what the author means. */
final class ExpressionWarnings {
    private static final String INPUT = "input";
    private static final String WARNING = "warning";
    private static final Set<String> CONDITIONS = Set.of("_||_", "_&&_", "!_");

    /** The element that the fold of {@code cel.bind} goes over. */
    private static final String NO_ELEMENT = "#unused";

    private final CelAbstractSyntaxTree checked;
    private final List<Issue> found = new ArrayList<>();

    private ExpressionWarnings(CelAbstractSyntaxTree checked) {
        this.checked = checked;
    }

    /**
     * The warnings about a checked expression, in the order of its source.
     *
     * @param isTransform whether it is to make something of the payload
     */
    static List<Issue> of(CelAbstractSyntaxTree checked, boolean isTransform) {
        ExpressionWarnings warnings = new ExpressionWarnings(checked);
        warnings.search(isTransform);
        warnings.found.sort(Comparator.comparingInt(Issue::line).thenComparingInt(Issue::column));
        return List.copyOf(warnings.found);
    }

    private void search(boolean isTransform) {
        boolean readsInput = false;
        for (CelNavigableExpr node :
                (Iterable<CelNavigableExpr>)
                        CelNavigableAst.fromAst(checked).getRoot().allNodes()::iterator) {
            CelExpr expression = node.expr();
            switch (node.getKind()) {
                case IDENT -> readsInput |= expression.ident().name().equals(INPUT);
                case CALL -> {
                    checkDivision(expression);
                    checkConditions(expression);
                }
                case COMPREHENSION -> checkBinding(node);
                case MAP -> checkKeys(expression);
                default -> {}
            }
        }
        if (isTransform && !readsInput) {
            found.add(new Issue(1, 1, "input is never read: the payload makes no difference"));
        }
    }

    private void checkDivision(CelExpr call) {
        CelReference function = checked.getReferenceMap().get(call.id());
        boolean whole =
                function != null
                        && (function.overloadIds().contains("divide_int64")
                                || function.overloadIds().contains("divide_uint64"))
                        && function.overloadIds().size() == 1;
        if (whole) {
            warn(
                    call.id(),
                    "a division of whole numbers drops the remainder: where a fraction is meant,"
                            + " write double(x) / 10.0");
        }
    }

    private void checkConditions(CelExpr call) {
        if (!CONDITIONS.contains(call.call().function())) {
            return;
        }
        for (CelExpr operand : call.call().args()) {
            if (operand.getKind() == ExprKind.Kind.CALL
                    && operand.call().function().equals(WARNING)
                    && operand.call().args().size() == 1) {
                warn(
                        operand.id(),
                        "warning(text) gives null, not true or false: write warning(text, true)");
            }
        }
    }

    /** {@code cel.bind} is a fold over nothing whose accumulator is the variable. */
    private void checkBinding(CelNavigableExpr fold) {
        CelExpr.CelComprehension comprehension = fold.expr().comprehension();
        if (!comprehension.iterVar().equals(NO_ELEMENT)
                || isBoundByMacro(comprehension.accuInit())) {
            return;
        }
        boolean used =
                CelNavigableExpr.fromExpr(comprehension.result())
                        .allNodes()
                        .anyMatch(
                                node ->
                                        node.getKind() == ExprKind.Kind.IDENT
                                                && node.expr()
                                                        .ident()
                                                        .name()
                                                        .equals(comprehension.accuVar()));
        if (!used) {
            warn(fold.id(), comprehension.accuVar() + " is bound and never used");
        }
    }

    /** A walk gives its names values in any case; who writes it need not use both. */
    private static boolean isBoundByMacro(CelExpr value) {
        return value.getKind() == ExprKind.Kind.CALL
                && (value.call().function().startsWith("@tlv_")
                        || value.call().function().startsWith("@unfold_"));
    }

    private void checkKeys(CelExpr map) {
        Set<String> keys = new HashSet<>();
        for (CelExpr.CelMap.Entry entry : map.map().entries()) {
            CelExpr key = entry.key();
            if (key.exprKind().getKind() != ExprKind.Kind.CONSTANT
                    || key.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
                continue;
            }
            String name = key.constant().stringValue();
            boolean isTwice = keys.contains(name);
            if (!entry.optionalEntry()) {
                keys.add(name); // an optional entry without a value leaves the key to others
            }
            if (isTwice && entry.optionalEntry()) {
                warn(
                        key.id(),
                        "the key \""
                                + name
                                + "\" is there twice: that fails where both have a value");
            } else if (name.contains(".")) {
                warn(
                        key.id(),
                        "the dots of a key are %2E in a path of ClickHouse: a query writes data.`"
                                + name.replace(".", "%2E")
                                + "`");
            }
        }
    }

    private void warn(long id, String message) {
        found.add(CheckedExpression.issue(checked, id, message));
    }
}
