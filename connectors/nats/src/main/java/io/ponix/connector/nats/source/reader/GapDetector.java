package io.ponix.connector.nats.source.reader;

import io.nats.client.api.StreamState;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices messages that were gone before they were read.
 *
 * <p>For a split of the whole stream every skipped sequence is such a message. A filter skips
 * sequences all the time; for it there is a gap if the stream has dropped sequences that the split
 * had not come to: some of them may have been its own, and nobody can tell any more.
 */
final class GapDetector {

    private static final Logger LOG = LoggerFactory.getLogger(GapDetector.class);

    private final JetStreamSplit split;
    private final GapPolicy policy;
    private final String setting;
    private final ReaderMetrics metrics;
    private final boolean wholeStream;

    /** The lowest position of the splits that this one has replaced, if there are any. */
    private OptionalLong continued;

    /**
     * The stream's first sequence, if it was seen ahead of us while messages fetched before might
     * still fill it.
     */
    private long droppedBefore;

    /**
     * @param setting what the policy is called, for messages
     */
    GapDetector(JetStreamSplit split, GapPolicy policy, String setting, ReaderMetrics metrics) {
        this.split = split;
        this.policy = policy;
        this.setting = setting;
        this.metrics = metrics;
        this.wholeStream = split.filterSubject().equals(">");
        this.continued = split.alreadyRead().stream().mapToLong(AlreadyRead::beforeSequence).min();
    }

    /** From now on another stream is read, from its beginning: nothing of it was read before. */
    void startOver() {
        continued = OptionalLong.empty();
    }

    /**
     * Called before a consumer is made: nothing is on its way.
     *
     * @return where to read on
     */
    long atConsumerCreation(long nextSequence, StreamState state)
            throws GapException, StreamBehindException {
        droppedBefore = 0;
        long first = Math.max(1, state.getFirstSequence());
        if (nextSequence == JetStreamSplit.EARLIEST) {
            // A split that begins with what there is, but continues others, misses what they had
            // not come to.
            long from = continued.orElse(first);
            if (first > from) {
                gap(from, first - 1);
            }
            return first;
        }
        long end = state.getLastSequence() + 1;
        if (nextSequence > end) {
            // Not a matter of policy: what is stored from now on has sequences that the state says
            // were read. (A stream that was created again is noticed before, by StreamIdentity.)
            throw new StreamBehindException(
                    "Stream '"
                            + split.stream()
                            + "' ends at sequence "
                            + state.getLastSequence()
                            + ", but filter '"
                            + split.filterSubject()
                            + "' was read up to "
                            + (nextSequence - 1)
                            + ": it was restored from an older backup, or has lost its end. Start the job without this"
                            + " source's state (give the source a new uid) to read it from its start");
        }
        if (first > nextSequence) {
            gap(nextSequence, first - 1);
            return first;
        }
        return nextSequence;
    }

    /** Called now and then while a consumer reads: messages may be on their way. */
    void duringReading(long nextSequence, StreamState state) {
        if (!wholeStream && state.getFirstSequence() > nextSequence) {
            droppedBefore = state.getFirstSequence();
        }
    }

    /** Called with every message, before it counts as read. */
    void beforeMessage(long nextSequence, long sequence) throws GapException {
        if (wholeStream) {
            if (sequence > nextSequence) {
                gap(nextSequence, sequence - 1);
            }
        } else if (droppedBefore > 0 && sequence >= droppedBefore) {
            long before = droppedBefore;
            droppedBefore = 0;
            if (before > nextSequence) {
                gap(nextSequence, before - 1);
            }
        }
    }

    private void gap(long from, long to) throws GapException {
        metrics.gap(to - from + 1);
        String message =
                "Sequences "
                        + from
                        + " to "
                        + to
                        + " of stream '"
                        + split.stream()
                        + "' are gone before filter '"
                        + split.filterSubject()
                        + "' could read them"
                        + (wholeStream ? "" : ", those that match it among them")
                        + ": they expired, were purged or deleted";
        switch (policy) {
            case FAIL:
                throw new GapException(
                        message
                                + ". Raise the limits of the stream; to go on without them, set "
                                + setting
                                + " to 'continue'");
            case CONTINUE:
                LOG.error("{}; reading on, as the gap policy says", message);
                return;
        }
        throw new AssertionError(policy);
    }
}
