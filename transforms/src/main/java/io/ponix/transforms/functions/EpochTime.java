package io.ponix.transforms.functions;

import java.time.DateTimeException;
import java.time.Instant;

/** Times that documents give in seconds since 1970. */
final class EpochTime {
    /** CEL's timestamps end here. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private EpochTime() {}

    /**
     * The time that is {@code seconds} after 1970, rounded to the microsecond: about as exactly as
     * a double holds the times of this century.
     *
     * @throws DateTimeException if CEL has no such timestamp
     */
    static Instant ofSeconds(double seconds) {
        double whole = Math.floor(seconds);
        if (!(whole >= FIRST.getEpochSecond() && whole <= LAST.getEpochSecond())) {
            throw outOfRange(seconds + " seconds after 1970");
        }
        long micros = Math.round((seconds - whole) * MICROS_PER_SECOND);
        return checked(Instant.ofEpochSecond((long) whole, micros * NANOS_PER_MICRO));
    }

    /**
     * Returns a time that CEL has a timestamp for.
     *
     * @throws DateTimeException if CEL has no such timestamp
     */
    static Instant checked(Instant time) {
        if (time.isBefore(FIRST) || time.isAfter(LAST)) {
            throw outOfRange(time.toString());
        }
        return time;
    }

    private static DateTimeException outOfRange(String time) {
        return new DateTimeException(
                "the time " + time + " is not in the years 1 to 9999 that a timestamp can have");
    }
}
