package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeFunctionsTest {

    @Test
    void makesATimeOfFields() throws Exception {
        assertThat(json("timestamp(2020, 11, 19, 9, 30, 45)", ""))
                .isEqualTo("\"2020-11-19T09:30:45Z\"");
        assertThat(json("timestamp(2024, 2, 29, 23, 59, 59)", ""))
                .isEqualTo("\"2024-02-29T23:59:59Z\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2025, 2, 30, 0, 0, 0|Invalid date 'FEBRUARY 30'",
                "2025, 2, 29, 0, 0, 0|Invalid date 'February 29' as '2025' is not a leap year",
                "2025, 13, 1, 0, 0, 0|Invalid value for MonthOfYear (valid values 1 - 12): 13",
                "2025, 0, 1, 0, 0, 0|Invalid value for MonthOfYear (valid values 1 - 12): 0",
                "2025, 1, 1, 24, 0, 0|Invalid value for HourOfDay (valid values 0 - 23): 24",
                "2025, 1, 1, 0, 60, 0|Invalid value for MinuteOfHour (valid values 0 - 59): 60",
                "2025, 1, 1, 0, 0, -1|Invalid value for SecondOfMinute (valid values 0 - 59): -1",
                "4294967297, 1, 1, 0, 0, 0|Invalid value for Year (valid values -999999999 - 999999999): 4294967297",
                "0, 1, 1, 0, 0, 0|the time 0000-01-01T00:00:00Z is not in the years 1 to 9999 that a timestamp can have"
            })
    void refusesFieldsOfNoTime(String fields, String message) {
        assertThat(error("timestamp(" + fields + ")", "")).isEqualTo("timestamp: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-01-31 12:00:00|yyyy-MM-dd HH:mm:ss|2026-01-31T12:00:00Z",
                "31.1.26|d.M.yy|2026-01-31T00:00:00Z",
                "20260131120000123|yyyyMMddHHmmssSSS|2026-01-31T12:00:00.123Z",
                "2026-01-31T12:00:00+02:00|yyyy-MM-dd\\'T\\'HH:mm:ssXXX|2026-01-31T10:00:00Z",
                "sat, 31 jan 2026 12:00:00 +0100|EEE, d MMM yyyy HH:mm:ss Z|2026-01-31T11:00:00Z",
                "2026-01-31 02:00 PM|yyyy-MM-dd hh:mm a|2026-01-31T14:00:00Z",
                "2026-01-31 2:05:07.25|yyyy-MM-dd H:mm:ss[.SS]|2026-01-31T02:05:07.250Z",
                "2026-01-31 2:05:07|yyyy-MM-dd H:mm:ss[.SS]|2026-01-31T02:05:07Z",
                "2026-01-31 10 Europe/Paris|yyyy-MM-dd HH VV|2026-01-31T09:00:00Z",
                // Of an hour that there is twice the one that the offset says.
                "2025-10-26T02:30:00+01:00[Europe/Berlin]|yyyy-MM-dd\\'T\\'HH:mm:ssXXX[\\'[\\'VV\\']\\']|2025-10-26T01:30:00Z",
                "2026-031|uuuu-DDD|2026-01-31T00:00:00Z"
            })
    void readsTimes(String text, String pattern, String time) throws Exception {
        assertThat(json("parse_time('" + text + "', '" + pattern + "')", ""))
                .isEqualTo("\"" + time + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-01-31 12:00|Europe/Berlin|2026-01-31T11:00:00Z",
                "2026-01-31 12:00|-03:30|2026-01-31T15:30:00Z",
                // Of an hour that there is twice the first.
                "2026-10-25 02:30|Europe/Berlin|2026-10-25T00:30:00Z"
            })
    void aTextThatNamesNoZoneIsInTheOneThatIsGiven(String text, String zone, String time)
            throws Exception {
        assertThat(json("parse_time('" + text + "', 'yyyy-MM-dd HH:mm', '" + zone + "')", ""))
                .isEqualTo("\"" + time + "\"");
        assertThat(json("parse_time('" + text + " Z', 'yyyy-MM-dd HH:mm X', '" + zone + "')", ""))
                .isEqualTo("\"" + text.replace(' ', 'T') + ":00Z\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-02-30|yyyy-MM-dd|'2026-02-30' is no time: Invalid date 'FEBRUARY 30'",
                "2026-13-01|yyyy-MM-dd|'2026-13-01' is no time: Invalid value for MonthOfYear (valid values 1 - 12): 13",
                "2026-01-01 24|yyyy-MM-dd HH|'2026-01-01 24' is no time: Invalid value for HourOfDay (valid values 0 - 23): 24",
                "2026-01-01x|yyyy-MM-dd|'2026-01-01x' does not follow the pattern 'yyyy-MM-dd' at offset 10",
                "26-01-01|yyyy-MM-dd|'26-01-01' does not follow the pattern 'yyyy-MM-dd' at offset 0",
                "Fri 2026-01-31|EEE yyyy-MM-dd|'Fri 2026-01-31' is no time: Conflict found: Field DayOfWeek 6 differs from DayOfWeek 5 derived from 2026-01-31",
                "12:00|HH:mm|the pattern 'HH:mm' gives no date: it takes a year, a month and a day",
                "2026-31|yyyy-mm|the pattern 'yyyy-mm' gives no date: it takes a year, a month and a day",
                "2026-01-31 02:00|yyyy-MM-dd hh:mm|the pattern 'yyyy-MM-dd hh:mm' gives no time of day: h takes a, m takes H, and s takes both",
                "2026-01-31|YYYY-MM-dd|the pattern has the letter Y at offset 0, which is none of yuMLdDEaHhmsSXxZOV: text of its own stands in single quotes",
                "2026-01-31 24|yyyy-MM-dd kk|the pattern has the letter k at offset 11, which is none of yuMLdDEaHhmsSXxZOV: text of its own stands in single quotes",
                "2026-01-31 12+05:00 Europe/Berlin|yyyy-MM-dd HHXXX VV|'2026-01-31 12+05:00 Europe/Berlin' has the offset +05:00, which Europe/Berlin has not at that time",
                "10000-01-01|yyyyy-MM-dd|the time +10000-01-01T00:00:00Z is not in the years 1 to 9999 that a timestamp can have",
                "x|yyyy-MM-dd]|Pattern invalid as it contains ] without previous ["
            })
    void refusesWhatIsNoTime(String text, String pattern, String message) {
        assertThat(error("parse_time('" + text + "', '" + pattern + "')", ""))
                .isEqualTo("parse_time: " + message);
    }

    @Test
    void refusesATimeThatClocksLeaveOut() {
        assertThat(error("parse_time('2026-03-29 02:30', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", ""))
                .isEqualTo(
                        "parse_time: '2026-03-29 02:30' is a time that clocks in Europe/Berlin leave"
                                + " out when they go forward");
    }

    @Test
    void refusesAZoneThatThereIsNot() {
        assertThat(error("parse_time('2026-01-31', 'yyyy-MM-dd', 'Mars')", ""))
                .isEqualTo(
                        "parse_time: no time zone 'Mars', where for instance 'Europe/Berlin' or"
                                + " '+02:00' is one");
    }

    @Test
    void refusesAPatternThatIsFarTooLong() {
        assertThat(error("parse_time('2026', '" + "[yyyy]".repeat(17) + "')", ""))
                .isEqualTo("parse_time: the pattern has more than 100 characters");
    }
}
