package io.ponix.connector.nats.source.reader;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.MessageStamp;
import io.ponix.connector.nats.source.split.ReadHistory;
import io.ponix.connector.nats.source.stream.StreamInspector;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a stream went back: that messages which were read are not in it any more, and their
 * sequences mean, or will mean, others.
 *
 * <p>Before a consumer is made, every message of the {@link ReadHistory} is compared with the
 * stream's. Nothing of another server, or of the same one after a restart, is accepted without that
 * ({@link ReaderConnection#epoch}). And now and then while a consumer reads, the newest message
 * that was read before the last such look is compared: if the stream still has it, then all that
 * was read since came behind it. So also what goes on behind one connection, in a cluster, does not
 * stay unnoticed, and does not change what was read before it was looked for.
 *
 * <p>A message that is not in the stream although later ones are has expired or was deleted, and
 * says nothing.
 *
 * <p>Used by one fetcher thread.
 */
final class RewindDetector {

    private static final Logger LOG = LoggerFactory.getLogger(RewindDetector.class);

    /**
     * How long a stream with replicas ends before what was read of it until that is believed: a new
     * leader says so while it has yet to apply what the old one had stored.
     */
    static final long BEHIND_BELIEVED_NANOS = Duration.ofSeconds(5).toNanos();

    private final JetStreamSplit split;
    private final RewoundStreamPolicy policy;
    private final String setting;
    private final ReaderMetrics metrics;
    private final ReadHistory history;

    /** The newest message read before the last look; null before the first. */
    private MessageStamp anchor;

    private boolean shorter;
    private boolean behind;
    private long behindSinceNanos;
    private int rewinds;
    private long sharedBefore = Long.MAX_VALUE;

    /**
     * @param setting what the policy is called, for messages
     */
    RewindDetector(
            JetStreamSplit split,
            RewoundStreamPolicy policy,
            String setting,
            ReaderMetrics metrics) {
        this.split = split;
        this.policy = policy;
        this.setting = setting;
        this.metrics = metrics;
        this.history = new ReadHistory(split.history());
    }

    /** How often the stream went back so far. */
    int rewinds() {
        return rewinds;
    }

    /** The lowest sequence that it went back to and that has not been told. */
    long sharedBefore() {
        return sharedBefore;
    }

    /**
     * The task will know how often the stream went back, and to where, by what it is given next.
     */
    void told() {
        sharedBefore = Long.MAX_VALUE;
    }

    /** The message that was read last, as the stream numbers it now; null if none is known. */
    MessageStamp newest() {
        return history.newest();
    }

    /** The position has moved behind a message. */
    void read(long sequence, long timestampNanos) {
        history.record(sequence, timestampNanos);
    }

    /** From now on another stream is read. */
    void forget() {
        history.clear();
        anchor = null;
        behind = false;
    }

    /** Whether the stream has any of the messages that were read. */
    boolean recognizes(StreamInfo info, StreamInspector inspector)
            throws IOException, InterruptedException {
        List<MessageStamp> known = history.stamps();
        long[] found = lookUp(known, info.getStreamState(), inspector);
        for (int i = 0; i < found.length; i++) {
            if (found[i] == known.get(i).timestampNanos()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Called before a consumer is made.
     *
     * @param nextSequence the position so far
     * @param now {@link System#nanoTime}
     * @return where to read on: there, or if the stream went back, and the policy allows it, at the
     *     first message that was not read, or if its servers disagree about the number of the
     *     message that was read last, behind that message
     * @throws RewoundStreamException if the stream went back and the policy says to fail
     * @throws IOException if it cannot be told yet
     */
    long atConsumerCreation(long nextSequence, long now, StreamInfo info, StreamInspector inspector)
            throws IOException, JetStreamApiException, InterruptedException {
        List<MessageStamp> known = history.stamps();
        StreamState state = info.getStreamState();
        long[] found = lookUp(known, state, inspector);
        MessageStamp shared = null;
        MessageStamp lost = null;
        boolean replaced = false;
        for (int i = 0; i < found.length && lost == null; i++) {
            MessageStamp stamp = known.get(i);
            if (found[i] == stamp.timestampNanos()) {
                shared = stamp;
            } else if (stamp.sequence() > state.getLastSequence()) {
                lost = stamp;
            } else if (found[i] != StreamInspector.ABSENT) {
                lost = stamp;
                replaced = true;
            }
        }
        if (lost == null) {
            behind = false;
            anchor = history.newest();
            return nextSequence;
        }
        if (info.getConfiguration().getReplicas() > 1) {
            MessageStamp renumbered = newestAsNumberedNow(state, inspector);
            if (renumbered != null) {
                renumbered(renumbered, lost);
                return renumbered.sequence() + 1;
            }
            if (!replaced) {
                awaitThatLeaderHasApplied(lost, now, state);
            }
        }
        long first = firstNotRead(shared, lost, state, inspector);
        rewound(first, nextSequence, lost, state);
        return Math.min(nextSequence, first);
    }

    /**
     * When the stream stored the messages, which are the older ones where it has become shorter.
     */
    private long[] lookUp(List<MessageStamp> known, StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        long[] found = new long[known.size()];
        long[] there =
                known.stream()
                        .mapToLong(MessageStamp::sequence)
                        .filter(sequence -> isWithin(state, sequence))
                        .toArray();
        long[] answers = there.length == 0 ? there : inspector.timestamps(split.stream(), there);
        for (int i = 0, answer = 0; i < found.length; i++) {
            found[i] =
                    isWithin(state, known.get(i).sequence())
                            ? answers[answer++]
                            : StreamInspector.ABSENT;
        }
        return found;
    }

    private static boolean isWithin(StreamState state, long sequence) {
        // A stream that never had a message says that its first and last sequence are 0.
        return sequence > 0
                && sequence >= state.getFirstSequence()
                && sequence <= state.getLastSequence();
    }

    /**
     * Servers of a cluster may come to hold the same messages under different numbers (nats-server
     * does so after a leader stood still for seconds and went on, see docs/guarantees.md). The
     * stream did not go back then: who reads from another server goes on behind the same message.
     *
     * @return the message that was read last, as the leader numbers it; null if it does not have it
     */
    private MessageStamp newestAsNumberedNow(StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        MessageStamp newest = history.newest();
        if (newest == null
                || state.getMsgCount() == 0
                || newest.timestampNanos() > StreamInspector.nanos(state.getLastTime())) {
            return null;
        }
        Instant time = Instant.ofEpochSecond(0, newest.timestampNanos());
        MessageStamp found =
                inspector.firstAtOrBehind(
                        split.stream(),
                        ">",
                        inspector.sequenceAtOrAfter(split.stream(), state, time));
        return found != null && found.timestampNanos() == newest.timestampNanos() ? found : null;
    }

    private void renumbered(MessageStamp newest, MessageStamp lost) {
        LOG.warn(
                "The servers of stream '{}' disagree: message {} of filter '{}', the last that was read, stored at {}, is message {} for its leader. Reading on behind it; what a server has lost, or has twice, is read as it has it",
                split.stream(),
                history.newest().sequence(),
                split.filterSubject(),
                Instant.ofEpochSecond(0, newest.timestampNanos()),
                newest.sequence());
        metrics.rewound();
        rewinds++;
        // Positions of older messages are those of another server.
        sharedBefore = Math.min(sharedBefore, Math.min(lost.sequence(), newest.sequence() + 1));
        history.forgetFrom(lost.sequence());
        history.record(newest.sequence(), newest.timestampNanos());
        anchor = history.newest();
        behind = false;
    }

    /**
     * However long it takes: a server whose disk others keep busy does nothing for seconds, no
     * number of them is enough, and what is read again is there twice. Meanwhile the stream has
     * nothing for us: it ends before what was read, with a message that is older. (Where the clock
     * of a new leader is behind, new messages wait until it has caught up.)
     */
    private void awaitThatLeaderHasApplied(MessageStamp lost, long now, StreamState state)
            throws IOException {
        if (!behind) {
            behind = true;
            behindSinceNanos = now;
        }
        boolean wentOn =
                state.getMsgCount() > 0
                        && StreamInspector.nanos(state.getLastTime()) > lost.timestampNanos();
        if (!wentOn || now - behindSinceNanos < BEHIND_BELIEVED_NANOS) {
            throw new IOException(
                    "Stream '"
                            + split.stream()
                            + "' ends at sequence "
                            + state.getLastSequence()
                            + ", but message "
                            + lost.sequence()
                            + " was read: waiting until its leader has applied it, or a younger"
                            + " message shows that it is lost");
        }
    }

    /**
     * What was read was stored before the first message that is lost, or with it; what was not is
     * younger. So the times within the stream tell where the histories part, between the last
     * message that both are known to have and the first that they are known not to.
     */
    private long firstNotRead(
            MessageStamp shared, MessageStamp lost, StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        long younger =
                inspector.sequenceAtOrAfter(
                        split.stream(), state, Instant.ofEpochSecond(0, lost.timestampNanos() + 1));
        long least = shared == null ? 1 : shared.sequence() + 1;
        return Math.max(least, Math.min(younger, lost.sequence()));
    }

    private void rewound(long first, long nextSequence, MessageStamp lost, StreamState state)
            throws RewoundStreamException {
        String message =
                "Stream '"
                        + split.stream()
                        + "' went back: filter '"
                        + split.filterSubject()
                        + "' was read up to sequence "
                        + (nextSequence - 1)
                        + ", but message "
                        + lost.sequence()
                        + " stored at "
                        + Instant.ofEpochSecond(0, lost.timestampNanos())
                        + " is not in it any more; it ends at sequence "
                        + state.getLastSequence()
                        + ", and everything from sequence "
                        + first
                        + " on is not what was read";
        if (split.stoppingSequence() != JetStreamSplit.NO_STOP) {
            throw new RewoundStreamException(
                    message + ". A bounded source cannot go on: start the job without its state");
        }
        switch (policy) {
            case FAIL:
                throw new RewoundStreamException(
                        message
                                + ". Put the newer stream back if there is one; to read on from sequence "
                                + first
                                + ", set "
                                + setting
                                + " to 'reread' and start the job from"
                                + " its last checkpoint");
            case REREAD:
                LOG.warn("{}; reading on from there, as the policy says", message);
                break;
        }
        metrics.rewound();
        rewinds++;
        sharedBefore = Math.min(sharedBefore, first);
        history.forgetFrom(first);
        anchor = history.newest();
        behind = false;
    }

    /**
     * Where nothing is known of the stream yet, the message before the position is what the next
     * look is about.
     *
     * @return that message, or null if it is known already or not there
     */
    MessageStamp beginAt(long nextSequence, StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        if (history.newest() != null || !isWithin(state, nextSequence - 1)) {
            return null;
        }
        long found = inspector.timestamps(split.stream(), new long[] {nextSequence - 1})[0];
        if (found == StreamInspector.ABSENT) {
            return null;
        }
        history.record(nextSequence - 1, found);
        anchor = history.newest();
        return anchor;
    }

    /**
     * Called now and then while a consumer reads.
     *
     * @return whether the stream has what was read before the last look; if not, {@link
     *     #atConsumerCreation} is to be asked
     */
    boolean isSame(StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        MessageStamp newest = history.newest();
        if (anchor != null) {
            shorter = anchor.sequence() > state.getLastSequence();
            if (shorter || isReplaced(state, inspector)) {
                return false;
            }
        }
        anchor = newest;
        return true;
    }

    private boolean isReplaced(StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        if (!isWithin(state, anchor.sequence())) {
            return false;
        }
        long found = inspector.timestamps(split.stream(), new long[] {anchor.sequence()})[0];
        return found != StreamInspector.ABSENT && found != anchor.timestampNanos();
    }

    /**
     * If the stream is not the same: whether messages have been read since the last look that may
     * have come behind some that were not.
     */
    boolean hasReadInDoubt(StreamInfo info, StreamInspector inspector)
            throws IOException, InterruptedException {
        return !shorter
                && !history.newest().equals(anchor)
                && (info.getConfiguration().getReplicas() == 1
                        || newestAsNumberedNow(info.getStreamState(), inspector) == null);
    }
}
