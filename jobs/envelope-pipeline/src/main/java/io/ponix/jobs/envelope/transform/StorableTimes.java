package io.ponix.jobs.envelope.transform;

import java.time.Duration;

/** Which times of readings are taken. */
final class StorableTimes {

    private final Duration allowedAge;
    private final Duration allowedFutureSkew;

    StorableTimes(TransformSettings settings) {
        this.allowedAge = settings.allowedAge();
        this.allowedFutureSkew = settings.allowedFutureSkew();
    }

    /**
     * Whether ClickHouse has the time, and it is not too far from the job's clock.
     *
     * @param now the job's clock, in milliseconds since 1970
     */
    boolean isStorable(long seconds, int nanos, long now) {
        long earliest = allowedAge == null ? 0 : now - allowedAge.toMillis();
        return OccurredAt.isStorable(seconds, nanos, earliest, now + allowedFutureSkew.toMillis());
    }

    /** What is wrong with a time, to follow its name. */
    String explain(long seconds, int nanos, long now) {
        return OccurredAt.explain(seconds, nanos, now, allowedAge, allowedFutureSkew);
    }
}
