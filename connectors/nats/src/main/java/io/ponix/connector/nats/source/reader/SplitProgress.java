package io.ponix.connector.nats.source.reader;

/**
 * What a split's fetcher knows about its position beyond the messages it hands over; shared with
 * the task's thread.
 *
 * <p>A filter that matches nothing for weeks would keep its old position while the stream moves on
 * and forgets, and a later restore could not tell that from a loss. So the fetcher asks now and
 * then whether there is anything, and records here how far there is not.
 */
final class SplitProgress {

    private static final class Advance {
        final long from;
        final long to;

        Advance(long from, long to) {
            this.from = from;
            this.to = to;
        }
    }

    private volatile Advance advance = new Advance(0, 0);
    private volatile long pendingMessages;

    /**
     * The split holds no message at or after one sequence and before another. Called by the
     * fetcher.
     */
    void nothingBetween(long from, long to) {
        Advance known = advance;
        advance = new Advance(known.to == from ? known.from : from, to);
    }

    /** What was recorded does not hold any more: it was about another stream. */
    void forget() {
        advance = new Advance(0, 0);
    }

    /**
     * The position a checkpoint may hold for a split whose records before a sequence have all been
     * emitted: that sequence, or a later one if nothing lies between.
     */
    long checkpointPosition(long nextSequence) {
        Advance known = advance;
        return nextSequence >= known.from && nextSequence < known.to ? known.to : nextSequence;
    }

    void setPendingMessages(long messages) {
        pendingMessages = messages;
    }

    long pendingMessages() {
        return pendingMessages;
    }
}
