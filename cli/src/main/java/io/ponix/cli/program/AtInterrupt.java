package io.ponix.cli.program;

/**
 * What a command does when it is ended by Ctrl-C (or SIGTERM), and not when it ends by itself: says
 * what it leaves, and stops what must not stay. Closed when there is nothing to do any more.
 */
public final class AtInterrupt implements AutoCloseable {

    private final Thread hook;

    /**
     * @param action as short as can be: whoever pressed Ctrl-C waits for it
     */
    public AtInterrupt(Runnable action) {
        hook = new Thread(action, "at-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Says something, in a line of its own. */
    public static AtInterrupt say(String message) {
        return new AtInterrupt(() -> tell(message));
    }

    /** Prints what an action has to say; a terminal has shown {@code ^C} by then. */
    public static void tell(String message) {
        System.err.println("\nponix: interrupted; " + message);
    }

    /** Whether the command is ending, so that whatever fails now fails for that reason. */
    static boolean isEnding() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException ending) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It runs.
        }
    }
}
