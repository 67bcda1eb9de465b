package io.ponix.transforms;

import java.util.List;
import java.util.stream.Collectors;

/**
 * An expression is not a valid transform. The message is made to be shown to the person who wrote
 * it: for every issue {@code line:column message}, the source line and a caret under the column.
 */
public final class TransformCompilationException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * One thing that is wrong with an expression.
     *
     * @param line the line, from 1
     * @param column the column in Unicode code points, from 1; a tab counts as one
     * @param message what is wrong
     */
    public record Issue(int line, int column, String message) {}

    private final transient List<Issue> issues;

    TransformCompilationException(String expression, List<Issue> issues) {
        super(
                issues.stream()
                        .map(issue -> SourceExcerpt.explain(expression, issue))
                        .collect(Collectors.joining("\n")));
        this.issues = List.copyOf(issues);
    }

    /** What is wrong, in the order of the source; never empty. */
    public List<Issue> issues() {
        return issues;
    }
}
