package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.util.List;

/** What becomes of closed batches: the difference between the two guarantees. */
interface ClosedBatches extends AutoCloseable {

    /** Takes a batch; holds the caller back while too much is pending. */
    void add(ClickHouseCommittable batch) throws IOException, InterruptedException;

    /** Called before a checkpoint and at the end of the input. */
    void flush() throws IOException, InterruptedException;

    /** The batches that the committer must insert after the checkpoint. */
    List<ClickHouseCommittable> takeForCommit();

    @Override
    void close() throws IOException;
}
