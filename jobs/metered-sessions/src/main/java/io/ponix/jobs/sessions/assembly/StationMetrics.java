package io.ponix.jobs.sessions.assembly;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of the operator that knows stations. */
public final class StationMetrics {

    /** Counter: starts of sessions that nobody gave an id; what they measured is of no session. */
    public static final String NEVER_ANSWERED = "startsNeverAnswered";

    /** Counter: messages of sessions beyond those that a station may begin: dead letters. */
    public static final String REFUSED = "sessionsRefused";

    /** Counter: stations that nothing was heard of for long, and that are forgotten. */
    public static final String FORGOTTEN = "stationsForgotten";

    private final Counter neverAnswered;
    private final Counter refused;
    private final Counter forgotten;

    StationMetrics(MetricGroup group) {
        neverAnswered = group.counter(NEVER_ANSWERED);
        refused = group.counter(REFUSED);
        forgotten = group.counter(FORGOTTEN);
    }

    void countNeverAnswered() {
        neverAnswered.inc();
    }

    void countRefused() {
        refused.inc();
    }

    void countForgotten() {
        forgotten.inc();
    }
}
