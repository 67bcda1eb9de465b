package io.ponix.bridge.publish;

import com.google.protobuf.ByteString;
import io.nats.client.api.PublishAck;
import io.ponix.bridge.intake.EvaluationThreads;
import io.ponix.bridge.intake.MessageReader;
import io.ponix.bridge.intake.Reading;
import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.bridge.intake.Refusal;
import io.ponix.bridge.intake.UnnamedMessageIds;
import io.ponix.bridge.registry.DeviceEnrolment;
import io.ponix.intake.IntakeMessage;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.GatewayMessage;
import io.ponix.proto.envelope.MessageIds;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Has stored what the messages of gateways mean: raw envelopes, or refused uplinks. The messages of
 * a gateway are stored in the order in which they are given.
 */
public final class UplinkStore {

    /** The stream of what did not become an envelope. */
    public static final String REFUSED_STREAM = "refused_uplinks";

    private static final int LONGEST_TOPIC = 4_096;

    /** In bytes; more of them are left out. */
    private static final int MOST_OF_HEADERS = 64 << 10;

    private final StreamPublisher publisher;
    private final String rawStream;
    private final MessageReader reader;
    private final EvaluationThreads threads;
    private final DeviceEnrolment enrolment;
    private final UnnamedMessageIds unnamed = new UnnamedMessageIds();
    private final LargeRefusals large = new LargeRefusals();

    /**
     * @param rawStream the stream of raw envelopes; a device's subject is {@code <stream>.<device>}
     * @param threads for what may take long; stay the caller's
     * @param enrolment is told of every external id
     */
    public UplinkStore(
            StreamPublisher publisher,
            String rawStream,
            EvaluationThreads threads,
            DeviceEnrolment enrolment) {
        this.enrolment = enrolment;
        this.publisher = publisher;
        this.rawStream = rawStream;
        this.threads = threads;
        this.reader = new MessageReader(this::maxPayload);
    }

    /** How many bytes the NATS server takes, by the server of now. */
    public long maxPayload() {
        return publisher.largestMessage();
    }

    /**
     * Reads a message of a gateway and stores what it means; completed once all of it is stored,
     * and never exceptionally.
     */
    public CompletableFuture<Outcome> store(Gateway gateway, ReceivedMessage message) {
        return MessageReader.mayTakeLong(gateway)
                ? read(gateway, message).thenCompose(this::store)
                : store(reader.read(gateway, message));
    }

    /** Says what a message of a gateway means, for whoever stores it later, or not at all. */
    public CompletableFuture<Reading> read(Gateway gateway, ReceivedMessage message) {
        if (!MessageReader.mayTakeLong(gateway)) {
            return CompletableFuture.completedFuture(reader.read(gateway, message));
        }
        CompletableFuture<Reading> reading = new CompletableFuture<>();
        threads.execute(
                gateway.getGatewayId(), () -> reading.complete(reader.read(gateway, message)));
        return reading;
    }

    /** Stores what a message means; completed once all of it is stored, never exceptionally. */
    private CompletableFuture<Outcome> store(Reading reading) {
        return store(reading, UnaryOperator.identity());
    }

    /**
     * Stores what a message means, or gives up. Completed once all of it is stored; exceptionally
     * when that took too long: then some of it may be stored, and none of it is any more. Who sends
     * it again has it stored once, within the stream's duplicate window, if its uplinks have ids.
     */
    public CompletableFuture<Outcome> store(Reading reading, Duration within) {
        return store(
                reading,
                publication -> publication.orTimeout(within.toMillis(), TimeUnit.MILLISECONDS));
    }

    private CompletableFuture<Outcome> store(
            Reading reading, UnaryOperator<CompletableFuture<PublishAck>> limit) {
        if (reading.refusal().isPresent()) {
            return refuse(reading, reading.refusal().get(), limit);
        }
        List<CompletableFuture<Outcome.Stored>> stored = new ArrayList<>(reading.uplinks().size());
        for (Reading.Uplink uplink : reading.uplinks()) {
            enrolment.heard(reading.gateway(), uplink.envelope().getExternalId());
            stored.add(
                    limit.apply(
                                    publisher.publish(
                                            rawStream,
                                            EnvelopeSubjects.of(rawStream, uplink.device()),
                                            uplink.envelope().toByteArray(),
                                            uplink.messageId()))
                            .thenApply(
                                    ack ->
                                            new Outcome.Stored(
                                                    uplink.device(),
                                                    ack.getSeqno(),
                                                    ack.isDuplicate())));
        }
        return CompletableFuture.allOf(stored.toArray(new CompletableFuture<?>[0]))
                .thenApply(
                        all ->
                                new Outcome(
                                        stored.stream().map(CompletableFuture::join).toList(),
                                        Optional.empty()));
    }

    private CompletableFuture<Outcome> refuse(
            Reading reading, Refusal refusal, UnaryOperator<CompletableFuture<PublishAck>> limit) {
        String gatewayId = reading.gateway().getGatewayId();
        return limit.apply(
                        publisher.publish(
                                REFUSED_STREAM,
                                REFUSED_STREAM + "." + gatewayId,
                                refusedUplink(reading, refusal).toByteArray(),
                                refusedId(reading)))
                .thenApply(ack -> new Outcome(List.of(), Optional.of(refusal)));
    }

    /**
     * A webhook that is sent again is refused once. Another message that its sender gives the same
     * id is another one: nobody has it yet.
     */
    private String refusedId(Reading reading) {
        String gatewayId = reading.gateway().getGatewayId();
        IntakeMessage content = reading.message().content();
        return reading.message()
                .senderId()
                .map(
                        id ->
                                MessageIds.of(
                                        gatewayId,
                                        id,
                                        content.topic(),
                                        new String(content.payload(), StandardCharsets.ISO_8859_1)))
                .orElseGet(() -> unnamed.next(gatewayId));
    }

    private RefusedUplink refusedUplink(Reading reading, Refusal refusal) {
        IntakeMessage message = reading.message().content();
        String topic = message.topic();
        RefusedUplink.Builder uplink =
                RefusedUplink.newBuilder()
                        .setGatewayId(reading.gateway().getGatewayId())
                        .setOrganizationId(reading.gateway().getOrganizationId())
                        .setTopic(topic.substring(0, Math.min(topic.length(), LONGEST_TOPIC)))
                        .setPayloadSize(message.payload().length)
                        .setReceivedAt(ReceivedMessage.timestamp(message.receivedAt()))
                        .setReason(refusal.reason())
                        .setMessage(refusal.message())
                        .putAllHeaders(message.headers())
                        .putAllAttributes(reading.message().attributes());
        if (uplink.build().getSerializedSize() > MOST_OF_HEADERS) {
            uplink.clearHeaders().clearAttributes();
        }
        long largest = GatewayMessage.largestEnvelope(maxPayload());
        long whole =
                Math.min(
                        largest,
                        uplink.build().getSerializedSize() + (long) message.payload().length);
        if (!large.mayBeWhole(reading.gateway().getGatewayId(), whole)) {
            uplink.clearHeaders().clearAttributes();
            largest = Math.min(largest, LargeRefusals.SMALL);
        }
        long room = largest - uplink.build().getSerializedSize();
        int kept = (int) Math.max(0, Math.min(message.payload().length, room));
        return uplink.setPayload(ByteString.copyFrom(message.payload(), 0, kept)).build();
    }
}
