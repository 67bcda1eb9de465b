package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.sink.BatchInserter.Outcome;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Inserts batches beside the task's own thread, some at a time. */
final class ParallelInserts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ParallelInserts.class);
    private static final long LONGEST_CLOSE_SECONDS = 10;

    private final BatchInserter inserter;
    private final ExecutorService threads;

    /**
     * @param jobId of the job that inserts, for its {@link CommitFence}
     */
    ParallelInserts(InsertConfig config, InsertMetrics metrics, String jobId) {
        this.inserter = new BatchInserter(config, metrics, config.commitFence().open(jobId));
        this.threads =
                Executors.newFixedThreadPool(
                        config.parallelInserts(),
                        task -> {
                            Thread thread = new Thread(task, "clickhouse-insert");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    Future<Outcome> submit(ClickHouseCommittable batch, boolean restored) {
        return threads.submit(() -> inserter.insert(batch, restored));
    }

    /** Interrupts what is under way: the task has failed, was cancelled, or has nothing left. */
    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(LONGEST_CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn(
                        "An insert did not stop within {} s of its interruption",
                        LONGEST_CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inserter.close();
    }
}
