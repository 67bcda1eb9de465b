package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.MessageStamp;
import io.ponix.connector.nats.source.split.ReadHistory;
import java.util.ArrayList;
import java.util.List;

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
        final MessageStamp before;

        Advance(long from, long to, MessageStamp before) {
            this.from = from;
            this.to = to;
            this.before = before;
        }
    }

    private volatile Advance advance = new Advance(0, 0, null);
    private volatile long pendingMessages;

    /**
     * The split holds no message at or after one sequence and before another. Called by the
     * fetcher.
     *
     * @param before a message that the stream has before the other sequence, or null if none is
     *     known
     */
    void nothingBetween(long from, long to, MessageStamp before) {
        Advance known = advance;
        advance =
                known.to == from
                        ? new Advance(known.from, to, before == null ? known.before : before)
                        : new Advance(from, to, before);
    }

    /** The stream went back: what was recorded holds up to there. */
    void wentBackTo(long sequence) {
        Advance known = advance;
        if (sequence <= known.from) {
            forget();
        } else if (sequence < known.to) {
            advance = new Advance(known.from, sequence, null);
        }
    }

    /** What was recorded does not hold any more: it was about another stream. */
    void forget() {
        advance = new Advance(0, 0, null);
    }

    /**
     * The position a checkpoint may hold for a split whose records before a sequence have all been
     * emitted: that sequence, or a later one if nothing lies between.
     */
    long checkpointPosition(long nextSequence) {
        return atCheckpoint(nextSequence, advance);
    }

    /** A split at the position a checkpoint may hold, with what is known of the stream there. */
    JetStreamSplit atCheckpointPosition(JetStreamSplit split) {
        Advance known = advance;
        long position = atCheckpoint(split.nextSequence(), known);
        if (position != known.to || known.before == null) {
            return split.at(position);
        }
        List<MessageStamp> history = new ArrayList<>(split.history());
        history.add(known.before);
        return split.at(position, new ReadHistory(history).stamps());
    }

    private static long atCheckpoint(long nextSequence, Advance known) {
        return nextSequence >= known.from && nextSequence < known.to ? known.to : nextSequence;
    }

    void setPendingMessages(long messages) {
        pendingMessages = messages;
    }

    long pendingMessages() {
        return pendingMessages;
    }
}
