package io.ponix.connector.nats.source.split;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Some of the messages that a position lies behind: the newest one always, and of the others so
 * many that however far a stream goes back, one that it still has is not much further back. The
 * distance between two that are kept grows with how long ago they were read.
 *
 * <p>They need not be the split's own: any message of the stream that was there when the position
 * moved past it tells the same.
 *
 * <p>Used by one thread.
 */
@Internal
public final class ReadHistory {

    /** Messages kept beside the newest. */
    static final int MOST = 16;

    /** Of so many messages one is a candidate. */
    private static final int EVERY = 256;

    private final long[] sequences = new long[MOST + 1];
    private final long[] timestamps = new long[MOST + 1];
    private int size;
    private int sinceLastKept;
    private long newestSequence;
    private long newestTimestampNanos;

    /**
     * Begins with what is known.
     *
     * @param stamps of one stream, in any order
     */
    public ReadHistory(List<MessageStamp> stamps) {
        stamps.stream()
                .sorted((left, right) -> Long.compare(left.sequence(), right.sequence()))
                .forEach(
                        stamp -> {
                            if (stamp.sequence() > newestSequence) {
                                keepNewest();
                                record(stamp.sequence(), stamp.timestampNanos());
                            }
                        });
    }

    /** Records a message; one that is not newer than the newest known is no news. */
    public void record(long sequence, long timestampNanos) {
        if (sequence <= newestSequence) {
            return;
        }
        if (++sinceLastKept >= EVERY) {
            keepNewest();
        }
        newestSequence = sequence;
        newestTimestampNanos = timestampNanos;
    }

    /** The newest message, or null if there is none. */
    public MessageStamp newest() {
        return newestSequence == 0 ? null : new MessageStamp(newestSequence, newestTimestampNanos);
    }

    /** What is known, the oldest first. */
    public List<MessageStamp> stamps() {
        List<MessageStamp> stamps = new ArrayList<>(size + 1);
        for (int i = 0; i < size; i++) {
            stamps.add(new MessageStamp(sequences[i], timestamps[i]));
        }
        if (newestSequence != 0) {
            stamps.add(newest());
        }
        return stamps;
    }

    /** Forgets every message at or behind a sequence: the stream has lost them. */
    public void forgetFrom(long sequence) {
        if (newestSequence < sequence) {
            return;
        }
        sinceLastKept = 0;
        newestSequence = 0;
        while (size > 0 && newestSequence == 0) {
            size--;
            if (sequences[size] < sequence) {
                newestSequence = sequences[size];
                newestTimestampNanos = timestamps[size];
            }
        }
    }

    /** Forgets everything: another stream is read. */
    public void clear() {
        forgetFrom(0);
    }

    private void keepNewest() {
        sinceLastKept = 0;
        if (newestSequence == 0) {
            return;
        }
        sequences[size] = newestSequence;
        timestamps[size] = newestTimestampNanos;
        size++;
        if (size > MOST) {
            remove(mostCrowded());
        }
    }

    /**
     * The one whose neighbours are nearest to each other, measured by how far back they are; never
     * the first and the last.
     */
    private int mostCrowded() {
        int found = 1;
        double least = Double.MAX_VALUE;
        for (int i = 1; i < size - 1; i++) {
            double room =
                    (double) (sequences[i + 1] - sequences[i - 1])
                            / (sequences[size - 1] - sequences[i]);
            if (room < least) {
                least = room;
                found = i;
            }
        }
        return found;
    }

    private void remove(int index) {
        System.arraycopy(sequences, index + 1, sequences, index, size - index - 1);
        System.arraycopy(timestamps, index + 1, timestamps, index, size - index - 1);
        size--;
    }

    @Override
    public String toString() {
        return Arrays.toString(stamps().toArray());
    }
}
