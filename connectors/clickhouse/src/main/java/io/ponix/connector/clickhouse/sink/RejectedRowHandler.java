package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Takes the rows that ClickHouse refuses for good, so that their neighbours can be stored.
 *
 * <p>{@link #handle} returns when the row is safe elsewhere (published, stored). Only then does the
 * row's batch count as committed. After a failure the same row may be handed over again: make the
 * repeat harmless, for instance with a message id made of the row's own identity. One call at a
 * time per subtask, from a thread of the sink.
 */
@PublicEvolving
public interface RejectedRowHandler extends Serializable, AutoCloseable {

    /**
     * Called before the first row, in the process that runs the task.
     *
     * @throws Exception to fail the job; the batch stays in state
     */
    default void open() throws Exception {}

    /**
     * Puts the row in safety; once for a record, of however many rows it is.
     *
     * @param row the row and ClickHouse's reason
     * @throws Exception if that failed: the job fails, the batch stays in state, and the row is
     *     handed over again after the restart
     */
    void handle(RejectedRow row) throws Exception;

    /**
     * Called once when the task ends, if {@link #open} was called.
     *
     * @throws IOException logged by Flink
     */
    @Override
    default void close() throws IOException {}
}
