package io.ponix.connector.nats.source.settings;

import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Decides when a job may begin to read a stream, and whether it may go on; for jobs of which only
 * one may be active. Asked beside the enumerator, on the JobManager: no reader is given a split
 * before the permission is there.
 */
@PublicEvolving
@FunctionalInterface
public interface SourcePermit extends Serializable {

    /**
     * Called by every enumerator when it starts, and so again after a JobManager has taken the job
     * up again; neither blocks nor fails.
     *
     * @param jobId the job's id, 32 hexadecimal digits
     */
    Held request(String jobId);

    /** The permission of one enumerator. */
    interface Held extends AutoCloseable {

        /**
         * Returns once the job may read.
         *
         * @throws Exception to fail the job
         * @throws InterruptedException if the enumerator was closed meanwhile
         */
        void await() throws Exception;

        /**
         * Called every {@link #renewalInterval} after {@link #await} has returned.
         *
         * @throws Exception to fail the job: it may read no longer
         */
        void renew() throws Exception;

        /** Time between two calls of {@link #renew}. */
        Duration renewalInterval();

        /**
         * Called when the enumerator closes, on another thread than the others: the job has ended,
         * or another enumerator takes its place.
         */
        @Override
        void close();
    }
}
