package io.ponix.jobs.envelope.transform;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.apache.flink.util.TimeUtils;

/** Decides whether an occurred_at, of an envelope or of a row, can be stored. */
final class OccurredAt {

    /** The last second that ClickHouse's date functions take: 2106-02-07T06:28:15Z. */
    static final long MAXIMUM_SECONDS = 0xFFFF_FFFFL;

    private static final int MAXIMUM_NANOS = 999_999_999;
    private static final long MILLIS_PER_SECOND = 1000;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private OccurredAt() {}

    /**
     * Whether a time is from 1970 to 2106 and not before {@code earliest} or after {@code latest},
     * in milliseconds since 1970.
     *
     * @param seconds since 1970
     * @param nanos of the second; any number
     */
    static boolean isStorable(long seconds, int nanos, long earliest, long latest) {
        return seconds >= 0
                && seconds <= MAXIMUM_SECONDS
                && nanos >= 0
                && nanos <= MAXIMUM_NANOS
                && millis(seconds, nanos) >= earliest
                && millis(seconds, nanos) <= latest;
    }

    /** A time in milliseconds since 1970, cut to the millisecond. */
    static long millis(long seconds, int nanos) {
        return seconds * MILLIS_PER_SECOND + nanos / NANOS_PER_MILLI;
    }

    /**
     * Says why a time is not storable: goes on after its name.
     *
     * @param allowedAge null where any is allowed
     */
    static String explain(
            long seconds, int nanos, long now, Duration allowedAge, Duration allowedSkew) {
        if (nanos < 0 || nanos > MAXIMUM_NANOS) {
            return "has " + nanos + " nanoseconds, not 0 to " + MAXIMUM_NANOS;
        }
        if (seconds < 0 || seconds > MAXIMUM_SECONDS) {
            return "is "
                    + text(seconds)
                    + ", outside of 1970-01-01T00:00:00Z to "
                    + text(MAXIMUM_SECONDS);
        }
        boolean early = millis(seconds, nanos) < now;
        return "is "
                + Instant.ofEpochMilli(millis(seconds, nanos))
                + ", more than the allowed "
                + TimeUtils.formatWithHighestUnit(early ? allowedAge : allowedSkew)
                + (early ? " before" : " after")
                + " the job's clock, "
                + Instant.ofEpochMilli(now);
    }

    private static String text(long seconds) {
        try {
            return Instant.ofEpochSecond(seconds).toString();
        } catch (DateTimeException e) {
            return seconds + " seconds since 1970";
        }
    }
}
