package io.ponix.cli.simulation;

import java.time.Duration;

/** A server takes nothing now, and says when to come again. */
final class RetryLaterException extends Exception {

    private static final long serialVersionUID = 1L;

    private final long notBefore;

    RetryLaterException(String message, Duration pause) {
        super(message);
        this.notBefore = System.nanoTime() + pause.toNanos();
    }

    /** How many nanoseconds of the pause are left; none below 1. */
    long nanosLeft() {
        return notBefore - System.nanoTime();
    }
}
