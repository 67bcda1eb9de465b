package io.ponix.connector.nats.sink;

import io.ponix.client.nats.NatsSettings;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Builds a {@link JetStreamSink}. Connection and serializer are required; everything else has a
 * default.
 *
 * @param <IN> type of the records
 */
@PublicEvolving
public final class JetStreamSinkBuilder<IN> {

    NatsSettings connection;
    private JetStreamSerializationSchema<IN> serializer;
    int maxInFlightMessages = 4_000;
    long maxInFlightBytes = 32 << 20;
    int maxWaitingMessages = 20_000;
    long maxWaitingBytes = 32 << 20;
    Duration deliveryTimeout = Duration.ofMinutes(2);

    JetStreamSinkBuilder() {}

    /** How to reach the server. Required. */
    public JetStreamSinkBuilder<IN> setConnection(NatsSettings configuration) {
        this.connection = Objects.requireNonNull(configuration, "connection");
        return this;
    }

    /** Makes messages of records. Required. */
    public JetStreamSinkBuilder<IN> setSerializer(JetStreamSerializationSchema<IN> schema) {
        this.serializer = Objects.requireNonNull(schema, "serializer");
        return this;
    }

    /**
     * Most messages of one writer that are on their way to a stream and back at a time; default
     * 4,000.
     */
    public JetStreamSinkBuilder<IN> setMaxInFlightMessages(int messages) {
        this.maxInFlightMessages = messages;
        return this;
    }

    /**
     * Most bytes of one writer on their way at a time, not counting the last message; default 32
     * MiB.
     */
    public JetStreamSinkBuilder<IN> setMaxInFlightBytes(long bytes) {
        this.maxInFlightBytes = bytes;
        return this;
    }

    /**
     * Most messages of one writer that may wait for a stream that does not store them, in memory
     * and in every checkpoint; default 20,000. A waiting message takes some kilobytes of heap
     * beside its data.
     */
    public JetStreamSinkBuilder<IN> setMaxWaitingMessages(int messages) {
        this.maxWaitingMessages = messages;
        return this;
    }

    /** Most bytes of one writer that may wait, not counting the last message; default 32 MiB. */
    public JetStreamSinkBuilder<IN> setMaxWaitingBytes(long bytes) {
        this.maxWaitingBytes = bytes;
        return this;
    }

    /**
     * How long the end of a bounded input waits for streams to store what is left, and the start
     * for a server, before the job fails; default 2 minutes.
     */
    public JetStreamSinkBuilder<IN> setDeliveryTimeout(Duration timeout) {
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
        require(maxWaitingBytes >= 1, "maxWaitingBytes: must be at least 1, is " + maxWaitingBytes);
        require(
                !deliveryTimeout.isNegative() && !deliveryTimeout.isZero(),
                "deliveryTimeout: must be positive, is " + deliveryTimeout);
        return new JetStreamSink<>(new JetStreamSink.Options(this), serializer);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
