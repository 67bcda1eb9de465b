package io.ponix.transforms;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.functions.MessageDescriptors;
import io.ponix.transforms.functions.ProtobufFunctions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds names of messages that {@code protobuf_decode(bytes, name)} cannot decode: those that the
 * descriptors lack, and those that nobody knows before the expression runs.
 */
final class MessageNames {
    /** How many of the messages that there are a message names. */
    private static final int MOST_NAMED = 20;

    private MessageNames() {}

    /** An issue for each of the names, in the order of the source. */
    static List<Issue> unknown(CelAbstractSyntaxTree parsed, MessageDescriptors descriptors) {
        // A macro may have copied a call.
        Set<Issue> issues = new LinkedHashSet<>();
        for (CelNavigableExpr node :
                (Iterable<CelNavigableExpr>)
                        CelNavigableAst.fromAst(parsed).getRoot().allNodes()::iterator) {
            if (node.getKind() == ExprKind.Kind.CALL
                    && node.expr().call().function().equals(ProtobufFunctions.DECODE)
                    && node.expr().call().args().size() == 2) {
                CelExpr name = node.expr().call().args().get(1);
                refusal(name, descriptors)
                        .ifPresent(
                                refusal ->
                                        issues.add(
                                                CheckedExpression.issue(
                                                        parsed, name.id(), refusal)));
            }
        }
        return new ArrayList<>(issues);
    }

    private static Optional<String> refusal(CelExpr name, MessageDescriptors descriptors) {
        if (name.getKind() != ExprKind.Kind.CONSTANT
                || name.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
            return Optional.of(
                    ProtobufFunctions.DECODE
                            + ": the message is named by a text in quotes, as it is looked for when"
                            + " the expression is compiled");
        } else if (descriptors.names().isEmpty()) {
            return Optional.of(
                    ProtobufFunctions.DECODE
                            + ": nobody has described the messages: the file_descriptor_set of a"
                            + " definition does, for its contracts (./ponix cel --descriptors)");
        } else if (descriptors.names().contains(name.constant().stringValue())) {
            return Optional.empty();
        }
        int more = descriptors.names().size() - MOST_NAMED;
        return Optional.of(
                ProtobufFunctions.DECODE
                        + ": there is no message \""
                        + name.constant().stringValue()
                        + "\", but "
                        + descriptors.names().stream()
                                .limit(MOST_NAMED)
                                .collect(Collectors.joining(", "))
                        + (more > 0 ? " and " + more + " more" : ""));
    }
}
