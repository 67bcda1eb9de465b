package io.ponix.bridge.mqtt;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between attempts, from 1 s to 60 s and twice as long each time, of which half is by
 * chance: a thousand connections that were lost at once do not come back at once.
 */
final class Backoff {

    private static final long FIRST_MILLIS = 1_000;
    private static final long LONGEST_MILLIS = 60_000;

    private long nextMillis = FIRST_MILLIS;

    /** The pause before the next attempt. */
    Duration next() {
        long pause = nextMillis;
        nextMillis = Math.min(2 * nextMillis, LONGEST_MILLIS);
        return Duration.ofMillis(
                pause / 2 + ThreadLocalRandom.current().nextLong(pause - pause / 2 + 1));
    }

    /** All went well. */
    void reset() {
        nextMillis = FIRST_MILLIS;
    }
}
