package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.apache.flink.util.TimeUtils;

/** Decides whether an envelope's occurred_at can be stored. */
final class OccurredAt {

    /** The last second that ClickHouse's date functions take: 2106-02-07T06:28:15Z. */
    static final long MAXIMUM_SECONDS = 0xFFFF_FFFFL;

    private static final int MAXIMUM_NANOS = 999_999_999;
    private static final long MILLIS_PER_SECOND = 1000;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private OccurredAt() {}

    /**
     * Whether the envelope says when it occurred, from 1970 to 2106 and not before {@code earliest}
     * or after {@code latest}, in milliseconds since 1970.
     */
    static boolean isStorable(InboundEnvelope envelope, long earliest, long latest) {
        long seconds = envelope.occurredAtSeconds();
        int nanos = envelope.occurredAtNanos();
        return envelope.hasOccurredAt()
                && seconds >= 0
                && seconds <= MAXIMUM_SECONDS
                && nanos >= 0
                && nanos <= MAXIMUM_NANOS
                && millis(envelope) >= earliest
                && millis(envelope) <= latest;
    }

    /** The time in milliseconds since 1970, cut to the millisecond. */
    static long millis(InboundEnvelope envelope) {
        return envelope.occurredAtSeconds() * MILLIS_PER_SECOND
                + envelope.occurredAtNanos() / NANOS_PER_MILLI;
    }

    /**
     * Says why a time is not storable.
     *
     * @param allowedAge null where any is allowed
     */
    static String explain(
            InboundEnvelope envelope, long now, Duration allowedAge, Duration allowedSkew) {
        if (!envelope.hasOccurredAt()) {
            return "occurred_at is missing";
        }
        int nanos = envelope.occurredAtNanos();
        if (nanos < 0 || nanos > MAXIMUM_NANOS) {
            return "occurred_at has " + nanos + " nanoseconds, not 0 to " + MAXIMUM_NANOS;
        }
        long seconds = envelope.occurredAtSeconds();
        if (seconds < 0 || seconds > MAXIMUM_SECONDS) {
            return "occurred_at is "
                    + text(seconds)
                    + ", outside of 1970-01-01T00:00:00Z to "
                    + text(MAXIMUM_SECONDS);
        }
        boolean early = millis(envelope) < now;
        return "occurred_at is "
                + Instant.ofEpochMilli(millis(envelope))
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
