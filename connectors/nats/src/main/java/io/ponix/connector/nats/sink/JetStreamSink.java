package io.ponix.connector.nats.sink;

import io.ponix.connector.nats.NatsConnectionConfiguration;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Publishes records to JetStream streams.
 *
 * <p><b>Guarantee.</b> At least once: a checkpoint completes only when a stream has stored every
 * message published before it. After a failure, messages since the last checkpoint are published
 * again. If they carry a message id that depends only on the record (see {@link
 * JetStreamPublication#messageId}), the stream drops those it already has, so each is stored once,
 * as long as the repetition comes within the stream's duplicate window (2 minutes by default).
 * Consequently the duplicate window must be longer than the time from a checkpoint to the moment
 * when a job that failed after it has caught up again; set it to hours if an operator may have to
 * intervene, and do not count on it after restoring an old savepoint.
 *
 * <p><b>Faults.</b> Timeouts, lost connections and unavailable leaders are tried again with growing
 * delays until {@link Builder#deliveryTimeout} is over; then the job fails. A message that can
 * never be stored (too large, no stream for its subject, refused by the stream) fails the job at
 * once: it is never dropped silently. Retries may change the order of messages.
 *
 * @param <IN> type of the records
 * @see JetStreamSinkMetrics
 */
public final class JetStreamSink<IN> implements Sink<IN> {

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
        return JetStreamWriter.open(options, serializer, context);
    }

    /** The validated settings, for the writer. */
    static final class Options implements Serializable {

        private static final long serialVersionUID = 1L;

        final NatsConnectionConfiguration connection;
        final int maxInFlightMessages;
        final long maxInFlightBytes;
        final Duration deliveryTimeout;

        Options(Builder<?> builder) {
            connection = builder.connection;
            maxInFlightMessages = builder.maxInFlightMessages;
            maxInFlightBytes = builder.maxInFlightBytes;
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

        private NatsConnectionConfiguration connection;
        private JetStreamSerializationSchema<IN> serializer;
        private int maxInFlightMessages = 4_000;
        private long maxInFlightBytes = 32 << 20;
        private Duration deliveryTimeout = Duration.ofMinutes(2);

        private Builder() {}

        /** How to reach the server. Required. */
        public Builder<IN> connection(NatsConnectionConfiguration configuration) {
            this.connection = Objects.requireNonNull(configuration, "connection");
            return this;
        }

        /** Makes messages of records. Required. */
        public Builder<IN> serializer(JetStreamSerializationSchema<IN> schema) {
            this.serializer = Objects.requireNonNull(schema, "serializer");
            return this;
        }

        /**
         * Most messages of one writer that may wait for the stream's acknowledgement; default
         * 4,000.
         */
        public Builder<IN> maxInFlightMessages(int messages) {
            this.maxInFlightMessages = messages;
            return this;
        }

        /**
         * Most bytes of one writer that may wait, not counting the last message; default 32 MiB.
         */
        public Builder<IN> maxInFlightBytes(long bytes) {
            this.maxInFlightBytes = bytes;
            return this;
        }

        /** How long a message is tried before the job fails; default 2 minutes. */
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
