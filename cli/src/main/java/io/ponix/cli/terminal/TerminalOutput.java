package io.ponix.cli.terminal;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Lines of UTF-8 on their way to a terminal, with what it would obey {@linkplain
 * TerminalText#escaped escaped}; tabs stay. A line is printed when it is complete.
 */
public final class TerminalOutput extends OutputStream {

    private final PrintStream terminal;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /**
     * @param terminal not closed with this
     */
    public TerminalOutput(PrintStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public void write(int each) {
        if (each == '\n') {
            printLine();
            terminal.println();
        } else {
            line.write(each);
        }
    }

    /** Prints the last line, too, which does not end with a line break. */
    @Override
    public void close() {
        printLine();
        terminal.flush();
    }

    private void printLine() {
        terminal.print(TerminalText.escapedLines(line.toString(StandardCharsets.UTF_8)));
        line.reset();
    }
}
