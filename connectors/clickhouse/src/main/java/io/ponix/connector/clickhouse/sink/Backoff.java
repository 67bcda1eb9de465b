package io.ponix.connector.clickhouse.sink;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Waiting times between repeats: doubling, with a random part of up to one half, so that the
 * subtasks of a job do not all come back to a recovering server at the same moment.
 */
final class Backoff {

    private final long longestMillis;
    private long nextMillis;

    Backoff(Duration first, Duration longest) {
        this.nextMillis = first.toMillis();
        this.longestMillis = longest.toMillis();
    }

    /** The next waiting time in milliseconds. */
    long next() {
        long ceiling = nextMillis;
        nextMillis = Math.min(longestMillis, nextMillis * 2);
        return ThreadLocalRandom.current().nextLong(Math.max(1, ceiling / 2), ceiling + 1);
    }
}
