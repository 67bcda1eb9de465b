package io.ponix.jobs.envelope.poison;

import static io.ponix.jobs.envelope.poison.PoisonInput.TEMPERATURE;
import static io.ponix.jobs.envelope.poison.PoisonInput.changed;
import static io.ponix.jobs.envelope.poison.PoisonInput.deviceId;
import static io.ponix.jobs.envelope.poison.PoisonInput.letter;

import com.google.protobuf.Timestamp;
import io.ponix.jobs.envelope.poison.PoisonInput.Row;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Times at and beyond the edges of what can be stored. */
final class TimeInputs {

    /** The job's default for how far occurred_at may be ahead. */
    private static final Duration ALLOWED_SKEW = Duration.ofHours(24);

    private TimeInputs() {}

    static List<PoisonInput> all() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return List.of(
                changed(
                        "no time",
                        envelope -> envelope.clearOccurredAt(),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                                "missing")),
                stored("a time without fields", 0, 0, Instant.EPOCH),
                stored(
                        "the last nanosecond of the first second",
                        0,
                        999_999_999,
                        Instant.parse("1970-01-01T00:00:00.999Z")),
                stored(
                        "a leap day",
                        1_709_210_096,
                        789_000_000,
                        Instant.parse("2024-02-29T12:34:56.789Z")),
                stored("as far ahead as is allowed", now.plus(ALLOWED_SKEW).minusSeconds(60)),
                refused("farther ahead than is allowed", now.plus(ALLOWED_SKEW).plusSeconds(300)),
                refused("the last second of the range", Instant.parse("2106-02-07T06:28:15Z")),
                refused("the first second after it", 4_294_967_296L, 0, "2106-02-07T06:28:16Z"),
                refused("the last millisecond of 1969", -1, 999_000_000, "1969-12-31T23:59:59Z"),
                refused("year 1", -62_135_596_800L, 0, "0001-01-01T00:00:00Z"),
                refused("year 9999", 253_402_300_799L, 999_999_999, "9999-12-31T23:59:59Z"),
                refused("the least second", Long.MIN_VALUE, 0, "seconds since 1970"),
                refused("the greatest second", Long.MAX_VALUE, 0, "seconds since 1970"),
                refused("negative nanoseconds", 1_764_000_000, -1, "-1 nanoseconds"),
                refused("a billion nanoseconds", 1_764_000_000, 1_000_000_000, "1000000000"),
                refused("the least nanosecond", 1_764_000_000, Integer.MIN_VALUE, "-2147483648"));
    }

    private static PoisonInput stored(String name, Instant time) {
        return stored(name, time.getEpochSecond(), time.getNano(), time);
    }

    private static PoisonInput stored(String name, long seconds, int nanos, Instant expected) {
        return timed(name, seconds, nanos, new Row(deviceId(name), expected, TEMPERATURE));
    }

    private static PoisonInput refused(String name, Instant time) {
        return refused(name, time.getEpochSecond(), time.getNano(), "more than the allowed 1 d");
    }

    private static PoisonInput refused(String name, long seconds, int nanos, String message) {
        return timed(
                name,
                seconds,
                nanos,
                letter(DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE, message));
    }

    private static PoisonInput timed(
            String name, long seconds, int nanos, PoisonInput.Ending ending) {
        return changed(
                name,
                envelope ->
                        envelope.setOccurredAt(
                                Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos)),
                ending);
    }
}
