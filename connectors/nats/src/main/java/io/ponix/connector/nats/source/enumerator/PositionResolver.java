package io.ponix.connector.nats.source.enumerator;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.settings.StartingPosition;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.stream.JetStreamPreflight;
import io.ponix.connector.nats.source.stream.JetStreamPreflightException;
import io.ponix.connector.nats.source.stream.StreamInspector;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the configured positions into sequences of the stream as it is now. */
final class PositionResolver {

    private static final Logger LOG = LoggerFactory.getLogger(PositionResolver.class);

    private PositionResolver() {}

    /** The sequences at which new splits begin and end, and the stream they are sequences of. */
    static final class Bounds {
        final long nextSequence;
        final long stoppingSequence;
        final long streamCreatedNanos;

        /** What the stream stores; empty if it can hold any subject, as a mirror can. */
        final List<String> streamSubjects;

        Bounds(
                long nextSequence,
                long stoppingSequence,
                long streamCreatedNanos,
                List<String> streamSubjects) {
            this.nextSequence = nextSequence;
            this.stoppingSequence = stoppingSequence;
            this.streamCreatedNanos = streamCreatedNanos;
            this.streamSubjects = streamSubjects;
        }
    }

    /** Checks the stream, then looks up the positions. */
    static Bounds resolve(JetStreamSourceOptions options, StreamInspector inspector)
            throws IOException, JetStreamApiException, InterruptedException {
        StreamInfo info = JetStreamPreflight.check(options, inspector);
        StreamState state = info.getStreamState();
        List<String> subjects = info.getConfiguration().getSubjects();
        return new Bounds(
                start(options.startingPosition(), options.stream(), state, inspector),
                stop(options.stoppingPosition(), options.stream(), state, inspector),
                StreamInspector.createdNanos(info),
                subjects == null ? List.of() : subjects);
    }

    private static long start(
            StartingPosition position, String stream, StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        switch (position.kind()) {
            case EARLIEST:
                return JetStreamSplit.EARLIEST;
            case LATEST:
                return state.getLastSequence() + 1;
            case SEQUENCE:
                if (position.sequence() < state.getFirstSequence()) {
                    LOG.warn(
                            "Stream {} begins at sequence {} by now: starting there, not at {}",
                            stream,
                            state.getFirstSequence(),
                            position.sequence());
                    return JetStreamSplit.EARLIEST;
                }
                if (position.sequence() > state.getLastSequence() + 1) {
                    // A position beyond the end is how a stream that was created again is
                    // recognised.
                    throw new JetStreamPreflightException(
                            "startingPosition: stream '"
                                    + stream
                                    + "' ends at sequence "
                                    + state.getLastSequence()
                                    + ", reading cannot start at "
                                    + position.sequence());
                }
                return position.sequence();
            case TIME:
                return orEarliest(
                        inspector.sequenceAtOrAfter(stream, state, position.time()), state);
        }
        throw new AssertionError(position.kind());
    }

    private static long stop(
            StoppingPosition position, String stream, StreamState state, StreamInspector inspector)
            throws IOException, InterruptedException {
        switch (position.kind()) {
            case NEVER:
                return JetStreamSplit.NO_STOP;
            case LATEST:
                return state.getLastSequence() + 1;
            case SEQUENCE:
                return position.sequence() + 1;
            case TIME:
                return inspector.sequenceAtOrAfter(stream, state, position.time());
        }
        throw new AssertionError(position.kind());
    }

    /**
     * A position at the very beginning is left open: between now and the first read the oldest
     * messages may expire, which for a job that asked for what there is would not be a loss.
     */
    private static long orEarliest(long sequence, StreamState state) {
        return sequence <= state.getFirstSequence() ? JetStreamSplit.EARLIEST : sequence;
    }
}
