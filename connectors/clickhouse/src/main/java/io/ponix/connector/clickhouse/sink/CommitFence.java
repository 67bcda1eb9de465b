package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Keeps a job that is no longer the active one from inserting; for jobs of which only one may write
 * to a table.
 */
@PublicEvolving
@FunctionalInterface
public interface CommitFence extends Serializable {

    /** Lets every job insert. */
    CommitFence NONE = jobId -> () -> {};

    /**
     * Called by every committer, in the process that runs its task; neither blocks nor fails.
     *
     * @param jobId the job's id, 32 hexadecimal digits
     */
    Gate open(String jobId);

    /** The fence as one committer meets it; used by several threads. */
    @FunctionalInterface
    interface Gate extends AutoCloseable {

        /**
         * Called before every insert and every repeat of one. Returns once the job may insert, and
         * blocks for as long as it may not: the batches stay in state meanwhile.
         *
         * @throws IOException if it can never be told; the job fails
         * @throws InterruptedException if the thread was interrupted
         */
        void await() throws IOException, InterruptedException;

        @Override
        default void close() {}
    }
}
