package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessage;
import io.ponix.sessions.station.Station;
import java.util.TreeMap;

/** What is kept of a station. */
final class StationState {

    private static final long DAY_MILLIS = 86_400_000;

    private final Station station;

    /** How many sessions were begun on which day since 1970. */
    private final TreeMap<Long, Integer> begun = new TreeMap<>();

    private RawMessage origin;
    private long timer;

    /**
     * @param origin the envelope that the station was heard of last in, without its bytes
     */
    StationState(Station station, RawMessage origin) {
        this.station = station;
        this.origin = origin;
    }

    Station station() {
        return station;
    }

    /** When a message of it was received last, in milliseconds since 1970. */
    long lastHeard() {
        return origin.receivedAt();
    }

    /** The envelope that it was in. */
    RawMessage origin() {
        return origin;
    }

    void heard(RawMessage of) {
        if (of.receivedAt() > origin.receivedAt()) {
            origin = of;
        }
    }

    /** When it is looked at again for what is too old; 0: nothing is due. */
    long timer() {
        return timer;
    }

    void setTimer(long time) {
        timer = time;
    }

    TreeMap<Long, Integer> begun() {
        return begun;
    }

    /** Takes note of a session that was begun. */
    void begin(long now) {
        begun.merge(day(now), 1, Integer::sum);
    }

    /** How many sessions were begun since a time, or on its day. */
    long begunSince(long time) {
        begun.headMap(day(time)).clear();
        return begun.values().stream().mapToLong(Integer::longValue).sum();
    }

    private static long day(long time) {
        return Math.floorDiv(time, DAY_MILLIS);
    }
}
