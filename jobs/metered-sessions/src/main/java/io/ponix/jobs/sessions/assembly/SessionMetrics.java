package io.ponix.jobs.sessions.assembly;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of the operator that assembles sessions. */
public final class SessionMetrics {

    /** Counter: events of sessions that came for the first time. */
    public static final String EVENTS = "events";

    /** Counter: events that had come before. */
    public static final String REPEATED = "eventsRepeated";

    /** Counter: events left out, or cut, as their session had too much: dead letters. */
    public static final String LEFT_OUT = "eventsLeftOut";

    /** Counter: meter values of no session. */
    public static final String READINGS = "readings";

    /** Counter: sessions that were begun. */
    public static final String BEGUN = "sessionsBegun";

    /** Counter: versions of sessions handed to the sinks. */
    public static final String TOLD = "sessionsTold";

    /** Counter: sessions that are over as nothing was heard of them for long. */
    public static final String CLOSED_BY_IDLENESS = "sessionsClosedByIdleness";

    /** Counter: sessions of which nothing is kept any more. */
    public static final String FORGOTTEN = "sessionsForgotten";

    private final Counter events;
    private final Counter repeated;
    private final Counter leftOut;
    private final Counter readings;
    private final Counter begun;
    private final Counter told;
    private final Counter closedByIdleness;
    private final Counter forgotten;

    SessionMetrics(MetricGroup group) {
        events = group.counter(EVENTS);
        repeated = group.counter(REPEATED);
        leftOut = group.counter(LEFT_OUT);
        readings = group.counter(READINGS);
        begun = group.counter(BEGUN);
        told = group.counter(TOLD);
        closedByIdleness = group.counter(CLOSED_BY_IDLENESS);
        forgotten = group.counter(FORGOTTEN);
    }

    void countEvent(boolean isNew) {
        (isNew ? events : repeated).inc();
    }

    void countLeftOut() {
        leftOut.inc();
    }

    void countReadings(int count) {
        readings.inc(count);
    }

    void countBegun() {
        begun.inc();
    }

    void countTold() {
        told.inc();
    }

    void countClosedByIdleness() {
        closedByIdleness.inc();
    }

    void countForgotten() {
        forgotten.inc();
    }
}
