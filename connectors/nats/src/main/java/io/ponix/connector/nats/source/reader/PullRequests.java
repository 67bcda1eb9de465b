package io.ponix.connector.nats.source.reader;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The account of one consumer's requests for messages: what is open, and when to ask again.
 *
 * <p>Every request says {@code no_wait}: the server answers at once with what there is. A request
 * that waits on the server for messages would be cheaper to write, but nats-server 2.9 forgets one
 * now and then without a word, and messages then lie there until the request would have expired. So
 * a split that has read everything asks again at the next tenth of a second, one that never had
 * anything at longer intervals, and one that has more to read at once: whoever waited after every
 * answer would read no more than a batch per interval.
 *
 * <p>Requests of several splits go out at the same moments, so that one write and one wake-up serve
 * all of them.
 *
 * <p>Used by one fetcher thread. Times are those of {@link System#nanoTime}.
 */
final class PullRequests {

    /** How often a split that has read everything asks for more. */
    static final long INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

    /**
     * How often a split asks in the end that never had a message: nats-server 2.9 looks through the
     * whole stream for every request of a consumer whose filter has matched nothing, 6 ms for 3
     * million messages.
     */
    static final long LONGEST_INTERVAL_NANOS = 8 * INTERVAL_NANOS;

    /** How long the answer to a request may take before it is asked again; then twice as long. */
    static final long FIRST_SILENCE_NANOS = Duration.ofMillis(250).toNanos();

    /** So many requests without a word in return mean that the consumer is lost: after 3.75 s. */
    static final int SILENCES_BEFORE_LOST = 4;

    /** More are never open at a time; those that brought everything end without a word. */
    private static final int REQUESTS_REMEMBERED = 8;

    private final int most;
    private final Deque<Request> open = new ArrayDeque<>();
    private long requested;
    private long number;
    private boolean singleUnlimited;
    private long askAgainNanos;
    private long lastAskNanos;
    private long intervalNanos = INTERVAL_NANOS;
    private boolean matched;
    private long repeatNanos;
    private int silences;

    private static final class Request {
        final long number;
        final int messages;

        Request(long number, int messages) {
            this.number = number;
            this.messages = messages;
        }
    }

    /**
     * @param most messages that may be on their way at a time, at least 1
     */
    PullRequests(int most, long now) {
        this.most = most;
        this.askAgainNanos = now;
    }

    /**
     * How many messages to ask for now: keeps between half and all of what may be on its way
     * requested while there is more to read. What waits is to be told before by {@link #waiting}.
     *
     * @return 0 if it is not the time to ask
     */
    int due(long now) {
        if (now - askAgainNanos < 0) {
            return 0;
        }
        if (singleUnlimited) {
            return requested == 0 ? 1 : 0;
        }
        return requested <= most / 2 ? (int) (most - requested) : 0;
    }

    /**
     * So many messages have come and wait to be read: they were requested, also if their request
     * was believed lost in a silence and made again. Without this, each such time would leave more
     * of them waiting for as long as there is a backlog.
     */
    void waiting(long messages) {
        requested = Math.max(requested, messages);
    }

    /** Whether the request that is due must not be bounded in bytes. */
    boolean isUnlimited() {
        return singleUnlimited;
    }

    /**
     * A request is made.
     *
     * @return its number, by which its end is reported
     */
    long asked(int messages, long now) {
        singleUnlimited = false;
        if (open.size() == REQUESTS_REMEMBERED) {
            open.remove();
        }
        open.add(new Request(number, messages));
        if (requested == 0) {
            repeatNanos = now + (FIRST_SILENCE_NANOS << silences);
        }
        requested += messages;
        lastAskNanos = now;
        return number++;
    }

    /** How long there is nothing to do but to listen, at most until a time. */
    long nanosToListen(long now, long until) {
        boolean wantsMore = singleUnlimited ? requested == 0 : requested <= most / 2;
        long next = wantsMore ? askAgainNanos : repeatNanos;
        if (wantsMore && requested > 0 && repeatNanos - next < 0) {
            next = repeatNanos;
        }
        return Math.max(0, Math.min(next - now, until - now));
    }

    /** Anything came from the server. */
    void heard(long now) {
        silences = 0;
        repeatNanos = now + FIRST_SILENCE_NANOS;
    }

    /** A message came. */
    void received() {
        matched = true;
        intervalNanos = INTERVAL_NANOS;
        requested = Math.max(0, requested - 1);
    }

    /**
     * A request has ended before it has brought what was asked: there is nothing more to read.
     *
     * @param request its number
     * @param missing messages it did not bring, or -1 if the server did not say: then all of them
     */
    void exhausted(long request, long missing) {
        close(request, missing);
        // The grid is common to all splits of the process.
        askAgainNanos = (Math.floorDiv(lastAskNanos, intervalNanos) + 1) * intervalNanos;
        if (!matched) {
            intervalNanos = Math.min(2 * intervalNanos, LONGEST_INTERVAL_NANOS);
        }
    }

    /**
     * The server has ended a request because the next message would exceed its bytes. If it is
     * larger than any request of ours allows, the next request is for it alone.
     *
     * @param missing as in {@link #exhausted}
     */
    void tooLarge(long request, long missing) {
        singleUnlimited = close(request, missing) >= most;
    }

    /** Takes what a request did not bring off the account; returns how much that was. */
    private long close(long request, long missing) {
        long notBrought = Math.max(0, missing);
        for (Iterator<Request> all = open.iterator(); all.hasNext(); ) {
            Request ended = all.next();
            if (ended.number == request) {
                all.remove();
                notBrought = missing < 0 ? ended.messages : missing;
            }
        }
        requested = Math.max(0, requested - notBrought);
        return notBrought;
    }

    /**
     * Nothing waits to be read: were the requests, or their answers, lost?
     *
     * @return whether so many were that the consumer must be
     */
    boolean isLost(long now) {
        if (requested == 0 || now - repeatNanos < 0) {
            return false;
        }
        silences++;
        open.clear();
        requested = 0;
        askAgainNanos = now;
        return silences == SILENCES_BEFORE_LOST;
    }
}
