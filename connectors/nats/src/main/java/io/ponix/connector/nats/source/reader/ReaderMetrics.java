package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.split.JetStreamSplitState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * The metrics of one reader, see {@link JetStreamSourceMetrics}. Counted by fetchers and task, read
 * by reporters.
 */
final class ReaderMetrics {

    private final MetricGroup group;
    private final Counter redeliveriesDropped;
    private final Counter missingSequences;
    private final Counter gaps;
    private final Counter reconnects;
    private final Counter rewinds;
    private final Map<String, SplitProgress> splits = new ConcurrentHashMap<>();

    ReaderMetrics(SourceReaderMetricGroup readerGroup) {
        group = readerGroup.addGroup(JetStreamSourceMetrics.GROUP);
        redeliveriesDropped = counter(JetStreamSourceMetrics.REDELIVERIES_DROPPED);
        missingSequences = counter(JetStreamSourceMetrics.MISSING_SEQUENCES);
        gaps = counter(JetStreamSourceMetrics.GAPS);
        reconnects = counter(JetStreamSourceMetrics.RECONNECTS);
        rewinds = counter(JetStreamSourceMetrics.REWINDS);
        readerGroup.setPendingRecordsGauge(
                () -> splits.values().stream().mapToLong(SplitProgress::pendingMessages).sum());
    }

    void report(SubjectCoverage coverage) {
        group.gauge(JetStreamSourceMetrics.UNREAD_SUBJECTS, coverage::unread);
    }

    private Counter counter(String name) {
        return group.counter(name, new ThreadSafeSimpleCounter());
    }

    /**
     * Begins to report a split; its progress is where the fetcher's part of the figures comes from.
     */
    SplitProgress register(JetStreamSplitState state) {
        SplitProgress progress = new SplitProgress();
        splits.put(state.toSplit().splitId(), progress);
        MetricGroup splitGroup =
                group.addGroup(JetStreamSourceMetrics.STREAM_GROUP, state.toSplit().stream())
                        .addGroup(
                                JetStreamSourceMetrics.FILTER_GROUP,
                                state.toSplit().filterSubject());
        splitGroup.gauge(
                JetStreamSourceMetrics.CURRENT_SEQUENCE,
                () -> Math.max(0, progress.checkpointPosition(state.nextSequence()) - 1));
        splitGroup.gauge(JetStreamSourceMetrics.PENDING_MESSAGES, progress::pendingMessages);
        return progress;
    }

    SplitProgress progress(String splitId) {
        return splits.get(splitId);
    }

    void unregister(String splitId) {
        splits.remove(splitId);
    }

    void redeliveryDropped() {
        redeliveriesDropped.inc();
    }

    /** Messages were gone, this many sequences at most. */
    void gap(long sequences) {
        gaps.inc();
        missingSequences.inc(sequences);
    }

    void reconnected() {
        reconnects.inc();
    }

    void rewound() {
        rewinds.inc();
    }
}
