package io.ponix.jobs.sessions.read;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of the operator that reads messages. */
public final class ReadMetrics {

    /** Counter: messages of stations that were understood. */
    public static final String MESSAGES = "messages";

    /** Counter: messages that were not, of each of which a dead letter tells. */
    public static final String REFUSED = "messagesRefused";

    /** Counter: meter values that have no number, as NaN, and are left out. */
    public static final String UNUSABLE_VALUES = "meterValuesUnusable";

    /** Counter: envelopes that say nothing of sessions. */
    public static final String WITHOUT_SESSION = "envelopesWithoutSession";

    private final Counter messages;
    private final Counter refused;
    private final Counter unusableValues;
    private final Counter withoutSession;

    ReadMetrics(MetricGroup group) {
        messages = group.counter(MESSAGES);
        refused = group.counter(REFUSED);
        unusableValues = group.counter(UNUSABLE_VALUES);
        withoutSession = group.counter(WITHOUT_SESSION);
    }

    void countMessage() {
        messages.inc();
    }

    void countRefused(int count) {
        refused.inc(count);
    }

    void countUnusableValues(int count) {
        unusableValues.inc(count);
    }

    void countWithoutSession() {
        withoutSession.inc();
    }
}
