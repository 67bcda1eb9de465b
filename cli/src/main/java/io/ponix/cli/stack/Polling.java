package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;

/** Waiting for what only asking again and again can tell. */
final class Polling {

    private static final long INTERVAL_MILLIS = 200;

    private Polling() {}

    /**
     * Waits until it is time to ask again.
     *
     * @throws CommandException if the thread was interrupted meanwhile
     */
    static void pause() {
        try {
            Thread.sleep(INTERVAL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
