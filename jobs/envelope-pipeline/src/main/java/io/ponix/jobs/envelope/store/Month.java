package io.ponix.jobs.envelope.store;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * A calendar month in UTC, as {@code toYYYYMM} numbers it.
 *
 * @param number year times 100 plus month
 * @param start its first millisecond since 1970
 * @param end the first millisecond after it
 */
record Month(int number, long start, long end) {

    private static final int HUNDRED = 100;

    /** The month that a time, in milliseconds since 1970, falls in. */
    static Month of(long millis) {
        LocalDate first =
                Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC).toLocalDate().withDayOfMonth(1);
        return new Month(
                first.getYear() * HUNDRED + first.getMonthValue(),
                millisOf(first),
                millisOf(first.plusMonths(1)));
    }

    boolean contains(long millis) {
        return millis >= start && millis < end;
    }

    private static long millisOf(LocalDate date) {
        return date.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }
}
