package io.ponix.cli.terminal;

/**
 * Makes text that a device or anybody else has sent fit for a terminal: it is shown as it was sent,
 * and nothing in it is obeyed.
 */
public final class TerminalText {

    private TerminalText() {}

    /**
     * The text on one line. What a terminal would obey or not show is written as in JSON, for
     * instance {@code \n} or {@code \u001b}: control characters, those that change the direction of
     * text or have no width, line separators, halves of surrogate pairs. What is escaped already
     * stays as it is.
     */
    public static String escaped(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(character -> append(character, line));
        return line.toString();
    }

    /** The same, with the line breaks and tabs that the text has: a message of several lines. */
    public static String escapedLines(String text) {
        StringBuilder lines = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        character -> {
                            if (character == '\n' || character == '\t') {
                                lines.appendCodePoint(character);
                            } else {
                                append(character, lines);
                            }
                        });
        return lines.toString();
    }

    /**
     * The text on one line, and no longer than so many characters.
     *
     * @param longest at least 1; what is longer ends with an ellipsis
     */
    public static String escaped(String text, int longest) {
        // Enough to be cut, whatever becomes of it.
        String beginning = text.length() > longest ? text.substring(0, longest + 1) : text;
        String line = escaped(beginning);
        if (line.codePointCount(0, line.length()) <= longest) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, longest - 1)) + "…";
    }

    private static void append(int character, StringBuilder line) {
        switch (character) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (isShown(character)) {
                    line.appendCodePoint(character);
                } else {
                    for (char half : Character.toChars(character)) {
                        line.append(String.format("\\u%04x", (int) half));
                    }
                }
            }
        }
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
