package io.ponix.jobs.envelope.transform;

import java.io.IOException;
import java.io.Serializable;

/**
 * Keeps an operator from looking at what is stored before its job is the active one: what an
 * earlier job still stored in between would be stored twice.
 */
@FunctionalInterface
public interface Activation extends Serializable {

    /**
     * Returns once the job is the active one, and what an earlier one has stored can be seen.
     *
     * @param jobId of the operator's job
     * @throws IOException if that can never be told
     * @throws InterruptedException if the thread was interrupted
     */
    void await(String jobId) throws IOException, InterruptedException;
}
