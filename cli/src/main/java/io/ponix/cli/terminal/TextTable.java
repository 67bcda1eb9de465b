package io.ponix.cli.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table of text with aligned columns and no frame, as {@code kubectl get} prints it. */
public final class TextTable {

    private static final String GAP = "   ";

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] rightAligned;

    /**
     * @param headings one per column; a heading that starts with {@code >} aligns its column to the
     *     right
     */
    public TextTable(String... headings) {
        rightAligned = new boolean[headings.length];
        String[] names = new String[headings.length];
        for (int column = 0; column < headings.length; column++) {
            rightAligned[column] = headings[column].startsWith(">");
            names[column] = rightAligned[column] ? headings[column].substring(1) : headings[column];
        }
        rows.add(names);
    }

    /**
     * Adds a row; a null cell is shown as {@code -}. Whatever a cell holds is {@linkplain
     * TerminalText#escaped shown, not obeyed}.
     */
    public TextTable row(Object... cells) {
        if (cells.length != rightAligned.length) {
            throw new IllegalArgumentException(
                    "a row of "
                            + cells.length
                            + " cells in a table of "
                            + rightAligned.length
                            + " columns");
        }
        String[] row = new String[cells.length];
        for (int column = 0; column < cells.length; column++) {
            row[column] =
                    cells[column] == null ? "-" : TerminalText.escaped(cells[column].toString());
        }
        rows.add(row);
        return this;
    }

    /** Prints the heading and the rows, each line indented. */
    public void print(PrintStream out, String indent) {
        int[] widths = new int[rightAligned.length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] =
                        Math.max(
                                widths[column],
                                row[column].codePointCount(0, row[column].length()));
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder(indent);
            for (int column = 0; column < row.length; column++) {
                String padding =
                        " "
                                .repeat(
                                        widths[column]
                                                - row[column].codePointCount(
                                                        0, row[column].length()));
                line.append(rightAligned[column] ? padding + row[column] : row[column] + padding)
                        .append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
