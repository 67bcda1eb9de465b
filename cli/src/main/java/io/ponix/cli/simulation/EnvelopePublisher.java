package io.ponix.cli.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.PublishOptions;
import io.nats.client.api.PublishAck;
import io.ponix.cli.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongConsumer;

/**
 * Publishes raw envelopes to JetStream as a gateway would. Counted as sent is what the server
 * acknowledged; up to {@value #IN_FLIGHT} publications wait for their acknowledgement at a time.
 */
public final class EnvelopePublisher implements AutoCloseable {

    private static final int IN_FLIGHT = 2_000;

    private final Connection connection;
    private final JetStream jetStream;
    private final String stream;
    private final LongConsumer acknowledged;
    private final Deque<CompletableFuture<PublishAck>> pending = new ArrayDeque<>(IN_FLIGHT);

    /**
     * @param stream the stream of raw envelopes; a device's subject is {@code <stream>.<device>}
     * @param acknowledged told the stream sequence of every envelope that the server has stored
     */
    public EnvelopePublisher(String natsUrl, String stream, LongConsumer acknowledged) {
        this.stream = stream;
        this.acknowledged = acknowledged;
        connection = NatsConnection.open(natsUrl, "simulate");
        try {
            jetStream = connection.jetStream();
        } catch (IOException e) {
            throw new CommandException(
                    "NATS at " + natsUrl + " offers no JetStream: " + e.getMessage(), e);
        }
    }

    /** Publishes a reading of a device; returns before the server has it. */
    public void publish(RegisteredDevice device, byte[] payload, Instant occurredAt, int fPort) {
        publish(
                device.id(),
                RawEnvelope.newBuilder()
                        .setOrganizationId(device.organizationId())
                        .setEndDeviceId(device.id())
                        .setPayload(ByteString.copyFrom(payload))
                        .setOccurredAt(
                                Timestamp.newBuilder()
                                        .setSeconds(occurredAt.getEpochSecond())
                                        .setNanos(occurredAt.getNano()))
                        .setFPort(fPort)
                        .build()
                        .toByteArray());
    }

    /**
     * Publishes bytes, whatever they are, to a device's subject; returns before the server has
     * them.
     */
    public void publish(String deviceId, byte[] message) {
        if (pending.size() == IN_FLIGHT) {
            await(pending.remove());
        }
        while (!pending.isEmpty() && pending.peek().isDone()) {
            await(pending.remove());
        }
        pending.add(
                jetStream.publishAsync(
                        stream + "." + deviceId,
                        message,
                        PublishOptions.builder().expectedStream(stream).build()));
    }

    /** Waits until the server has acknowledged everything published. */
    public void flush() {
        while (!pending.isEmpty()) {
            await(pending.remove());
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(CompletableFuture<PublishAck> publication) {
        try {
            acknowledged.accept(publication.get().getSeqno());
        } catch (ExecutionException e) {
            throw new CommandException(
                    "NATS did not store an envelope in the stream "
                            + stream
                            + ": "
                            + e.getCause().getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
