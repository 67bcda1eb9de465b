package io.ponix.deviceservice.history;

import com.google.protobuf.Timestamp;
import io.ponix.deviceservice.request.PageToken;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Up to where events are seen: those that were committed at a time or before, of versions up to
 * one, and in the order of commits up to a position below which nothing is still being committed.
 *
 * @param time {@link #ANY_TIME} where all are seen
 * @param version {@link #ANY_VERSION} where all are seen
 * @param horizon see {@link HistoryRepository#horizon}
 */
record Moment(Instant time, long version, long horizon) {

    static final Instant ANY_TIME = Instant.parse("9999-12-31T23:59:59.999999Z");
    static final long ANY_VERSION = Long.MAX_VALUE;

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final long MICROS = 1_000_000;

    /** The condition of a query of {@code registry_steps}, with a parameter for each. */
    static final String CONDITION =
            "committed_at <= ? AND resource_version <= ? AND commit_position <= ?";

    static Moment now(long horizon) {
        return new Moment(ANY_TIME, ANY_VERSION, horizon);
    }

    static Moment at(Instant time, long horizon) {
        return new Moment(time, ANY_VERSION, horizon);
    }

    static Moment of(long version, long horizon) {
        return new Moment(ANY_TIME, version, horizon);
    }

    /**
     * Reads the time of a request in the microseconds of Postgres, which rounds: what was committed
     * at a time or before is the same with and without its nanoseconds.
     */
    static Instant time(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos())
                .truncatedTo(ChronoUnit.MICROS);
    }

    /** The time as a number, for a token. */
    long micros() {
        return time.getEpochSecond() * MICROS + time.getNano() / 1_000;
    }

    /**
     * The moment of a token.
     *
     * @throws io.ponix.deviceservice.request.RequestException INVALID_ARGUMENT when there is no
     *     such time
     */
    static Moment ofMicros(long micros, long horizon) {
        Instant time =
                Instant.ofEpochSecond(
                        Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000);
        if (time.isBefore(EARLIEST) || time.isAfter(ANY_TIME)) {
            throw PageToken.refused();
        }
        return at(time, horizon);
    }

    /** Whether it is a time that may be before the history of something begins. */
    boolean isTime() {
        return !time.equals(ANY_TIME);
    }

    boolean isVersion() {
        return version != ANY_VERSION;
    }

    /** The parameters of the {@linkplain #CONDITION condition}. */
    List<Object> parameters() {
        return List.of(time, version, horizon);
    }
}
