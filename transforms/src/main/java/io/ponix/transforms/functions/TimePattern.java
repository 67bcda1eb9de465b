package io.ponix.transforms.functions;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.List;
import java.util.Locale;

/**
 * A pattern that a text with a time follows, in the letters of {@link DateTimeFormatter}, with
 * English names of months and days in whichever case. A date that does not exist is none: neither
 * February 30 nor 24:00 nor a local time that daylight saving leaves out. Two digits of a year are
 * of this century.
 *
 * <p>Immutable and safe for use by several threads at once.
 */
final class TimePattern {
    /** In characters; the times of people have half of it. */
    static final int LONGEST = 100;

    /**
     * Without the names of time zones, which mean several each; an hour of 24, which java.time has
     * on the same day; weeks, quarters and eras; and what is not in a text.
     */
    private static final String LETTERS = "yuMLdDEaHhmsSXxZOV";

    private static final int NO_QUOTE = -1;

    private static final RecentlyCompiled<TimePattern> PATTERNS =
            new RecentlyCompiled<>(TimePattern::new);

    private final String pattern;
    private final DateTimeFormatter formatter;

    private TimePattern(String pattern) {
        this.pattern = pattern;
        checkLetters(pattern);
        this.formatter =
                new DateTimeFormatterBuilder()
                        .parseCaseInsensitive()
                        .appendPattern(pattern)
                        // Years are of the common era, as the formatter wants to be told of "y".
                        .parseDefaulting(ChronoField.ERA, 1)
                        .toFormatter(Locale.ENGLISH)
                        .withResolverStyle(ResolverStyle.STRICT);
    }

    /**
     * The pattern of a text.
     *
     * @throws IllegalArgumentException if it is none; says why
     */
    static TimePattern of(String pattern) {
        return PATTERNS.get(pattern);
    }

    private static void checkLetters(String pattern) {
        if (pattern.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "the pattern has more than " + LONGEST + " characters");
        }
        int quote = NO_QUOTE;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            boolean isLetter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (c == '\'') {
                quote = quote == NO_QUOTE ? i : NO_QUOTE;
            } else if (isLetter && quote == NO_QUOTE && LETTERS.indexOf(c) < 0) {
                throw new IllegalArgumentException(
                        "the pattern has the letter "
                                + c
                                + " at offset "
                                + i
                                + ", which is none of "
                                + LETTERS
                                + ": text of its own stands in single quotes");
            }
        }
    }

    /**
     * Reads a time.
     *
     * @param zone of a text that names none
     * @throws IllegalArgumentException if the text does not follow the pattern, or there is no such
     *     time; says where, or what is wrong with it
     */
    Instant parse(String text, ZoneId zone) {
        TemporalAccessor parsed;
        try {
            parsed = formatter.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(why(text, e), e);
        }
        LocalDate date = parsed.query(TemporalQueries.localDate());
        if (date == null) {
            throw new IllegalArgumentException(
                    "the pattern "
                            + QuotedText.of(pattern)
                            + " gives no date: it takes a year, a month and a day");
        }
        LocalTime time = parsed.query(TemporalQueries.localTime());
        if (time == null && namesTime()) {
            throw new IllegalArgumentException(
                    "the pattern "
                            + QuotedText.of(pattern)
                            + " gives no time of day: h takes a, m takes H, and s takes both");
        }
        LocalDateTime local = LocalDateTime.of(date, time == null ? LocalTime.MIDNIGHT : time);
        ZoneId ownZone = parsed.query(TemporalQueries.zone());
        if (parsed.isSupported(ChronoField.OFFSET_SECONDS)) {
            ZoneOffset offset = ZoneOffset.ofTotalSeconds(parsed.get(ChronoField.OFFSET_SECONDS));
            if (ownZone != null && !ownZone.getRules().isValidOffset(local, offset)) {
                throw new IllegalArgumentException(
                        QuotedText.of(text)
                                + " has the offset "
                                + offset
                                + ", which "
                                + ownZone
                                + " has not at that time");
            }
            return instant(local, offset, text);
        }
        return instant(local, ownZone == null ? zone : ownZone, text);
    }

    private boolean namesTime() {
        String unquoted = pattern.replaceAll("'[^']*'", "");
        return unquoted.chars().anyMatch(c -> "aHhmsS".indexOf(c) >= 0);
    }

    /** Of the two times that a clock shows twice the first. */
    private static Instant instant(LocalDateTime local, ZoneId zone, String text) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.isEmpty()) {
            throw new IllegalArgumentException(
                    QuotedText.of(text)
                            + " is a time that clocks in "
                            + zone
                            + " leave out when they go forward");
        }
        try {
            return EpochTime.checked(local.toInstant(offsets.get(0)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private String why(String text, DateTimeParseException e) {
        boolean isRead = e.getCause() instanceof DateTimeException;
        return isRead
                ? QuotedText.of(text) + " is no time: " + e.getCause().getMessage()
                : QuotedText.of(text)
                        + " does not follow the pattern "
                        + QuotedText.of(pattern)
                        + " at offset "
                        + e.getErrorIndex();
    }
}
