package io.ponix.jobs.envelope.transform;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What became of the envelopes that an operator decoded, in its group of metrics. */
final class DecodingMetrics {

    private final Counter rows;
    private final Counter converted;
    private final Counter unmatched;
    private final Counter empty;
    private final Map<DeadLetterReason, Counter> deadLetters =
            new EnumMap<>(DeadLetterReason.class);

    DecodingMetrics(MetricGroup group) {
        converted = group.counter(EnvelopeMetrics.CONVERTED);
        rows = group.counter(EnvelopeMetrics.ROWS);
        unmatched = group.counter(EnvelopeMetrics.UNMATCHED);
        empty = group.counter(EnvelopeMetrics.EMPTY);
        MetricGroup byReason = group.addGroup(EnvelopeMetrics.DEAD_LETTERS);
        for (DeadLetterReason reason : DeadLetterReasons.all()) {
            // The store's refusals come after this operator; the sink counts them.
            if (reason != DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE) {
                deadLetters.put(reason, byReason.counter(DeadLetterReasons.name(reason)));
            }
        }
    }

    void countConverted(int rowCount) {
        converted.inc();
        rows.inc(rowCount);
    }

    void countEmpty() {
        empty.inc();
    }

    void countUnmatched() {
        unmatched.inc();
    }

    void countDeadLetter(DeadLetterReason reason) {
        deadLetters.get(reason).inc();
    }
}
