package io.ponix.connector.nats.sink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The messages that wait to be published again, and when how many of them are.
 *
 * <p>A round takes a few of the messages that wait, the longest waiting first. If a stream stores
 * any of them the next round is larger and comes at once; if none is stored it is small, and comes
 * later and later. So a stream that is full is not asked for each of thousands of messages again,
 * and a single message that no stream wants keeps no other from being tried.
 *
 * <p>Not safe for use by several threads. Times are those of {@code System.nanoTime()}.
 */
final class RetryRounds {

    static final long FIRST_DELAY_MILLIS = 50;
    static final long LONGEST_DELAY_MILLIS = 5_000;

    /** Messages of a round after one of which none was stored. */
    static final int SMALL_ROUND = 16;

    private static final int GROWTH = 4;

    private final int largestRound;

    /** The next to be tried first. */
    private final Deque<UnstoredMessage> waiting = new ArrayDeque<>();

    private int unanswered;
    private int stored;
    private int size;
    private long delayMillis;
    private long dueNanos;

    /**
     * @param largestRound messages of a round, at the most
     */
    RetryRounds(int largestRound) {
        this.largestRound = largestRound;
    }

    /** Whether no message waits for a round; some of the last round may have no answer yet. */
    boolean noneWaits() {
        return waiting.isEmpty();
    }

    /** Messages that wait for a round, or for their answer in one. */
    int messages() {
        return waiting.size() + unanswered;
    }

    /** Puts a message behind those that wait. */
    void add(UnstoredMessage message, long nowNanos) {
        if (messages() == 0) {
            size = SMALL_ROUND;
            delayMillis = FIRST_DELAY_MILLIS;
            schedule(nowNanos);
        }
        waiting.addLast(message);
    }

    /**
     * Begins a round, if it is time for one and the last has ended.
     *
     * @param room messages that may be published at the moment
     * @return what to publish; of each, {@link #answered} must be told
     */
    List<UnstoredMessage> begin(int room, long nowNanos) {
        if (unanswered > 0 || waiting.isEmpty() || nowNanos - dueNanos < 0) {
            return List.of();
        }
        List<UnstoredMessage> round = new ArrayList<>();
        while (round.size() < Math.min(size, room) && !waiting.isEmpty()) {
            round.add(waiting.removeFirst());
        }
        unanswered = round.size();
        stored = 0;
        return round;
    }

    /** One message of the round has its answer; the last one decides on the next round. */
    void answered(boolean wasStored, long nowNanos) {
        if (wasStored) {
            stored++;
        }
        if (--unanswered > 0) {
            return;
        }
        if (stored > 0) {
            size = Math.min(size * GROWTH, largestRound);
            delayMillis = FIRST_DELAY_MILLIS;
        } else {
            size = SMALL_ROUND;
            delayMillis = Math.min(LONGEST_DELAY_MILLIS, 2 * delayMillis);
        }
        schedule(nowNanos);
    }

    private void schedule(long nowNanos) {
        dueNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(delayMillis);
    }

    /** Until it is worth trying to begin a round; never less than the first delay. */
    long millisToNext(long nowNanos) {
        return Math.max(FIRST_DELAY_MILLIS, TimeUnit.NANOSECONDS.toMillis(dueNanos - nowNanos));
    }
}
