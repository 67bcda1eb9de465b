package io.ponix.transforms;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds calls of macros that are written otherwise than a macro is, with another number of
 * arguments for instance: the parser leaves them as calls of a function, which there is not.
 */
final class MacroForms {
    private static final String CEL = "cel";
    private static final String BIND = "bind";

    /** How each macro is written. */
    private static final Map<String, String> FORMS =
            Map.ofEntries(
                    Map.entry("has", "has(value.field)"),
                    Map.entry("all", ofOneOrTwo("all")),
                    Map.entry("exists", ofOneOrTwo("exists")),
                    Map.entry("exists_one", "list.exists_one(x, condition)"),
                    Map.entry("existsOne", "map.existsOne(key, value, condition)"),
                    Map.entry("filter", "list.filter(x, condition)"),
                    Map.entry(
                            "map", "list.map(x, expression) or list.map(x, condition, expression)"),
                    Map.entry("transformList", filtered("list.transformList", "index, x")),
                    Map.entry("transformMap", filtered("map.transformMap", "key, value")),
                    Map.entry("transformMapEntry", filtered("map.transformMapEntry", "key, value")),
                    Map.entry("sortBy", "list.sortBy(x, expression)"),
                    Map.entry("optMap", "optional.optMap(x, expression)"),
                    Map.entry("optFlatMap", "optional.optFlatMap(x, expression)"),
                    Map.entry(
                            "fold",
                            "list.fold(x, accumulator, initial, step) or map.fold(key, value,"
                                    + " accumulator, initial, step)"),
                    Map.entry("unfold", "unfold(state, initial, step)"));

    private MacroForms() {}

    private static String ofOneOrTwo(String macro) {
        return "list." + macro + "(x, condition) or map." + macro + "(key, value, condition)";
    }

    private static String filtered(String macro, String names) {
        return macro
                + "("
                + names
                + ", expression) or "
                + macro
                + "("
                + names
                + ", condition, expression)";
    }

    /** An issue for each such call, in the order of the source. */
    static List<Issue> mistaken(CelAbstractSyntaxTree parsed) {
        // A macro may have copied a call.
        Set<Issue> issues = new LinkedHashSet<>();
        for (CelNavigableExpr node :
                (Iterable<CelNavigableExpr>)
                        CelNavigableAst.fromAst(parsed).getRoot().allNodes()::iterator) {
            if (node.getKind() == ExprKind.Kind.CALL) {
                String form = form(node.expr().call());
                if (form != null) {
                    issues.add(
                            CheckedExpression.issue(
                                    parsed,
                                    node.id(),
                                    node.expr().call().function() + " is written " + form));
                }
            }
        }
        return new ArrayList<>(issues);
    }

    private static String form(CelExpr.CelCall call) {
        boolean isOfCel =
                call.target()
                        .filter(target -> target.getKind() == ExprKind.Kind.IDENT)
                        .filter(target -> target.ident().name().equals(CEL))
                        .isPresent();
        return isOfCel && call.function().equals(BIND)
                ? "cel.bind(name, value, expression)"
                : FORMS.get(call.function());
    }
}
