package io.ponix.cli.terminal;

import java.io.PrintStream;
import java.time.Duration;

/**
 * Progress of something that takes more than a second, on standard error: one line that rewrites
 * itself on a terminal, a line every two seconds where the output goes to a file or a pipe. Several
 * threads may use it.
 */
public final class ProgressLine implements AutoCloseable {

    private static final Duration INTERVAL_WITHOUT_TERMINAL = Duration.ofSeconds(2);
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private long nextPrint = System.nanoTime();
    private String shown = "";

    /** Progress on standard error. */
    public ProgressLine() {
        this(System.err, System.console() != null);
    }

    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows the state of the work; cheap to call often. */
    public synchronized void show(String text) {
        if (text.equals(shown)) {
            return;
        }
        if (terminal) {
            out.print(CLEAR_LINE + text);
            out.flush();
            shown = text;
        } else if (System.nanoTime() - nextPrint >= 0) {
            out.println(text);
            nextPrint = System.nanoTime() + INTERVAL_WITHOUT_TERMINAL.toNanos();
            shown = text;
        }
    }

    /** Shows a line that stays, above the line that rewrites itself. */
    public synchronized void note(String text) {
        if (terminal) {
            out.print(CLEAR_LINE);
        }
        out.println(text);
        shown = "";
    }

    /** Removes the line that rewrites itself. */
    @Override
    public synchronized void close() {
        if (terminal) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }
}
