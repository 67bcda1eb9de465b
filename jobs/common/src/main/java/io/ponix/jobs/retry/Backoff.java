package io.ponix.jobs.retry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Pauses between attempts at a server that is away: 100 ms, doubling up to 10 s. For one thread.
 */
public final class Backoff {

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private Duration next = FIRST;

    /** How long the next pause will be. */
    public Duration nextPause() {
        return next;
    }

    /**
     * Sleeps for the next pause, and doubles the one after it.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void pause() throws InterruptedException {
        Duration pause = next;
        Duration doubled = pause.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    }

    /** Begins again with the shortest pause. */
    public void reset() {
        next = FIRST;
    }
}
