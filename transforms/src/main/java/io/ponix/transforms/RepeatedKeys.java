package io.ponix.transforms;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds map literals with a key that is there twice, which fail whenever they are evaluated. An
 * entry that may have no value ({@code ?key}) leaves its key to others.
 */
final class RepeatedKeys {
    private RepeatedKeys() {}

    /** An issue for each of the keys, in the order of the source. */
    static List<Issue> of(CelAbstractSyntaxTree parsed) {
        // A macro may have copied a literal.
        Set<Issue> issues = new LinkedHashSet<>();
        for (CelNavigableExpr node :
                (Iterable<CelNavigableExpr>)
                        CelNavigableAst.fromAst(parsed).getRoot().allNodes()::iterator) {
            if (node.getKind() == ExprKind.Kind.MAP) {
                check(parsed, node.expr().map(), issues);
            }
        }
        return new ArrayList<>(issues);
    }

    private static void check(CelAbstractSyntaxTree parsed, CelExpr.CelMap map, Set<Issue> issues) {
        Set<Object> keys = new HashSet<>();
        for (CelExpr.CelMap.Entry entry : map.entries()) {
            Optional<Object> key = constant(entry.key());
            if (!entry.optionalEntry() && key.isPresent() && !keys.add(key.get())) {
                issues.add(
                        CheckedExpression.issue(
                                parsed,
                                entry.key().id(),
                                "the key "
                                        + (key.get() instanceof String text
                                                ? "\"" + text + "\""
                                                : key.get())
                                        + " is there twice"));
            }
        }
    }

    /** The value of a key, the same for 1 and 1u. */
    private static Optional<Object> constant(CelExpr key) {
        if (key.getKind() != ExprKind.Kind.CONSTANT) {
            return Optional.empty();
        }
        CelConstant constant = key.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> Optional.of(constant.stringValue());
            case BOOLEAN_VALUE -> Optional.of(constant.booleanValue());
            case INT64_VALUE -> Optional.of(BigInteger.valueOf(constant.int64Value()));
            case UINT64_VALUE -> Optional.of(constant.uint64Value().bigIntegerValue());
            default -> Optional.empty();
        };
    }
}
