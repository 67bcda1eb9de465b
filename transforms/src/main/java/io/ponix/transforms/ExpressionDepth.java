package io.ponix.transforms;

import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Finds the place where an expression is too deep for the parser, which tells none. Brackets count,
 * and on each level what is chained: {@code a + b + c} and {@code a.b().c()} are a tree with a
 * branch for each operator and call.
 */
final class ExpressionDepth {
    private final int[] codePoints;

    ExpressionDepth(String expression) {
        codePoints = expression.codePoints().toArray();
    }

    /** The issue at the first place that is deeper than a limit, or at the deepest. */
    Issue issue(int limit, String message) {
        int place = place(limit);
        int line = 1;
        int column = 1;
        for (int i = 0; i < place; i++) {
            column++;
            if (codePoints[i] == '\n') {
                line++;
                column = 1;
            }
        }
        return new Issue(line, column, message);
    }

    private int place(int limit) {
        // What is chained on the levels around, and on this one.
        Deque<Integer> outer = new ArrayDeque<>();
        int sum = 0;
        int chained = 0;
        int deepest = 0;
        int place = 0;
        for (int i = 0; i < codePoints.length; i++) {
            int c = codePoints[i];
            if (c == '"' || c == '\'') {
                i = endOfText(i);
            } else if (c == '(' || c == '[' || c == '{') {
                outer.push(chained);
                sum += chained + 1;
                chained = 0;
            } else if ((c == ')' || c == ']' || c == '}') && !outer.isEmpty()) {
                chained = outer.pop();
                sum -= chained + 1;
            } else if (c == ',') {
                chained = 0;
            } else if ("+-*/%.?<>".indexOf(c) >= 0) {
                chained++;
            }
            if (sum + chained > deepest) {
                deepest = sum + chained;
                place = i;
            }
            if (deepest > limit) {
                return place;
            }
        }
        return place;
    }

    /** Where a text ends that begins with a quote, or the whole where it does not. */
    private int endOfText(int start) {
        for (int i = start + 1; i < codePoints.length; i++) {
            if (codePoints[i] == '\\') {
                i++;
            } else if (codePoints[i] == codePoints[start]) {
                return i;
            }
        }
        return codePoints.length;
    }
}
