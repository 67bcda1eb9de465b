package io.ponix.transforms.functions;

import dev.cel.common.CelIssue;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.parser.CelMacroExprFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The names that a macro brings into the expressions it is given. */
final class MacroNames {
    /** The element that the loop of {@code cel.bind} goes over. */
    private static final String NO_ELEMENT = "#unused";

    private MacroNames() {}

    /** An error of the parser unless all arguments are names, each another one; else empty. */
    static Optional<CelExpr> refusal(
            CelMacroExprFactory expressions, String macro, List<CelExpr> arguments) {
        Set<String> names = new HashSet<>();
        for (CelExpr argument : arguments) {
            if (argument.getKind() != Kind.IDENT) {
                return refusal(
                        expressions,
                        argument,
                        macro + ": a simple name is needed here, which the expressions then use");
            }
            if (!names.add(argument.ident().name())) {
                return refusal(
                        expressions,
                        argument,
                        macro + ": the name '" + argument.ident().name() + "' is there twice");
            }
        }
        return Optional.empty();
    }

    private static Optional<CelExpr> refusal(
            CelMacroExprFactory expressions, CelExpr argument, String message) {
        return Optional.of(
                expressions.reportError(
                        CelIssue.formatError(expressions.getSourceLocation(argument), message)));
    }

    /** {@code cel.bind(name, value, result)}. */
    static CelExpr bind(
            CelMacroExprFactory expressions, String name, CelExpr value, CelExpr result) {
        return expressions.fold(
                NO_ELEMENT,
                expressions.newList(),
                name,
                value,
                expressions.newBoolLiteral(false),
                expressions.newIdentifier(name),
                result);
    }

    /** Whether an expression is {@code cel.bind}, whose macro is expanded. */
    static boolean isBinding(CelExpr expression) {
        return expression.getKind() == Kind.COMPREHENSION
                && expression.comprehension().iterVar().equals(NO_ELEMENT);
    }
}
