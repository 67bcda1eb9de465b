package io.ponix.intake;

import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformException;
import java.util.Optional;

/**
 * A message is not what the intake expression takes it for. The expression itself stays usable.
 *
 * <p>The message is one line for the person who sends: it names the place in the expression, with
 * its source line, or the key of the result that is wrong.
 */
public final class IntakeException extends Exception {
    private static final long serialVersionUID = 1L;

    /** In characters. */
    private static final int LONGEST_SOURCE = 120;

    private final transient String explanation;
    private final transient Issue issue;
    private final String path;

    private IntakeException(
            String message, String explanation, Issue issue, String path, Throwable cause) {
        super(message, cause);
        this.explanation = explanation;
        this.issue = issue;
        this.path = path;
    }

    /** The evaluation failed. */
    static IntakeException of(TransformException failure, String expression) {
        return new IntakeException(
                failure.issue()
                        .map(
                                issue ->
                                        failure.getMessage().replaceFirst("\\.$", "")
                                                + sourceLine(expression, issue.line()))
                        .orElse(failure.getMessage()),
                failure.explain(expression),
                failure.issue().orElse(null),
                null,
                failure);
    }

    /**
     * The result is not an uplink.
     *
     * @param path where, for instance {@code $.f_port}
     * @param reason what is wrong there
     */
    static IntakeException inResult(String path, String reason) {
        String message = path + ": " + reason;
        return new IntakeException(message, message, null, path, null);
    }

    private static String sourceLine(String expression, int line) {
        String source = expression.lines().skip(line - 1L).findFirst().orElse("").strip();
        if (source.isEmpty()) {
            return "";
        }
        return ", in: "
                + (source.length() > LONGEST_SOURCE
                        ? source.substring(0, LONGEST_SOURCE) + "…"
                        : source);
    }

    /**
     * The message for a person who has the expression in front of them: where the place is known,
     * the source line and a caret follow.
     */
    public String explain() {
        return explanation;
    }

    /**
     * Where in the expression it failed, with the message alone; empty where that is not known, as
     * with limits and with whatever is wrong with the result.
     */
    public Optional<Issue> issue() {
        return Optional.ofNullable(issue);
    }

    /** The path of the offending value in the result, for instance {@code $.f_port}, if any. */
    public Optional<String> path() {
        return Optional.ofNullable(path);
    }
}
