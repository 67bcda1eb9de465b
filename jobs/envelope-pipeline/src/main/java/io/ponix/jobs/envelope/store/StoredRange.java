package io.ponix.jobs.envelope.store;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The rows of {@value #SEQUENCES} sequences that follow each other: which sequences have one, and
 * when their messages were received.
 *
 * <p>A stream that was deleted and made anew, or that lost its tail and went back, gives a sequence
 * again, to another message: then a sequence has several rows, told apart by when their messages
 * were received.
 */
final class StoredRange {

    /** Sequences of a range. A power of two. */
    static final int SEQUENCES = 1 << 16;

    private static final long ABSENT = Long.MIN_VALUE;

    private final long start;
    private final long[] receivedAt = new long[SEQUENCES];
    private final Set<Row> furtherRows = new HashSet<>();
    private boolean empty = true;

    private record Row(int index, long receivedAt) {}

    /**
     * @param start as {@link #startOf} gives it
     */
    StoredRange(long start) {
        this.start = start;
        Arrays.fill(receivedAt, ABSENT);
    }

    /** The first sequence of the range that a sequence belongs to. */
    static long startOf(long sequence) {
        return sequence & -SEQUENCES;
    }

    /** Adds a row, in any order. */
    void add(long sequence, long at) {
        int index = (int) (sequence - start);
        empty = false;
        if (receivedAt[index] == ABSENT) {
            receivedAt[index] = at;
        } else {
            furtherRows.add(new Row(index, at));
        }
    }

    boolean isEmpty() {
        return empty;
    }

    /** Whether there is a row of the message that was received at this time. */
    boolean contains(long sequence, long at) {
        int index = (int) (sequence - start);
        return receivedAt[index] == at
                || !furtherRows.isEmpty() && furtherRows.contains(new Row(index, at));
    }
}
