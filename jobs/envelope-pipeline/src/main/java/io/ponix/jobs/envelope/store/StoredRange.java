package io.ponix.jobs.envelope.store;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Of {@value #SEQUENCES} sequences that follow each other: which have all rows of their messages,
 * and when these were received.
 *
 * <p>A stream that was deleted and made anew, or that lost its tail and went back, gives a sequence
 * again, to another message: then a sequence is of several messages, told apart by when they were
 * received.
 */
final class StoredRange {

    /** Sequences of a range. A power of two. */
    static final int SEQUENCES = 1 << 16;

    private static final long ABSENT = Long.MIN_VALUE;

    private final long start;
    private final long[] receivedAt = new long[SEQUENCES];
    private final Set<Message> furtherMessages = new HashSet<>();
    private boolean empty = true;

    private record Message(int index, long receivedAt) {}

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

    /** Adds a message of which all rows are stored, in any order. */
    void add(long sequence, long at) {
        int index = (int) (sequence - start);
        empty = false;
        if (receivedAt[index] == ABSENT) {
            receivedAt[index] = at;
        } else {
            furtherMessages.add(new Message(index, at));
        }
    }

    /** There is a message of which some rows are stored. */
    void addPartial() {
        empty = false;
    }

    /** Whether there are no rows. */
    boolean isEmpty() {
        return empty;
    }

    /** Whether there are all rows of the message that was received at this time. */
    boolean contains(long sequence, long at) {
        int index = (int) (sequence - start);
        return receivedAt[index] == at
                || !furtherMessages.isEmpty() && furtherMessages.contains(new Message(index, at));
    }
}
