package io.ponix.cli.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.NUID;
import io.nats.client.PublishOptions;
import io.nats.client.api.PublishAck;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.client.nats.NatsSettings;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/**
 * Publishes raw envelopes to JetStream as a gateway would. Counted as sent is what the server
 * acknowledged; up to {@value #IN_FLIGHT} publications wait for their acknowledgement at a time.
 *
 * <p>A {@linkplain #persistent persistent} one survives the server's absence: every message carries
 * an id, and one that is not acknowledged is published again until it is. Where only the
 * acknowledgement was lost, the server answers the repeat with the sequence that the message has
 * already; this holds for the stream's duplicate window.
 */
public final class EnvelopePublisher implements AutoCloseable {

    private static final int IN_FLIGHT = 2_000;
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(5);
    private static final Duration PAUSE_BEFORE_REPEAT = Duration.ofMillis(100);

    private final Connection connection;
    private final JetStream jetStream;
    private final String stream;
    private final LongConsumer acknowledged;
    private final Duration patience;
    private final String idPrefix = NUID.nextGlobal();
    private final Deque<Publication> pending = new ArrayDeque<>(IN_FLIGHT);
    private long published;

    /**
     * A message on its way.
     *
     * @param id the message id, or null where the server is not to remember it
     */
    private record Publication(
            String subject, byte[] message, String id, CompletableFuture<PublishAck> answer) {}

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
        this.patience = patience;
        connection = NatsConnection.open(nats, "simulate");
        try {
            jetStream = connection.jetStream();
        } catch (IOException e) {
            throw new CommandException(
                    "NATS at " + nats.redactedServers() + " offers no JetStream: " + e.getMessage(),
                    e);
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
        while (!pending.isEmpty() && pending.peek().answer().isDone()) {
            await(pending.remove());
        }
        String id = patience.isZero() ? null : idPrefix + "-" + published++;
        pending.add(send(EnvelopeSubjects.of(stream, deviceId), message, id));
    }

    private Publication send(String subject, byte[] message, String id) {
        CompletableFuture<PublishAck> answer;
        try {
            answer =
                    jetStream.publishAsync(
                            subject,
                            message,
                            PublishOptions.builder().expectedStream(stream).messageId(id).build());
        } catch (IllegalStateException disconnectedForLong) {
            answer = CompletableFuture.failedFuture(disconnectedForLong);
        }
        return new Publication(subject, message, id, answer);
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

    private void await(Publication publication) {
        long deadline = System.nanoTime() + patience.toNanos();
        Publication attempt = publication;
        try {
            for (int repeats = 0; ; repeats++) {
                try {
                    acknowledged.accept(answer(attempt).getSeqno());
                    return;
                } catch (ExecutionException | CancellationException | TimeoutException e) {
                    if (System.nanoTime() >= deadline) {
                        throw new CommandException(
                                "NATS did not store an envelope in the stream "
                                        + stream
                                        + ": "
                                        + (e.getCause() == null ? e : e.getCause().getMessage()),
                                e);
                    }
                }
                // After an outage thousands are to be repeated, each at once.
                if (repeats > 0) {
                    Thread.sleep(PAUSE_BEFORE_REPEAT.toMillis());
                }
                attempt = send(attempt.subject(), attempt.message(), attempt.id());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    /** Without patience jnats itself says when an answer is overdue. */
    private PublishAck answer(Publication attempt)
            throws InterruptedException, ExecutionException, TimeoutException {
        return patience.isZero()
                ? attempt.answer().get()
                : attempt.answer().get(ACKNOWLEDGED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }
}
