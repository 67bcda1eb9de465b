package io.ponix.transforms;

import com.google.common.base.Ascii;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.Optional;

/**
 * One evaluation of a transform failed. The transform itself stays usable: another payload may well
 * succeed.
 */
public final class TransformException extends Exception {
    private static final long serialVersionUID = 1L;

    /** In characters. */
    private static final int LONGEST_TEXT = 1_000;

    /** What kind of failure it was. */
    public enum Kind {
        /**
         * The expression raised an error (a truncated payload, a missing key, a division by zero),
         * or went over one of the {@link TransformLimits}.
         */
        EVALUATION_FAILED,
        /**
         * The expression gave a value that is neither a JSON object nor a list of them, that holds
         * something JSON cannot, or a row's time that is no timestamp; the message begins with the
         * path of the offending value, for instance {@code $.a.b[2]}.
         */
        INVALID_OUTPUT,
        /** The expression called {@code error(text)}; the message is that text. */
        REFUSED
    }

    private final Kind kind;
    private final transient Issue issue;
    private final String path;

    TransformException(Kind kind, String message, Throwable cause) {
        this(kind, message, null, null, cause);
    }

    private TransformException(
            Kind kind, String message, Issue issue, String path, Throwable cause) {
        super(shortened(message), cause);
        this.kind = kind;
        this.issue = issue;
        this.path = shortened(path);
    }

    /** Values of any size are in messages of CEL and its libraries, and in the keys of a path. */
    private static String shortened(String text) {
        return text == null ? null : Ascii.truncate(text, LONGEST_TEXT, "…");
    }

    /** An evaluation that failed at a known place of the expression. */
    static TransformException at(Issue issue, Throwable cause) {
        return new TransformException(
                Kind.EVALUATION_FAILED,
                issue.line() + ":" + issue.column() + " " + issue.message(),
                issue,
                null,
                cause);
    }

    /** A result that JSON cannot hold, at a known place of the result. */
    static TransformException inResult(Kind kind, String path, String message) {
        return new TransformException(kind, message, null, path, null);
    }

    /** An evaluation that called {@code error(text)}. */
    static TransformException refused(String text, Throwable cause) {
        return new TransformException(Kind.REFUSED, text, cause);
    }

    /**
     * What an evaluation raised that is no answer of CEL's.
     *
     * @param raised a RuntimeException, StackOverflowError or OutOfMemoryError
     */
    static TransformException unexpected(Throwable raised) {
        if (raised instanceof StackOverflowError) {
            return new TransformException(
                    Kind.EVALUATION_FAILED, "the expression nests values too deeply", null);
        } else if (raised instanceof OutOfMemoryError) {
            // The budget keeps values small, but some messages of cel-java hold a whole value,
            // written out as often as it is shared. What was allocated is free again by now.
            return new TransformException(
                    Kind.EVALUATION_FAILED, "the evaluation ran out of memory", null);
        }
        return new TransformException(
                Kind.EVALUATION_FAILED, "the evaluation failed: " + raised.getMessage(), raised);
    }

    /** What kind of failure it was. */
    public Kind kind() {
        return kind;
    }

    /**
     * Where in the expression it failed, with the message alone; empty where that is not known, as
     * with every limit and with whatever is wrong with the result, and where the expression refuses
     * the payload itself.
     */
    public Optional<Issue> issue() {
        return Optional.ofNullable(issue);
    }

    /** The path of the offending value in the result, for instance {@code $.a.b[2]}, if any. */
    public Optional<String> path() {
        return Optional.ofNullable(path);
    }

    /**
     * The message for a person who has the expression in front of them: where the place is known,
     * the source line and a caret follow.
     *
     * @param expression the one that was evaluated
     */
    public String explain(String expression) {
        return issue == null ? getMessage() : SourceExcerpt.explain(expression, issue);
    }
}
