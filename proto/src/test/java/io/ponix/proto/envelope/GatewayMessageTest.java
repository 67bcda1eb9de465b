package io.ponix.proto.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GatewayMessageTest {

    private static final long MAX_PAYLOAD = 1 << 20;
    private static final Timestamp RECEIVED = Timestamp.newBuilder().setSeconds(1_000).build();

    private final GatewayMessage message =
            new GatewayMessage(
                    "org-001", "d8k2v", Map.of("mqtt_topic", "a/b", "rssi", "-1"), RECEIVED);

    @Test
    void whatIsNotKnownIsTheGatewaysAndWhatIsKnownStays() throws Exception {
        RawEnvelope least =
                message.envelope(
                        RawEnvelope.newBuilder().setExternalId("A84041FFFF1822C4").build(),
                        MAX_PAYLOAD);
        assertThat(least)
                .isEqualTo(
                        RawEnvelope.newBuilder()
                                .setOrganizationId("org-001")
                                .setExternalId("a84041ffff1822c4")
                                .setOccurredAt(RECEIVED)
                                .putAttributes("ponix_gateway_id", "d8k2v")
                                .putAttributes("mqtt_topic", "a/b")
                                .putAttributes("rssi", "-1")
                                .build());

        RawEnvelope all =
                RawEnvelope.newBuilder()
                        .setOrganizationId("org-001")
                        .setEndDeviceId("A8")
                        .setPayload(ByteString.copyFromUtf8("x"))
                        .setFPort(255)
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(7))
                        .putAttributes("rssi", "-97")
                        .build();
        assertThat(message.envelope(all, MAX_PAYLOAD))
                .isEqualTo(
                        all.toBuilder()
                                .putAttributes("mqtt_topic", "a/b")
                                .putAttributes("ponix_gateway_id", "d8k2v")
                                .build());
    }

    @Test
    void itsSubjectEndsWithTheIdThatDecides() {
        RawEnvelope.Builder envelope = RawEnvelope.newBuilder().setExternalId("e");
        assertThat(GatewayMessage.device(envelope.build())).isEqualTo("e");
        assertThat(GatewayMessage.device(envelope.setEndDeviceId("d").build())).isEqualTo("d");
    }

    private static Stream<Arguments> wrong() {
        return Stream.of(
                wrong(
                        RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH,
                        "organization_id",
                        envelope -> envelope.setOrganizationId("org-002")),
                wrong(
                        RefusalReason.REFUSAL_REASON_DEVICE_ID,
                        "neither end_device_id nor external_id",
                        RawEnvelope.Builder::clearEndDeviceId),
                wrong(
                        RefusalReason.REFUSAL_REASON_DEVICE_ID,
                        "neither end_device_id nor external_id",
                        envelope -> envelope.clearEndDeviceId().setExternalId(" ")),
                wrong(
                        RefusalReason.REFUSAL_REASON_DEVICE_ID,
                        "end_device_id has more than 256",
                        envelope -> envelope.setEndDeviceId("x".repeat(257))),
                wrong(
                        RefusalReason.REFUSAL_REASON_DEVICE_ID,
                        "external_id has more than 256",
                        envelope -> envelope.setExternalId("😀".repeat(257))),
                wrong(
                        RefusalReason.REFUSAL_REASON_INTAKE,
                        "f_port",
                        envelope -> envelope.setFPort(256)),
                wrong(
                        RefusalReason.REFUSAL_REASON_INTAKE,
                        "f_port",
                        envelope -> envelope.setFPort(-1)),
                wrong(
                        RefusalReason.REFUSAL_REASON_INTAKE,
                        "occurred_at",
                        envelope -> envelope.setOccurredAt(Timestamp.newBuilder().setSeconds(-1))),
                wrong(
                        RefusalReason.REFUSAL_REASON_INTAKE,
                        "occurred_at",
                        envelope ->
                                envelope.setOccurredAt(
                                        Timestamp.newBuilder().setSeconds(4_294_967_296L))),
                wrong(
                        RefusalReason.REFUSAL_REASON_INTAKE,
                        "occurred_at",
                        envelope ->
                                envelope.setOccurredAt(
                                        Timestamp.newBuilder().setNanos(1_000_000_000))),
                wrong(
                        RefusalReason.REFUSAL_REASON_TOO_LARGE,
                        "max_payload",
                        envelope ->
                                envelope.setPayload(
                                        ByteString.copyFrom(
                                                new byte
                                                        [(int)
                                                                GatewayMessage.largestEnvelope(
                                                                        MAX_PAYLOAD)]))));
    }

    private static Arguments wrong(
            RefusalReason reason, String part, UnaryOperator<RawEnvelope.Builder> change) {
        return Arguments.of(
                reason, part, change.apply(RawEnvelope.newBuilder().setEndDeviceId("d")).build());
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatAnEnvelopeMayNotHaveIsNamed(RefusalReason reason, String part, RawEnvelope known) {
        assertThatThrownBy(() -> message.envelope(known, MAX_PAYLOAD))
                .isInstanceOfSatisfying(
                        EnvelopeRefusedException.class,
                        refusal -> {
                            assertThat(refusal.reason()).isEqualTo(reason);
                            assertThat(refusal).hasMessageContaining(part);
                        });
    }

    @Test
    void theLargestAndTheLongestAreTaken() throws Exception {
        RawEnvelope known =
                RawEnvelope.newBuilder()
                        .setExternalId("😀".repeat(256))
                        .setOccurredAt(
                                Timestamp.newBuilder()
                                        .setSeconds(4_294_967_295L)
                                        .setNanos(999_999_999))
                        .build();
        int size = message.envelope(known, MAX_PAYLOAD).getSerializedSize();
        // Its payload needs a tag and a length.
        int room = (int) GatewayMessage.largestEnvelope(MAX_PAYLOAD) - size - 4;
        RawEnvelope.Builder large =
                known.toBuilder().setPayload(ByteString.copyFrom(new byte[room]));
        assertThat(message.envelope(large.build(), MAX_PAYLOAD).getSerializedSize())
                .isEqualTo((int) GatewayMessage.largestEnvelope(MAX_PAYLOAD));
    }
}
