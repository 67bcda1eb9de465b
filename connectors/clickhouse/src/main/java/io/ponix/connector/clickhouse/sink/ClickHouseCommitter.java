package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.sink.BatchInserter.Outcome;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.flink.api.connector.sink2.Committer;

/**
 * Inserts the batches of a completed checkpoint, in parallel, and waits for all of them.
 *
 * <p>It never gives a batch up: {@code retryLater} would end after some attempts and {@code
 * signalFailedWithKnownReason} would drop the batch, so neither is used. Waiting for a server that
 * is down happens inside {@link #commit}, and only a failure of the job ends it.
 */
final class ClickHouseCommitter implements Committer<ClickHouseCommittable> {

    private final ParallelInserts inserts;
    private final long restoredFrom;

    /**
     * A committer.
     *
     * @param config how batches are inserted
     * @param metrics counts
     * @param jobId of the committer's job
     * @param restoredFrom the checkpoint this attempt started from, or {@link
     *     ClickHouseCommittable#NOT_RESTORED}
     */
    ClickHouseCommitter(
            InsertConfig config, InsertMetrics metrics, String jobId, long restoredFrom) {
        this.inserts = new ParallelInserts(config, metrics, jobId);
        this.restoredFrom = restoredFrom;
    }

    @Override
    public void commit(Collection<CommitRequest<ClickHouseCommittable>> requests)
            throws IOException, InterruptedException {
        Map<CommitRequest<ClickHouseCommittable>, Future<Outcome>> running = new LinkedHashMap<>();
        for (CommitRequest<ClickHouseCommittable> request : requests) {
            ClickHouseCommittable batch = request.getCommittable();
            // The writer and committer of one attempt start from the same checkpoint. A batch in
            // that checkpoint was made by an attempt that had started from an earlier one.
            boolean restored = batch.writerRestoredFrom() != restoredFrom;
            running.put(request, inserts.submit(batch, restored));
        }
        try {
            for (Map.Entry<CommitRequest<ClickHouseCommittable>, Future<Outcome>> insert :
                    running.entrySet()) {
                if (insert.getValue().get() == Outcome.ALREADY_STORED) {
                    insert.getKey().signalAlreadyCommitted();
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            running.values().forEach(insert -> insert.cancel(true));
        }
    }

    @Override
    public void close() throws IOException {
        inserts.close();
    }
}
