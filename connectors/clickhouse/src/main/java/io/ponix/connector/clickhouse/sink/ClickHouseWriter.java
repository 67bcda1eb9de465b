package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

/**
 * Encodes records into the open batch, closes it when it is full or its window ends, and passes
 * closed batches on to a {@link ClosedBatches}. All in the task's thread.
 *
 * <p>What a checkpoint leaves open (see {@link BatchBuffer#closeWhatIsDue}) is the writer's state,
 * in the form of batches.
 *
 * @param <IN> the record's type
 */
final class ClickHouseWriter<IN>
        implements CommittingSinkWriter<IN, ClickHouseCommittable>,
                StatefulSinkWriter<IN, ClickHouseCommittable> {

    private final BatchBuffer<IN> buffer;
    private final BatchLimits limits;
    private final ClosedBatches closed;
    private final ProcessingTimeService timers;
    private final SinkWriterMetricGroup metrics;
    private long batchNumber;

    ClickHouseWriter(
            BatchBuffer<IN> buffer,
            BatchLimits limits,
            ClosedBatches closed,
            ProcessingTimeService timers,
            SinkWriterMetricGroup metrics) {
        this.buffer = buffer;
        this.limits = limits;
        this.closed = closed;
        this.timers = timers;
        this.metrics = metrics;
    }

    @Override
    public void write(IN element, Context context) throws IOException, InterruptedException {
        if (buffer.rowCount() == 0) {
            startWindow();
        }
        buffer.add(element);
        if (buffer.rowCount() >= limits.rows() || buffer.byteCount() >= limits.bytes()) {
            // Whatever is due or not: there is no room to wait.
            batchNumber++;
            pass(buffer.close());
        }
    }

    private void startWindow() {
        if (!limits.window().isZero()) {
            long number = batchNumber;
            timers.registerTimer(
                    timers.getCurrentProcessingTime() + limits.window().toMillis(),
                    time -> {
                        // The batch of this timer may have been closed by its size meanwhile.
                        if (number == batchNumber) {
                            closeWhatIsDue();
                        }
                    });
        }
    }

    private void closeWhatIsDue() throws IOException, InterruptedException {
        batchNumber++;
        pass(buffer.closeWhatIsDue());
        if (buffer.rowCount() > 0) {
            startWindow();
        }
    }

    /**
     * Passes on batches: closed ones, and those that {@link #snapshotState} put into the checkpoint
     * this writer starts from.
     */
    void pass(Collection<ClickHouseCommittable> batches) throws IOException, InterruptedException {
        for (ClickHouseCommittable batch : batches) {
            metrics.getNumRecordsSendCounter().inc(batch.rowCount());
            metrics.getNumBytesSendCounter().inc(batch.payload().length);
            closed.add(batch);
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        if (endOfInput) {
            pass(buffer.close());
        } else {
            closeWhatIsDue();
        }
        closed.flush();
    }

    @Override
    public Collection<ClickHouseCommittable> prepareCommit()
            throws IOException, InterruptedException {
        return closed.takeForCommit();
    }

    @Override
    public List<ClickHouseCommittable> snapshotState(long checkpointId) {
        return buffer.copy();
    }

    @Override
    public void close() throws IOException {
        closed.close();
    }
}
