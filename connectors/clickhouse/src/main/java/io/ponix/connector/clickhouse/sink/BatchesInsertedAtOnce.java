package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.sink.BatchInserter.Outcome;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * At least once: batches are inserted as soon as they are closed, beside the task's thread, and a
 * checkpoint waits until all are in the table.
 */
final class BatchesInsertedAtOnce implements ClosedBatches {

    private record Running(long bytes, Future<Outcome> insert) {}

    private final ParallelInserts inserts;
    private final long bound;
    private final Counter throttledMillis;
    private final Queue<Running> running = new ArrayDeque<>();
    private volatile long bytes;

    BatchesInsertedAtOnce(ParallelInserts inserts, long bound, MetricGroup group) {
        this.inserts = inserts;
        this.bound = bound;
        group.gauge(ClickHouseSinkMetrics.PENDING_BYTES, () -> bytes);
        this.throttledMillis = group.counter(ClickHouseSinkMetrics.THROTTLED_MILLIS);
    }

    @Override
    public void add(ClickHouseCommittable batch) throws IOException, InterruptedException {
        running.add(new Running(batch.sizeInMemory(), inserts.submit(batch, false)));
        bytes = bytes() + batch.sizeInMemory();
        while (!running.isEmpty() && running.peek().insert().isDone()) {
            awaitOldest();
        }
        if (bytes > bound) {
            long start = System.nanoTime();
            while (bytes > bound) {
                awaitOldest();
            }
            throttledMillis.inc(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }

    @Override
    public void flush() throws IOException, InterruptedException {
        while (!running.isEmpty()) {
            awaitOldest();
        }
    }

    private void awaitOldest() throws IOException, InterruptedException {
        Running oldest = running.remove();
        try {
            oldest.insert().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
        bytes = bytes() - oldest.bytes();
    }

    private long bytes() {
        return bytes;
    }

    @Override
    public List<ClickHouseCommittable> takeForCommit() {
        return List.of();
    }

    @Override
    public void close() throws IOException {
        inserts.close();
    }
}
