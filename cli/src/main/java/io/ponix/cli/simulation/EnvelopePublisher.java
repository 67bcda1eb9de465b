package io.ponix.cli.simulation;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.NUID;
import io.nats.client.PublishOptions;
import io.nats.client.api.PublishAck;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.client.nats.NatsSettings;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * Publishes raw envelopes to JetStream as a bridge would. Counted as sent is what the server
 * acknowledged.
 *
 * <p>A {@linkplain #persistent persistent} one survives the server's absence: every message carries
 * an id, and one that is not acknowledged is published again until it is. Where only the
 * acknowledgement was lost, the server answers the repeat with the sequence that the message has
 * already; this holds for the stream's duplicate window.
 */
public final class EnvelopePublisher implements ReadingPublisher {

    private final Connection connection;
    private final JetStream jetStream;
    private final String stream;
    private final LongConsumer acknowledged;
    private final boolean withIds;
    private final Publications<PublishAck> publications;
    private final String idPrefix = NUID.nextGlobal();
    private long published;

    /**
     * A publisher that gives up at the first envelope that the server does not store.
     *
     * @param stream the stream of raw envelopes; the subjects are {@link EnvelopeSubjects}
     * @param acknowledged told the stream sequence of every envelope that the server has stored, in
     *     the order they were published
     */
    public EnvelopePublisher(NatsSettings nats, String stream, LongConsumer acknowledged) {
        this(nats, stream, acknowledged, Duration.ZERO);
    }

    /**
     * A publisher that repeats what the server has not acknowledged.
     *
     * @param patience how long an envelope is repeated before it counts as refused
     */
    public static EnvelopePublisher persistent(
            NatsSettings nats, String stream, LongConsumer acknowledged, Duration patience) {
        return new EnvelopePublisher(nats, stream, acknowledged, patience);
    }

    private EnvelopePublisher(
            NatsSettings nats, String stream, LongConsumer acknowledged, Duration patience) {
        this.stream = stream;
        this.acknowledged = acknowledged;
        this.withIds = !patience.isZero();
        this.publications =
                new Publications<>(
                        Publications.IN_FLIGHT,
                        patience,
                        cause ->
                                new CommandException(
                                        "NATS did not store an envelope in the stream "
                                                + stream
                                                + ": "
                                                + (cause.getMessage() == null
                                                        ? cause
                                                        : cause.getMessage()),
                                        cause));
        connection = NatsConnection.open(nats, "simulate");
        try {
            jetStream = connection.jetStream();
        } catch (IOException e) {
            throw new CommandException(
                    "NATS at " + nats.redactedServers() + " offers no JetStream: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void publish(RawEnvelope envelope) {
        publish(envelope.getEndDeviceId(), envelope.toByteArray());
    }

    /**
     * Publishes bytes, whatever they are, to a device's subject; returns before the server has
     * them.
     */
    public void publish(String deviceId, byte[] message) {
        String subject = EnvelopeSubjects.of(stream, deviceId);
        PublishOptions options =
                PublishOptions.builder()
                        .expectedStream(stream)
                        .messageId(withIds ? idPrefix + "-" + published++ : null)
                        .build();
        publications.add(
                () -> send(subject, message, options), ack -> acknowledged.accept(ack.getSeqno()));
    }

    private CompletableFuture<PublishAck> send(
            String subject, byte[] message, PublishOptions options) {
        try {
            return jetStream.publishAsync(subject, message, options);
        } catch (IllegalStateException disconnectedForLong) {
            return CompletableFuture.failedFuture(disconnectedForLong);
        }
    }

    @Override
    public void flush() {
        publications.flush();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
