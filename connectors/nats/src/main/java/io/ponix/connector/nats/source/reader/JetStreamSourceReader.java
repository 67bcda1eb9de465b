package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SourceReaderBase;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * Reads the splits of one subtask: a fetcher thread per split over one shared connection, records
 * made and emitted in the task's thread.
 *
 * @param <OUT> type of the records
 */
@SuppressWarnings("try") // closing waits for threads, and Flink interrupts that
@Internal
public final class JetStreamSourceReader<OUT>
        extends SourceReaderBase<FetchedMessage, OUT, JetStreamSplit, JetStreamSplitState> {

    private final ReaderConnection connection;
    private final ReaderMetrics metrics;

    private JetStreamSourceReader(
            SplitPerFetcherManager fetchers,
            JetStreamRecordEmitter<OUT> emitter,
            SourceReaderContext context,
            ReaderConnection connection,
            ReaderMetrics metrics) {
        super(fetchers, emitter, context.getConfiguration(), context);
        this.connection = connection;
        this.metrics = metrics;
    }

    /** Makes the reader of a subtask; nothing is connected before it has a split. */
    public static <OUT> JetStreamSourceReader<OUT> create(
            JetStreamSourceOptions options,
            JetStreamDeserializationSchema<OUT> deserializer,
            SourceReaderContext context)
            throws Exception {
        deserializer.open(new Initialization(context));
        SubjectCoverage coverage = new SubjectCoverage(options);
        ReaderMetrics metrics = new ReaderMetrics(context.metricGroup());
        metrics.report(coverage);
        ReaderConnection connection =
                new ReaderConnection(
                        options.connection(),
                        "ponix-jetstream-source-" + context.getIndexOfSubtask());
        SplitPerFetcherManager fetchers =
                new SplitPerFetcherManager(
                        () -> new JetStreamSplitReader(options, connection, coverage, metrics),
                        context.getConfiguration());
        return new JetStreamSourceReader<>(
                fetchers,
                new JetStreamRecordEmitter<>(
                        deserializer, options.recreatedStreamPolicy(), metrics),
                context,
                connection,
                metrics);
    }

    @Override
    protected JetStreamSplitState initializedState(JetStreamSplit split) {
        JetStreamSplitState state = new JetStreamSplitState(split);
        metrics.register(state);
        return state;
    }

    @Override
    protected JetStreamSplit toSplitType(String splitId, JetStreamSplitState state) {
        return state.toSplit();
    }

    @Override
    public List<JetStreamSplit> snapshotState(long checkpointId) {
        List<JetStreamSplit> splits = new ArrayList<>();
        for (JetStreamSplit split : super.snapshotState(checkpointId)) {
            splits.add(metrics.progress(split.splitId()).atCheckpointPosition(split));
        }
        return splits;
    }

    @Override
    protected void onSplitFinished(Map<String, JetStreamSplitState> finished) {
        finished.keySet().forEach(metrics::unregister);
    }

    @Override
    public void close() throws Exception {
        super.close();
        connection.close();
    }

    private static final class Initialization
            implements DeserializationSchema.InitializationContext {

        private final SourceReaderContext context;

        Initialization(SourceReaderContext context) {
            this.context = context;
        }

        @Override
        public MetricGroup getMetricGroup() {
            return context.metricGroup();
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return context.getUserCodeClassLoader();
        }
    }
}
