package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.grpc.ManagedChannel;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.Subject;
import io.nats.client.impl.Headers;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc.EndDeviceServiceBlockingStub;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.time.Instant;

/** A device that was registered without a transform, and the letters and rows of its envelopes. */
final class MutedDevice implements AutoCloseable {

    private static final String ORGANIZATION = "org-001";
    private static final Instant FIRST = Instant.parse("2026-11-20T10:00:00Z");

    private final ClickHouseQueries clickHouse;
    private final ManagedChannel channel;
    private final EndDeviceServiceBlockingStub service;
    private final Connection nats;
    private final String id;
    private int sent;

    MutedDevice(RunningStack stack) throws Exception {
        StackAddresses addresses = stack.addresses();
        clickHouse = new ClickHouseQueries(addresses);
        nats = NatsConnection.open(addresses.nats(), "test");
        channel = stack.deviceService();
        service = EndDeviceServiceGrpc.newBlockingStub(channel);
        id =
                service.createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(ORGANIZATION)
                                        .setName("Muted")
                                        .build())
                        .getEndDevice()
                        .getDeviceId();
    }

    String id() {
        return id;
    }

    int sent() {
        return sent;
    }

    /** Sends an envelope with a payload of that many bytes, a second later than the one before. */
    void send(int payloadBytes) throws Exception {
        Instant occurredAt = FIRST.plusSeconds(sent++);
        RawEnvelope envelope =
                RawEnvelope.newBuilder()
                        .setOrganizationId(ORGANIZATION)
                        .setEndDeviceId(id)
                        .setPayload(ByteString.copyFrom(new byte[payloadBytes]))
                        .setOccurredAt(Timestamps.fromMillis(occurredAt.toEpochMilli()))
                        .build();
        nats.jetStream().publish("raw_envelopes." + id, envelope.toByteArray());
    }

    /** Sends an envelope that names its device as its senders call it. */
    void sendAs(String externalId) throws Exception {
        RawEnvelope envelope =
                RawEnvelope.newBuilder()
                        .setOrganizationId(ORGANIZATION)
                        .setExternalId(externalId)
                        .setOccurredAt(
                                Timestamps.fromMillis(FIRST.plusSeconds(sent++).toEpochMilli()))
                        .build();
        nats.jetStream()
                .publish(EnvelopeSubjects.of("raw_envelopes", externalId), envelope.toByteArray());
    }

    /** Sends an envelope on a subject that is not the device's own. */
    void sendOn(String subject) throws Exception {
        RawEnvelope envelope =
                RawEnvelope.newBuilder()
                        .setOrganizationId(ORGANIZATION)
                        .setEndDeviceId(id)
                        .setPayload(ByteString.copyFromUtf8("x,1"))
                        .putAttributes("kind", "x")
                        .setOccurredAt(
                                Timestamps.fromMillis(FIRST.plusSeconds(sent++).toEpochMilli()))
                        .build();
        nats.jetStream().publish(subject, envelope.toByteArray());
    }

    /** How many uplinks of a gateway wait among the refused. */
    long refusedUplinks(String gateway) throws Exception {
        return nats
                .jetStreamManagement()
                .getStreamInfo(
                        "refused_uplinks",
                        StreamInfoOptions.filterSubjects("refused_uplinks." + gateway))
                .getStreamState()
                .getSubjects()
                .stream()
                .mapToLong(Subject::getCount)
                .sum();
    }

    RefusedUplink refusedUplink(long number) throws Exception {
        return RefusedUplink.parseFrom(
                nats.jetStreamManagement().getMessage("refused_uplinks", number).getData());
    }

    /** Puts it into the stream as if it had never been deleted; returns its number. */
    long putRefusedUplink(RefusedUplink uplink) throws Exception {
        return nats.jetStream()
                .publish("refused_uplinks." + uplink.getGatewayId(), uplink.toByteArray())
                .getSeqno();
    }

    void setExternalId(String externalId) {
        service.updateEndDevice(
                UpdateEndDeviceRequest.newBuilder()
                        .setDeviceId(id)
                        .setExternalId(externalId)
                        .build());
    }

    void setTransform(String transform) {
        service.updateEndDevice(
                UpdateEndDeviceRequest.newBuilder()
                        .setDeviceId(id)
                        .setPayloadConversion(transform)
                        .build());
    }

    /** The columns of a query's only row; {@code %s} stands for the condition on the device. */
    String[] row(String sql) {
        return clickHouse.row(String.format(sql, "end_device_id = '" + id + "'"));
    }

    /** Waits until it has so many rows. */
    void awaitRows(int count) {
        await().atMost(RunningStack.SOON)
                .untilAsserted(
                        () ->
                                assertThat(row("SELECT count() FROM processed_envelopes WHERE %s"))
                                        .containsExactly(String.valueOf(count)));
    }

    /** A message of the stream of dead letters. */
    MessageInfo letter(long number) throws Exception {
        return nats.jetStreamManagement().getMessage("dead_letters", number);
    }

    /** Puts a dead letter into the stream as if it had never been deleted; returns its number. */
    long putLetter(DeadLetter letter) throws Exception {
        return nats.jetStream()
                .publish("dead_letters.NO_CONVERSION", new Headers(), letter.toByteArray())
                .getSeqno();
    }

    DeadLetter.Builder newLetter(long sequence, long receivedAt) {
        return DeadLetter.newBuilder()
                .setStream("raw_envelopes")
                .setStreamSequence(sequence)
                .setSubject("raw_envelopes.0." + id)
                .setReceivedAt(Timestamps.fromMillis(receivedAt))
                .setEndDeviceId(id)
                .setReason(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION);
    }

    void deleteLetter(long number) throws Exception {
        nats.jetStreamManagement().deleteMessage("dead_letters", number);
    }

    long lastRawSequence() throws Exception {
        JetStreamManagement management = nats.jetStreamManagement();
        return management.getStreamInfo("raw_envelopes").getStreamState().getLastSequence();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            nats.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
