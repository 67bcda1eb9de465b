package io.ponix.transforms.functions;

/** A text of an argument in a message. Public for the packages of this module only. */
public final class QuotedText {
    /** In characters. */
    private static final int LONGEST = 60;

    private QuotedText() {}

    /** The text in quotes; of a long one the beginning. */
    public static String of(String text) {
        return text.length() <= LONGEST
                ? "'" + text + "'"
                : "'" + text.substring(0, text.offsetByCodePoints(LONGEST, -1)) + "…'";
    }
}
