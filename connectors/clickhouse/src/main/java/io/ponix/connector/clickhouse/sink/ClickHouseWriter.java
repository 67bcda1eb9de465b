package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

/**
 * Encodes records into the open batch, closes it when it is full or its window ends, and passes
 * closed batches on to a {@link ClosedBatches}. All in the task's thread.
 *
 * @param <IN> the record's type
 */
final class ClickHouseWriter<IN> implements CommittingSinkWriter<IN, ClickHouseCommittable> {

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
            closeBatch();
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
                            closeBatch();
                        }
                    });
        }
    }

    private void closeBatch() throws IOException, InterruptedException {
        batchNumber++;
        List<ClickHouseCommittable> batches = buffer.close();
        for (ClickHouseCommittable batch : batches) {
            metrics.getNumRecordsSendCounter().inc(batch.rowCount());
            metrics.getNumBytesSendCounter().inc(batch.payload().length);
            closed.add(batch);
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        closeBatch();
        closed.flush();
    }

    @Override
    public Collection<ClickHouseCommittable> prepareCommit()
            throws IOException, InterruptedException {
        return closed.takeForCommit();
    }

    @Override
    public void close() throws IOException {
        closed.close();
    }
}
