package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.io.IOException;
import java.time.Duration;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;

/** Reads one split in one fetcher thread, see {@link SplitPerFetcherManager}. */
final class JetStreamSplitReader implements SplitReader<FetchedMessage, JetStreamSplit> {

    /** Amortizes the handover between threads; small enough to let splits take turns. */
    private static final int BATCH_MESSAGES = 1_000;

    /**
     * A fetcher that waits for messages cannot be woken by the client: this is how late it notices
     * a wish to.
     */
    private static final Duration WAIT = Duration.ofMillis(100);

    private final JetStreamSourceOptions options;
    private final ReaderConnection connection;
    private final SubjectCoverage coverage;
    private final ReaderMetrics metrics;

    private JetStreamSplit split;
    private OrderedPullConsumer consumer;
    private volatile boolean paused;
    private volatile boolean wakeUp;

    JetStreamSplitReader(
            JetStreamSourceOptions options,
            ReaderConnection connection,
            SubjectCoverage coverage,
            ReaderMetrics metrics) {
        this.options = options;
        this.connection = connection;
        this.coverage = coverage;
        this.metrics = metrics;
    }

    @Override
    public RecordsWithSplitIds<FetchedMessage> fetch() throws IOException {
        try {
            while (!wakeUp && consumer != null) {
                if (paused) {
                    Thread.sleep(WAIT.toMillis());
                    continue;
                }
                MessageBatch batch = new MessageBatch(split);
                consumer.poll(batch, BATCH_MESSAGES, WAIT);
                if (batch.size() > 0 || batch.isSplitFinished()) {
                    return batch;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while reading " + split, e);
        }
        wakeUp = false;
        return new RecordsBySplits.Builder<FetchedMessage>().build();
    }

    @Override
    public void handleSplitsChanges(SplitsChange<JetStreamSplit> change) {
        if (change instanceof SplitsAddition) {
            if (consumer != null || change.splits().size() != 1) {
                throw new IllegalStateException(
                        "A fetcher reads one split, was given " + change.splits());
            }
            split = change.splits().get(0);
            consumer =
                    new OrderedPullConsumer(
                            split,
                            options,
                            connection,
                            coverage,
                            metrics,
                            metrics.progress(split.splitId()));
        } else {
            close();
        }
    }

    /**
     * Stops or resumes reading, for watermark alignment; takes effect with the next batch. Called
     * by the task's thread.
     */
    void setPaused(boolean pause) {
        paused = pause;
    }

    @Override
    public void wakeUp() {
        wakeUp = true;
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
            consumer = null;
        }
    }
}
