package io.ponix.jobs.envelope.transform;

import java.io.IOException;
import java.io.Serializable;
import java.util.Set;

/**
 * Knows which envelopes are rows already. A job that starts from an older savepoint, or from
 * nothing, reads envelopes again that an earlier run has stored; without a look they would be
 * stored twice.
 */
public interface StoredSequences extends Serializable, AutoCloseable {

    /** Prepares to be asked; the store need not be there yet. */
    void open();

    /**
     * Whether all rows of a message of the stream are stored already. A run asks about each message
     * that it reads before it stores anything of it; what it has stored itself meanwhile may or may
     * not be found. Cheap for messages after the last one that an earlier run stored.
     *
     * @param sequence of the message in its stream
     * @param receivedAt when JetStream stored it, in milliseconds since 1970: tells a message from
     *     one of the same sequence in a stream that was deleted and made anew, or that went back
     * @throws IOException if the store refuses to be asked; one that is away is waited for
     * @throws InterruptedException if the thread was interrupted
     */
    boolean contains(long sequence, long receivedAt) throws IOException, InterruptedException;

    /**
     * Which rows of a message are stored, by their indexes, where some are and others are not: a
     * server died between the months of its rows, and nobody inserted the others. Empty for every
     * other message.
     *
     * @param sequence of a message for which {@link #contains} was asked
     * @param receivedAt as there
     */
    Set<Integer> rows(long sequence, long receivedAt);

    @Override
    void close();
}
