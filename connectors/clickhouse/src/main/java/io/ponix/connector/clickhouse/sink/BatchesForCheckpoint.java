package io.ponix.connector.clickhouse.sink;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Exactly once: batches wait for the checkpoint.
 *
 * <p>Only a checkpoint frees them, and its barrier comes in behind records, so the writer must
 * never stop altogether. Beyond the bound it slows down to {@link #SLOW_BYTES_PER_SECOND}, which
 * keeps memory in check while the barrier gets through.
 */
final class BatchesForCheckpoint implements ClosedBatches {

    private static final long SLOW_BYTES_PER_SECOND = 256 * 1024;

    private final long bound;
    private final Counter throttledMillis;
    private List<ClickHouseCommittable> batches = new ArrayList<>();
    private volatile long bytes;

    BatchesForCheckpoint(long bound, MetricGroup group) {
        this.bound = bound;
        group.gauge(ClickHouseSinkMetrics.PENDING_BYTES, () -> bytes);
        this.throttledMillis = group.counter(ClickHouseSinkMetrics.THROTTLED_MILLIS);
    }

    @Override
    public void add(ClickHouseCommittable batch) throws InterruptedException {
        batches.add(batch);
        long pending = bytes + batch.sizeInMemory();
        bytes = pending;
        if (pending > bound) {
            long millis =
                    1 + TimeUnit.SECONDS.toMillis(batch.sizeInMemory()) / SLOW_BYTES_PER_SECOND;
            throttledMillis.inc(millis);
            Thread.sleep(millis);
        }
    }

    @Override
    public void flush() {}

    @Override
    public List<ClickHouseCommittable> takeForCommit() {
        List<ClickHouseCommittable> taken = batches;
        batches = new ArrayList<>();
        bytes = 0;
        return taken;
    }

    @Override
    public void close() {}
}
