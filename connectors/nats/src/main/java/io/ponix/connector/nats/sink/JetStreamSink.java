package io.ponix.connector.nats.sink;

import io.ponix.client.nats.NatsSettings;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Publishes records to JetStream streams.
 *
 * <p><b>Guarantee.</b> At least once: every message published before a checkpoint is stored by a
 * stream when the checkpoint completes, or is in the checkpoint and published again from there.
 * After a failure, messages since the last checkpoint are published again. If they carry a message
 * id that depends only on the record (see {@link JetStreamPublication#messageId}), the stream drops
 * those it already has, so each is stored once, as long as the repetition comes within the stream's
 * duplicate window (2 minutes by default). Consequently the duplicate window must be longer than
 * the time from a checkpoint to the moment when a job that failed after it has caught up again; set
 * it to hours if an operator may have to intervene, and do not count on it after restoring an old
 * savepoint.
 *
 * <p><b>Faults.</b> Nothing that a stream does fails the job: a message that is not stored (the
 * stream is missing, full, sealed or too slow, publishing is not permitted, the message is too
 * large and {@link JetStreamSerializationSchema#shorten} has no smaller one) waits, is tried again
 * with growing delays for as long as it takes, and is kept in checkpoints. Neither elements nor
 * checkpoints wait for it, up to {@link JetStreamSinkBuilder#setMaxWaitingMessages} and {@link
 * JetStreamSinkBuilder#setMaxWaitingBytes}; then the task stands still, and with it the
 * checkpoints, until streams store messages again. What waits is in the metric {@link
 * JetStreamSinkMetrics#WAITING} and, once a minute and with the reason, in the log. Retries may
 * change the order of messages.
 *
 * <p>Only the end of a bounded input waits: what no stream has stored within {@link
 * JetStreamSinkBuilder#setDeliveryTimeout} after it fails the job, and so does a server that cannot
 * be reached for that long at the start.
 *
 * @param <IN> type of the records
 * @see JetStreamSinkMetrics
 */
@PublicEvolving
public final class JetStreamSink<IN>
        implements Sink<IN>, SupportsWriterState<IN, JetStreamPublication> {

    private static final long serialVersionUID = 1L;

    private final Options options;
    private final JetStreamSerializationSchema<IN> serializer;

    JetStreamSink(Options options, JetStreamSerializationSchema<IN> serializer) {
        this.options = options;
        this.serializer = serializer;
    }

    /** A builder with nothing set. */
    public static <IN> JetStreamSinkBuilder<IN> builder() {
        return new JetStreamSinkBuilder<>();
    }

    @Override
    public SinkWriter<IN> createWriter(WriterInitContext context) throws IOException {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<IN, JetStreamPublication> restoreWriter(
            WriterInitContext context, Collection<JetStreamPublication> waiting)
            throws IOException {
        return JetStreamWriter.open(options, serializer, waiting, context);
    }

    @Override
    public SimpleVersionedSerializer<JetStreamPublication> getWriterStateSerializer() {
        return new JetStreamPublicationSerializer();
    }

    /** The validated settings, for the writer. */
    static final class Options implements Serializable {

        private static final long serialVersionUID = 1L;

        final NatsSettings connection;
        final int maxInFlightMessages;
        final long maxInFlightBytes;
        final int maxWaitingMessages;
        final long maxWaitingBytes;
        final Duration deliveryTimeout;

        Options(JetStreamSinkBuilder<?> builder) {
            connection = builder.connection;
            maxInFlightMessages = builder.maxInFlightMessages;
            maxInFlightBytes = builder.maxInFlightBytes;
            maxWaitingMessages = builder.maxWaitingMessages;
            maxWaitingBytes = builder.maxWaitingBytes;
            deliveryTimeout = builder.deliveryTimeout;
        }
    }
}
