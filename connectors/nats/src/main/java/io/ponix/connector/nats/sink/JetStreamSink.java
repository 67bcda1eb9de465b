package io.ponix.connector.nats.sink;

import io.ponix.client.nats.NatsSettings;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
 * checkpoints wait for it, up to {@link Builder#maxWaitingMessages} and {@link
 * Builder#maxWaitingBytes}; then the task stands still, and with it the checkpoints, until streams
 * store messages again. What waits is in the metric {@link JetStreamSinkMetrics#WAITING} and, once
 * a minute and with the reason, in the log. Retries may change the order of messages.
 *
 * <p>Only the end of a bounded input waits: what no stream has stored within {@link
 * Builder#deliveryTimeout} after it fails the job, and so does a server that cannot be reached for
 * that long at the start.
 *
 * @param <IN> type of the records
 * @see JetStreamSinkMetrics
 */
public final class JetStreamSink<IN>
        implements Sink<IN>, SupportsWriterState<IN, JetStreamPublication> {

    private static final long serialVersionUID = 1L;

    private final Options options;
    private final JetStreamSerializationSchema<IN> serializer;

    private JetStreamSink(Options options, JetStreamSerializationSchema<IN> serializer) {
        this.options = options;
        this.serializer = serializer;
    }

    /** A builder with nothing set. */
    public static <IN> Builder<IN> builder() {
        return new Builder<>();
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

        Options(Builder<?> builder) {
            connection = builder.connection;
            maxInFlightMessages = builder.maxInFlightMessages;
            maxInFlightBytes = builder.maxInFlightBytes;
            maxWaitingMessages = builder.maxWaitingMessages;
            maxWaitingBytes = builder.maxWaitingBytes;
            deliveryTimeout = builder.deliveryTimeout;
        }
    }

    /**
     * Builds a {@link JetStreamSink}. Connection and serializer are required; everything else has a
     * default.
     *
     * @param <IN> type of the records
     */
    public static final class Builder<IN> {

        private NatsSettings connection;
        private JetStreamSerializationSchema<IN> serializer;
        private int maxInFlightMessages = 4_000;
        private long maxInFlightBytes = 32 << 20;
        private int maxWaitingMessages = 20_000;
        private long maxWaitingBytes = 32 << 20;
        private Duration deliveryTimeout = Duration.ofMinutes(2);

        private Builder() {}

        /** How to reach the server. Required. */
        public Builder<IN> connection(NatsSettings configuration) {
            this.connection = Objects.requireNonNull(configuration, "connection");
            return this;
        }

        /** Makes messages of records. Required. */
        public Builder<IN> serializer(JetStreamSerializationSchema<IN> schema) {
            this.serializer = Objects.requireNonNull(schema, "serializer");
            return this;
        }

        /**
         * Most messages of one writer that are on their way to a stream and back at a time; default
         * 4,000.
         */
        public Builder<IN> maxInFlightMessages(int messages) {
            this.maxInFlightMessages = messages;
            return this;
        }

        /**
         * Most bytes of one writer on their way at a time, not counting the last message; default
         * 32 MiB.
         */
        public Builder<IN> maxInFlightBytes(long bytes) {
            this.maxInFlightBytes = bytes;
            return this;
        }

        /**
         * Most messages of one writer that may wait for a stream that does not store them, in
         * memory and in every checkpoint; default 20,000. A waiting message takes some kilobytes of
         * heap beside its data.
         */
        public Builder<IN> maxWaitingMessages(int messages) {
            this.maxWaitingMessages = messages;
            return this;
        }

        /**
         * Most bytes of one writer that may wait, not counting the last message; default 32 MiB.
         */
        public Builder<IN> maxWaitingBytes(long bytes) {
            this.maxWaitingBytes = bytes;
            return this;
        }

        /**
         * How long the end of a bounded input waits for streams to store what is left, and the
         * start for a server, before the job fails; default 2 minutes.
         */
        public Builder<IN> deliveryTimeout(Duration timeout) {
            this.deliveryTimeout = Objects.requireNonNull(timeout, "deliveryTimeout");
            return this;
        }

        /**
         * @throws IllegalArgumentException if a required setting is missing or one is invalid; the
         *     message names it
         */
        public JetStreamSink<IN> build() {
            require(connection != null, "connection: how to reach the NATS server must be set");
            require(serializer != null, "serializer: how records become messages must be set");
            require(
                    maxInFlightMessages >= 1,
                    "maxInFlightMessages: must be at least 1, is " + maxInFlightMessages);
            require(
                    maxInFlightBytes >= 1,
                    "maxInFlightBytes: must be at least 1, is " + maxInFlightBytes);
            require(
                    maxWaitingMessages >= 1,
                    "maxWaitingMessages: must be at least 1, is " + maxWaitingMessages);
            require(
                    maxWaitingBytes >= 1,
                    "maxWaitingBytes: must be at least 1, is " + maxWaitingBytes);
            require(
                    !deliveryTimeout.isNegative() && !deliveryTimeout.isZero(),
                    "deliveryTimeout: must be positive, is " + deliveryTimeout);
            return new JetStreamSink<>(new Options(this), serializer);
        }

        private static void require(boolean condition, String message) {
            if (!condition) {
                throw new IllegalArgumentException(message);
            }
        }
    }
}
