package io.ponix.transforms;

import io.ponix.transforms.TransformException.Kind;

/**
 * Carries an offending value's path up to the root: each level that the exception passes puts its
 * key or index before what is there, so that nothing is tracked as long as all is well.
 */
final class InvalidOutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String reason;
    private String path = "";

    InvalidOutputException(String reason) {
        this(Kind.INVALID_OUTPUT, reason);
    }

    InvalidOutputException(Kind kind, String reason) {
        // No stack trace: the path says where it was.
        super(reason, null, false, false);
        this.kind = kind;
        this.reason = reason;
    }

    /** Whether the value is not for JSON, or is none because evaluating it failed. */
    Kind kind() {
        return kind;
    }

    InvalidOutputException inside(String key) {
        path = step(key) + path;
        return this;
    }

    InvalidOutputException inside(int index) {
        path = "[" + index + "]" + path;
        return this;
    }

    /** The path of the offending value, which begins with {@code $}. */
    String path() {
        return "$" + path;
    }

    @Override
    public String getMessage() {
        return path() + ": " + reason;
    }

    /** How a path goes on to a key: {@code .key}, or {@code ["a key"]}. */
    static String step(String key) {
        boolean plain = !key.isEmpty() && key.chars().allMatch(InvalidOutputException::isPlain);
        return plain ? "." + key : "[\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
    }

    private static boolean isPlain(int c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }
}
