package io.ponix.connector.postgres.cdc.slot;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.annotation.PublicEvolving;

/** Pauses between attempts: 100 ms, doubling up to 10 s. For one thread. */
@PublicEvolving
public final class Backoff {

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private Duration next = FIRST;

    /** How long the next pause will be. */
    public Duration nextPause() {
        return next;
    }

    /** Returns the next pause and doubles the one after it. */
    public Duration advance() {
        Duration pause = next;
        Duration doubled = pause.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return pause;
    }

    /** Sleeps for the next pause. */
    public void pause() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(advance().toNanos());
    }

    /** Begins again with the shortest pause. */
    public void reset() {
        next = FIRST;
    }
}
