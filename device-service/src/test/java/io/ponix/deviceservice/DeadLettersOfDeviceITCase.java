package io.ponix.deviceservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import io.ponix.proto.telemetry.v1.DeadLetterEntry;
import io.ponix.proto.telemetry.v1.ListDeadLettersRequest;
import io.ponix.proto.telemetry.v1.ListDeadLettersResponse;
import io.ponix.proto.telemetry.v1.TelemetryServiceGrpc;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dead letters of a device, whatever else lies among them. */
class DeadLettersOfDeviceITCase {

    @TempDir private Path home;

    @Test
    void theyAreListedAsTheyWereSentAndStrangersAreLeftOut() throws Exception {
        try (TelemetryUnderTest telemetry = TelemetryUnderTest.start(home);
                ServiceUnderTest service = ServiceUnderTest.start(home, telemetry.environment())) {
            String organization = service.organization("org");
            EndDevice device =
                    service.devices()
                            .createEndDevice(
                                    CreateEndDeviceRequest.newBuilder()
                                            .setOrganizationId(organization)
                                            .setName("device")
                                            .build())
                            .getEndDevice();
            String id = device.getDeviceId();
            String sent = "größe 温度 😀 \u001b[2J \u009b \u202e \n <script>\"";
            telemetry.putStranger("NATS/1.0\r\nPonix-Device: größe\r\n\r\n".getBytes(UTF_8));
            telemetry.giveUp(
                    id,
                    sent.getBytes(UTF_8),
                    DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                    sent);
            telemetry.giveUp(
                    id,
                    ProcessedEnvelope.newBuilder().setEndDeviceId(id).build().toByteArray(),
                    DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID,
                    "session.type is 'began'");
            telemetry.putStranger(id, new byte[] {-1});
            telemetry.putStranger(
                    id, DeadLetter.newBuilder().setEndDeviceId(id + "?").build().toByteArray());

            ListDeadLettersResponse page =
                    TelemetryServiceGrpc.newBlockingStub(service.channel())
                            .listDeadLetters(
                                    ListDeadLettersRequest.newBuilder().setDeviceId(id).build());

            assertThat(page.getDeadLettersList())
                    .extracting(DeadLetterEntry::getMessage)
                    .containsExactly("session.type is 'began'", sent);
            // A decoded envelope is nothing to try a transform with.
            assertThat(page.getDeadLetters(0).hasEnvelope()).isFalse();
            assertThat(page.getNextPageToken()).isEmpty();
            // As the page gets it.
            assertThat(JsonFormat.printer().print(page)).doesNotContain("\u001b", "<script>");
        }
    }
}
