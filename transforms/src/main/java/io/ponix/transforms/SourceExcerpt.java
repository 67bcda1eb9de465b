package io.ponix.transforms;

import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.Optional;

/**
 * The line of an expression that an issue is about, the way compilers show it.
 *
 * @param line the source line, without its end; of a long one what is around the column
 * @param caret a caret under the column, behind what is as wide as the text before it; to be shown
 *     below the line in a font of fixed width
 */
public record SourceExcerpt(String line, String caret) {
    private static final String INDENT = "  ";

    /** In code points, on either side of the column; what is further away is left out. */
    private static final int SHOWN = 100;

    /** The excerpt for an issue, or empty if the expression has no such line. */
    public static Optional<SourceExcerpt> of(String expression, Issue issue) {
        String[] lines = expression.split("\r\n|\r|\n", -1);
        if (issue.line() > lines.length) {
            return Optional.empty();
        }
        String line = lines[issue.line() - 1];
        int[] codePoints = line.codePoints().toArray();
        int column = Math.min(issue.column() - 1, codePoints.length);
        int from = column <= SHOWN ? 0 : column - SHOWN;
        int to = codePoints.length - column <= SHOWN ? codePoints.length : column + SHOWN;
        String before = (from > 0 ? "…" : "") + new String(codePoints, from, column - from);
        String after =
                new String(codePoints, column, to - column) + (to < codePoints.length ? "…" : "");
        return Optional.of(new SourceExcerpt(before + after, padding(before) + "^"));
    }

    /** {@code line:column message}, with the excerpt below it, indented. */
    static String explain(String expression, Issue issue) {
        // On one line, whatever the payload has put into it.
        String message = issue.message().replace("\r", "\\r").replace("\n", "\\n");
        String header = issue.line() + ":" + issue.column() + " " + message;
        return of(expression, issue)
                .map(excerpt -> String.join("\n" + INDENT, header, excerpt.line(), excerpt.caret()))
                .orElse(header);
    }

    /**
     * As wide as what stands before the column. A tab stays a tab, because only the reader's screen
     * knows how wide it is; an East Asian wide character or an emoji takes two cells, a combining
     * mark none.
     */
    private static String padding(String before) {
        StringBuilder padding = new StringBuilder();
        before.codePoints()
                .forEach(
                        codePoint ->
                                padding.append(
                                        codePoint == '\t' ? "\t" : " ".repeat(cells(codePoint))));
        return padding.toString();
    }

    private static int cells(int codePoint) {
        switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK:
            case Character.ENCLOSING_MARK:
            case Character.FORMAT:
                return 0;
            default:
                return isWide(codePoint) ? 2 : 1;
        }
    }

    /** The blocks that Unicode Standard Annex 11 gives the width "W" or "F", by and large. */
    private static boolean isWide(int codePoint) {
        return codePoint >= 0x1100
                && (codePoint <= 0x115F // Hangul Jamo
                        || (codePoint >= 0x2E80 && codePoint <= 0xA4CF) // CJK, kana, Yi
                        || (codePoint >= 0xAC00 && codePoint <= 0xD7A3) // Hangul syllables
                        || (codePoint >= 0xF900 && codePoint <= 0xFAFF) // CJK compatibility
                        || (codePoint >= 0xFE30 && codePoint <= 0xFE6F) // CJK forms
                        || (codePoint >= 0xFF00 && codePoint <= 0xFF60) // full-width forms
                        || (codePoint >= 0xFFE0 && codePoint <= 0xFFE6)
                        || (codePoint >= 0x1F300 && codePoint <= 0x1F64F) // pictographs
                        || (codePoint >= 0x1F680 && codePoint <= 0x1F6FF)
                        || (codePoint >= 0x1F900 && codePoint <= 0x1F9FF)
                        || (codePoint >= 0x20000 && codePoint <= 0x3FFFD)); // CJK extensions
    }
}
