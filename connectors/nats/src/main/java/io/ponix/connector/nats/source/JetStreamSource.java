package io.ponix.connector.nats.source;

import io.ponix.connector.nats.source.enumerator.JetStreamEnumeratorState;
import io.ponix.connector.nats.source.enumerator.JetStreamEnumeratorStateSerializer;
import io.ponix.connector.nats.source.enumerator.JetStreamSourceEnumerator;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import io.ponix.connector.nats.source.reader.JetStreamSourceReader;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitSerializer;
import io.ponix.connector.nats.source.stream.JetStreamPreflight;
import io.ponix.connector.nats.source.stream.JetStreamPreflightException;
import java.io.IOException;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Reads a JetStream stream, exactly once into Flink's state.
 *
 * <pre>
 *  stream ──filter subject──▶ split (stream, filter, next sequence) ──▶ reader ──▶ records
 *                             one per filter, spread over the readers
 * </pre>
 *
 * <p><b>Guarantee.</b> The next sequence of each split, kept in Flink's checkpoints, is the only
 * position: every message of a filter is emitted once, in the stream's order, and after a restore
 * reading continues exactly behind the last message whose effects the checkpoint holds, whatever
 * has been read since. Nothing is acknowledged and no durable consumer exists on the server;
 * consequently the server does not know how far a job has come (see the metrics), and the stream's
 * limits must keep messages for at least as long as the oldest savepoint anybody may want to
 * restore. If messages are gone before they were read, the {@link GapPolicy} decides; if the stream
 * was deleted and created again, the {@link RecreatedStreamPolicy} does; if it went back, as after
 * the loss of what its server had not synced, the {@link RewoundStreamPolicy} does. A job without
 * checkpoints begins at its starting position again after every restart.
 *
 * <p><b>Parallelism.</b> One split per filter subject: more readers than filters leave some idle.
 * Splits are dealt out anew, evenly, at every start.
 *
 * <p><b>Faults.</b> Lost connections, restarted servers, leader changes and deleted consumers are
 * recovered from inside the reader; the job fails only when the stream is gone, access is refused,
 * or a policy says so.
 *
 * <p><b>Event time.</b> JetStream's timestamp, unless the watermark strategy assigns another.
 * Watermark alignment and idleness work per split.
 *
 * @param <OUT> type of the records
 * @see JetStreamSourceMetrics
 */
@PublicEvolving
public final class JetStreamSource<OUT>
        implements Source<OUT, JetStreamSplit, JetStreamEnumeratorState>,
                ResultTypeQueryable<OUT>,
                // Positions come back to the enumerator at every start: it deals them out evenly,
                // and sees what was read before when the configured subjects have changed.
                SupportsSplitReassignmentOnRecovery {

    private static final long serialVersionUID = 1L;

    private final JetStreamSourceOptions options;
    private final JetStreamDeserializationSchema<OUT> deserializer;

    JetStreamSource(
            JetStreamSourceOptions options, JetStreamDeserializationSchema<OUT> deserializer) {
        this.options = options;
        this.deserializer = deserializer;
    }

    /** A builder with nothing set. */
    public static <OUT> JetStreamSourceBuilder<OUT> builder() {
        return new JetStreamSourceBuilder<>();
    }

    /**
     * Checks the stream against this source's settings, so that a job's main method can refuse a
     * submission that could not work. The job checks again when it starts.
     *
     * @throws JetStreamPreflightException if stream and settings do not fit; the message names what
     *     to change
     * @throws IOException if the server cannot be asked
     */
    public void preflight() throws IOException {
        JetStreamPreflight.check(options);
    }

    @Override
    public Boundedness getBoundedness() {
        return options.stoppingPosition().kind() == StoppingPosition.Kind.NEVER
                ? Boundedness.CONTINUOUS_UNBOUNDED
                : Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<OUT, JetStreamSplit> createReader(SourceReaderContext context)
            throws Exception {
        return JetStreamSourceReader.create(options, deserializer, context);
    }

    @Override
    public SplitEnumerator<JetStreamSplit, JetStreamEnumeratorState> createEnumerator(
            SplitEnumeratorContext<JetStreamSplit> context) {
        return JetStreamSourceEnumerator.create(context, options);
    }

    @Override
    public SplitEnumerator<JetStreamSplit, JetStreamEnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<JetStreamSplit> context, JetStreamEnumeratorState checkpoint) {
        return JetStreamSourceEnumerator.restore(context, options, checkpoint);
    }

    @Override
    public SimpleVersionedSerializer<JetStreamSplit> getSplitSerializer() {
        return new JetStreamSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<JetStreamEnumeratorState> getEnumeratorCheckpointSerializer() {
        return new JetStreamEnumeratorStateSerializer();
    }

    @Override
    public TypeInformation<OUT> getProducedType() {
        return deserializer.getProducedType();
    }
}
