package io.ponix.transforms;

import com.google.common.base.Ascii;
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
    public record Issue(int line, int column, String message) {
        /** In characters: types and names can be of any length. */
        private static final int LONGEST_MESSAGE = 1_000;

        /** Shortens a message that is too long to be told. */
        public Issue {
            message = Ascii.truncate(String.valueOf(message), LONGEST_MESSAGE, "…");
        }
    }

    /** How many are told; who mends them finds the rest. */
    private static final int MOST_ISSUES = 50;

    private final transient List<Issue> issues;

    TransformCompilationException(String expression, List<Issue> issues) {
        super(
                issues.stream()
                        .limit(MOST_ISSUES)
                        .map(issue -> SourceExcerpt.explain(expression, issue))
                        .collect(Collectors.joining("\n")));
        this.issues = issues.stream().limit(MOST_ISSUES).toList();
    }

    /** What is wrong, the first {@value #MOST_ISSUES} in the order of the source; never empty. */
    public List<Issue> issues() {
        return issues;
    }
}
