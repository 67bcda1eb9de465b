package io.ponix.jobs.options;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

/** Collects what is wrong with the options, so that a person sees all of it at once. */
public final class Problems {

    private static final Duration SHORTEST_RETENTION = Duration.ofHours(1);

    private final List<String> messages = new ArrayList<>();

    public List<String> messages() {
        return messages;
    }

    public void require(boolean condition, String option, String mustBe, Object value) {
        if (!condition) {
            Object text =
                    value instanceof Duration duration
                            ? TimeUtils.formatWithHighestUnit(duration)
                            : value;
            messages.add(option + " must be " + mustBe + ", is '" + text + "'");
        }
    }

    public void requireText(String option, String value) {
        require(!value.isBlank(), option, "set", value);
    }

    public void requireRange(String option, long lowest, long highest, long value) {
        require(value >= lowest && value <= highest, option, lowest + " to " + highest, value);
    }

    public void requireNotNegative(String option, Duration value) {
        require(!value.isNegative(), option, "0 or more", value);
    }

    public void requirePositive(String option, Duration value) {
        require(value.toMillis() > 0, option, "at least 1 ms", value);
    }

    /** A stream recognises repeats no longer than it keeps messages. */
    public void requireRetention(String option, Retention value) {
        require(
                value.limit().map(limit -> limit.compareTo(SHORTEST_RETENTION) >= 0).orElse(true),
                option,
                "unlimited, or at least 1h",
                value);
    }

    public void requireAtMost(String option, MemorySize largest, MemorySize value) {
        require(
                value.getBytes() > 0 && value.compareTo(largest) <= 0,
                option,
                "1 byte to " + largest,
                value);
    }

    /** A stream's name is the first token of its subjects as well. */
    public void requireStreamName(String option, String value) {
        require(
                value.matches("[A-Za-z0-9_-]+"),
                option,
                "a stream name of letters, digits, '_' and '-'",
                value);
    }
}
