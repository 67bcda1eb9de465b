package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.SimpleType;
import io.ponix.transforms.budget.WorkMeter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.Collections;
import java.util.List;

/**
 * Times that payloads give in parts or as text.
 *
 * <table>
 * <caption>Times</caption>
 * <tr><td>{@code timestamp(year, month, day, hour, minute, second)}</td><td>of ints, in
 *     UTC</td></tr>
 * <tr><td>{@code parse_time(text, pattern[, zone])}</td><td>see {@link TimePattern}; a text that
 *     names no offset is in the zone, without which it is in UTC</td></tr>
 * </table>
 *
 * <p>What is no date of the calendar or no time of a day is an error, and never another one.
 */
public final class TimeFunctions extends DeclaredFunctions {
    private static final String PARSE_TIME = "parse_time";

    /** Of {@code timestamp}, in its order. */
    private static final List<ChronoField> FIELDS =
            List.of(
                    ChronoField.YEAR,
                    ChronoField.MONTH_OF_YEAR,
                    ChronoField.DAY_OF_MONTH,
                    ChronoField.HOUR_OF_DAY,
                    ChronoField.MINUTE_OF_HOUR,
                    ChronoField.SECOND_OF_MINUTE);

    private static final int UNITS_PER_CHARACTER_OF_PATTERN = 16;
    private static final int UNITS_PER_CHARACTER_OF_TEXT = 2;
    private static final int UNITS_OF_ZONE = 16;

    public TimeFunctions() {
        super(
                List.of(
                        new Overload(
                                "timestamp",
                                "timestamp_of_fields",
                                FunctionCost.CONSTANT,
                                SimpleType.TIMESTAMP,
                                Collections.nCopies(FIELDS.size(), SimpleType.INT),
                                TimeFunctions::timestamp),
                        new Overload(
                                PARSE_TIME,
                                "parse_time_string_string",
                                FunctionCost.METERED,
                                SimpleType.TIMESTAMP,
                                List.of(SimpleType.STRING, SimpleType.STRING),
                                arguments ->
                                        parse(
                                                (String) arguments[0],
                                                (String) arguments[1],
                                                ZoneOffset.UTC)),
                        new Overload(
                                PARSE_TIME,
                                "parse_time_string_string_zone",
                                FunctionCost.METERED,
                                SimpleType.TIMESTAMP,
                                List.of(SimpleType.STRING, SimpleType.STRING, SimpleType.STRING),
                                arguments ->
                                        parse(
                                                (String) arguments[0],
                                                (String) arguments[1],
                                                zone((String) arguments[2])))));
    }

    private static Instant timestamp(Object[] arguments) {
        try {
            int[] fields = new int[FIELDS.size()];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = FIELDS.get(i).checkValidIntValue((Long) arguments[i]);
            }
            return EpochTime.checked(
                    LocalDateTime.of(
                                    fields[0], fields[1], fields[2], fields[3], fields[4],
                                    fields[5])
                            .toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            throw new CelInvalidArgumentException("timestamp: " + e.getMessage());
        }
    }

    private static ZoneId zone(String name) {
        WorkMeter.chargeCurrent(UNITS_OF_ZONE + (long) name.length());
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new CelInvalidArgumentException(
                    PARSE_TIME
                            + ": no time zone "
                            + QuotedText.of(name)
                            + ", where for instance 'Europe/Berlin' or '+02:00' is one");
        }
    }

    private static Instant parse(String text, String pattern, ZoneId zone) {
        // Whether the pattern has to be made is a matter of luck, which must not decide.
        WorkMeter.chargeCurrent(
                (long) UNITS_PER_CHARACTER_OF_PATTERN
                                * Math.min(pattern.length(), TimePattern.LONGEST)
                        + (long) UNITS_PER_CHARACTER_OF_TEXT * text.length());
        try {
            return TimePattern.of(pattern).parse(text, zone);
        } catch (IllegalArgumentException e) {
            throw new CelBadFormatException(PARSE_TIME + ": " + e.getMessage());
        }
    }
}
