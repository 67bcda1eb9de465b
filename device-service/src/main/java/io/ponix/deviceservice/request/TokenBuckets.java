package io.ponix.deviceservice.request;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Token buckets, one for each caller: a bucket takes in so many tokens a second, holds those of two
 * seconds at most, and gives one for each call. Thread-safe.
 */
final class TokenBuckets {

    private static final int SECONDS_HELD = 2;

    /** So many callers are remembered before it is looked whose buckets are full again. */
    private static final int REMEMBERED = 10_000;

    private final long nanosPerToken;
    private final long nanosHeld = TimeUnit.SECONDS.toNanos(SECONDS_HELD);
    private final LongSupplier nanoTime;

    /** When the bucket of a caller is, or was, full: what it lacks is the time until then. */
    private final ConcurrentMap<String, Long> fullAt = new ConcurrentHashMap<>();

    private final AtomicLong forgotAt;

    /**
     * @param nanoTime the time, as {@link System#nanoTime} tells it
     */
    TokenBuckets(int tokensPerSecond, LongSupplier nanoTime) {
        this.nanosPerToken = Math.max(1, TimeUnit.SECONDS.toNanos(1) / tokensPerSecond);
        this.nanoTime = nanoTime;
        this.forgotAt = new AtomicLong(nanoTime.getAsLong());
    }

    /** Takes a token and returns zero, or returns how long it takes until there is one. */
    Duration take(String caller) {
        long now = nanoTime.getAsLong();
        forget(now);
        long[] lacking = new long[1];
        fullAt.compute(
                caller,
                (name, full) -> {
                    long from = full == null || full - now < 0 ? now : full;
                    lacking[0] = from + nanosPerToken - now - nanosHeld;
                    return lacking[0] > 0 ? full : (Long) (from + nanosPerToken);
                });
        return lacking[0] > 0 ? Duration.ofNanos(lacking[0]) : Duration.ZERO;
    }

    /** Returns how many callers are remembered. */
    int remembered() {
        return fullAt.size();
    }

    /** A caller whose bucket is full is as good as one who never called. */
    private void forget(long now) {
        long last = forgotAt.get();
        if (fullAt.size() >= REMEMBERED
                && now - last >= nanosHeld
                && forgotAt.compareAndSet(last, now)) {
            fullAt.values().removeIf(full -> full - now <= 0);
        }
    }
}
