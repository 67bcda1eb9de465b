package io.ponix.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * Which port a process takes: the one that was asked for, else the one that it had when it was
 * started before, else a free one.
 */
final class PortChoice {

    private static final int ATTEMPTS = 5;

    private final int requested;
    private final Path file;

    /** What clients of this instance may have been told; 0 until there is one. */
    private volatile int held;

    /**
     * @param requested 0 where none was asked for
     * @param file where the last one is kept; it need not exist yet
     */
    PortChoice(int requested, Path file) {
        this.requested = requested;
        this.file = file;
        this.held = requested;
    }

    /** The port of this instance, else of the last start; 0 where there is none. */
    int known() {
        return held != 0 ? held : remembered();
    }

    /** Whether no port but this was asked for. */
    boolean allows(int port) {
        return requested == 0 || requested == port;
    }

    /**
     * Refuses a port that was asked for and is in use.
     *
     * @throws EmbeddedProcessException that says by whom
     */
    void requireFree(String title, String option) {
        if (requested != 0) {
            Ports.requireFree(requested, title, option);
        }
    }

    /**
     * Starts something on the port. Where it is taken and was not handed out yet, tries others.
     *
     * @param start throws {@link PortTakenException} where the port is taken
     * @throws EmbeddedProcessException if the port that it has to be is taken, or each that was
     *     tried
     */
    void startOn(IntConsumer start) {
        // A port that was handed out is kept: clients hold it. One remembered from an earlier run
        // is only preferred.
        boolean mayChange = held == 0;
        int candidate = mayChange ? remembered() : held;
        if (mayChange && (candidate == 0 || !Ports.isFree(candidate))) {
            candidate = Ports.free();
        }
        for (int attempt = 1; ; attempt++) {
            try {
                start.accept(candidate);
                hold(candidate);
                remember(candidate);
                return;
            } catch (PortTakenException taken) {
                if (!mayChange || attempt == ATTEMPTS) {
                    throw new EmbeddedProcessException(taken.getMessage(), taken);
                }
                candidate = Ports.free();
            }
        }
    }

    /** From now on it is this one. */
    void hold(int port) {
        held = port;
    }

    private int remembered() {
        try {
            return Integer.parseInt(Files.readString(file).trim());
        } catch (IOException | NumberFormatException noneOrDamaged) {
            return 0;
        }
    }

    private void remember(int port) {
        try {
            Files.writeString(file, port + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another process has the port. Where the port is ours to choose, another one is tried. */
    static final class PortTakenException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        PortTakenException(String message) {
            super(message);
        }
    }
}
