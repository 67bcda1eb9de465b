package io.ponix.connector.nats.source.reader;

import io.nats.client.api.StreamInfo;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.stream.StreamInspector;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a stream has been deleted and created again: a name and a sequence do not identify a
 * message, only together with the time when the stream was created do they.
 *
 * <p>A stream that has messages which were read is the same, whatever its time of creation:
 * nats-server 2.9 gives it another one when it restarts after a change of the stream's settings.
 *
 * <p>Used by one fetcher thread.
 */
final class StreamIdentity {

    private static final Logger LOG = LoggerFactory.getLogger(StreamIdentity.class);

    private final JetStreamSplit split;
    private final RecreatedStreamPolicy policy;
    private final String setting;
    private long createdNanos;

    /** What the server says, which may be another time for the same stream. */
    private long saidNanos;

    /**
     * @param setting what the policy is called, for messages
     */
    StreamIdentity(JetStreamSplit split, RecreatedStreamPolicy policy, String setting) {
        this.split = split;
        this.policy = policy;
        this.setting = setting;
        this.createdNanos = split.streamCreatedNanos();
        this.saidNanos = createdNanos;
    }

    /** When the stream that is read was created, in nanoseconds since 1970. */
    long createdNanos() {
        return createdNanos;
    }

    /** Whether this is the stream that is read. */
    boolean isSame(StreamInfo info) {
        return saidNanos == StreamInspector.createdNanos(info);
    }

    /** The stream is known by its messages to be the one that is read. */
    void recognized(StreamInfo info) {
        saidNanos = StreamInspector.createdNanos(info);
        LOG.info(
                "Stream '{}' says that it was created at {}, but has what was read of the one created at {}",
                split.stream(),
                instant(saidNanos),
                instant(createdNanos));
    }

    /**
     * Called before a consumer is made: takes the stream as it is for the one to be read.
     *
     * @param nextSequence the position so far
     * @return where to read on
     * @throws RecreatedStreamException if it is another stream and the policy says to fail
     */
    long accept(long nextSequence, StreamInfo info) throws RecreatedStreamException {
        long before = createdNanos;
        long now = StreamInspector.createdNanos(info);
        saidNanos = now;
        if (before == now) {
            return nextSequence;
        }
        if (before == JetStreamSplit.CREATION_UNKNOWN) {
            createdNanos = now;
            return nextSequence;
        }
        String message =
                "Stream '"
                        + split.stream()
                        + "' was deleted and created again: filter '"
                        + split.filterSubject()
                        + "' was read up to sequence "
                        + (nextSequence - 1)
                        + " of the stream created at "
                        + instant(before)
                        + ", this one was created at "
                        + instant(now)
                        + " and ends at sequence "
                        + info.getStreamState().getLastSequence();
        if (split.stoppingSequence() != JetStreamSplit.NO_STOP) {
            throw new RecreatedStreamException(
                    message + ". A bounded source cannot go on: start the job without its state");
        }
        switch (policy) {
            case FAIL:
                throw new RecreatedStreamException(
                        message
                                + ". To read it from its oldest message, set "
                                + setting
                                + " to 'start-over'; if it has the messages of the old one under the same"
                                + " sequences, to 'keep-position'");
            case START_OVER:
                LOG.error("{}; reading it from its oldest message, as the policy says", message);
                createdNanos = now;
                return JetStreamSplit.EARLIEST;
            case KEEP_POSITION:
                LOG.error("{}; reading on at this position, as the policy says", message);
                createdNanos = now;
                return nextSequence;
        }
        throw new AssertionError(policy);
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }
}
