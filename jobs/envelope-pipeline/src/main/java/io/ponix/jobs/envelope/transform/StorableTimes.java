package io.ponix.jobs.envelope.transform;

import java.time.Duration;

/** Which times of readings are taken. */
final class StorableTimes {

    /**
     * In place of the job's clock: of an envelope that is stored already, or in part, no time is
     * too early or too late any more.
     */
    static final long ACCEPTED_BEFORE = Long.MIN_VALUE;

    private final Duration allowedAge;
    private final Duration allowedFutureSkew;

    StorableTimes(TransformSettings settings) {
        this.allowedAge = settings.allowedAge();
        this.allowedFutureSkew = settings.allowedFutureSkew();
    }

    /**
     * Whether ClickHouse has the time, and it is not too far from the job's clock.
     *
     * @param now the job's clock, in milliseconds since 1970, or {@link #ACCEPTED_BEFORE}
     */
    boolean isStorable(long seconds, int nanos, long now) {
        if (now == ACCEPTED_BEFORE) {
            return OccurredAt.isStorable(seconds, nanos, 0, Long.MAX_VALUE);
        }
        long earliest = allowedAge == null ? 0 : now - allowedAge.toMillis();
        return OccurredAt.isStorable(seconds, nanos, earliest, now + allowedFutureSkew.toMillis());
    }

    /** What is wrong with a time, to follow its name. */
    String explain(long seconds, int nanos, long now) {
        return OccurredAt.explain(seconds, nanos, now, allowedAge, allowedFutureSkew);
    }
}
