package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static io.ponix.bridge.HttpAnswers.assertProblem;
import static io.ponix.bridge.HttpAnswers.assertStored;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the ways to write an uplink become in the stream. */
class BridgeHttpFormatsITCase extends PostedUplinks {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "application/x-www-form-urlencoded";

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json", "application/json; charset=utf-8", FORM, "text/plain"})
    void anEnvelopeInJsonIsStoredWithWhatTheGatewayKnows(String contentType) throws Exception {
        Instant began = Instant.now();
        HttpResponse<String> answer =
                own.post(
                        "",
                        contentType,
                        ("{\"end_device_id\": \"d\", \"payload\": \"AQI=\", \"f_port\": 2,"
                                        + " \"attributes\": {\"kind\": \""
                                        + contentType
                                        + "\"}}")
                                .getBytes(UTF_8));

        assertStored(answer, 0, before + 1);
        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getOccurredAt().getSeconds())
                .isBetween(began.getEpochSecond(), Instant.now().getEpochSecond());
        assertThat(envelope.toBuilder().clearOccurredAt().build())
                .isEqualTo(
                        RawEnvelope.newBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .setEndDeviceId("d")
                                .setPayload(ByteString.copyFrom(new byte[] {1, 2}))
                                .setFPort(2)
                                .putAttributes("kind", contentType)
                                .putAttributes("ponix_gateway_id", own.gateway().getGatewayId())
                                .build());
    }

    @Test
    void anArrayLinesAndProtobufAreEnvelopesInTheirOrder() throws Exception {
        String first =
                "{\"external_id\": \"A84041FFFF1822C4\", \"payload\": \"AQ==\","
                        + " \"occurred_at\": \"2026-01-31T12:00:00.5Z\"}";
        String second =
                "{\"organization_id\": \"org-001\", \"end_device_id\": \"batch\", \"payload\":"
                        + " \"Ag==\"}";
        assertStored(own.post("[" + first + ",\n" + second + "]"), 0, before + 1, before + 2);
        assertStored(
                own.post(
                        "",
                        "application/x-ndjson",
                        (first + "\n\r\n" + second + "\n").getBytes(UTF_8)),
                0,
                before + 3,
                before + 4);
        RawEnvelope bare =
                RawEnvelope.newBuilder()
                        .setEndDeviceId("protobuf")
                        .setPayload(ByteString.copyFrom(new byte[] {3}))
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(7))
                        .build();
        assertStored(own.post("", "application/x-protobuf", bare.toByteArray()), 0, before + 5);

        List<RawEnvelope> envelopes = envelopes();
        assertThat(envelopes)
                .extracting(envelope -> (int) envelope.getPayload().byteAt(0))
                .containsExactly(1, 2, 1, 2, 3);
        assertThat(envelopes.get(0).getExternalId()).isEqualTo("a84041ffff1822c4");
        assertThat(envelopes.get(0).getOccurredAt())
                .isEqualTo(
                        Timestamp.newBuilder()
                                .setSeconds(Instant.parse("2026-01-31T12:00:00Z").getEpochSecond())
                                .setNanos(500_000_000)
                                .build());
        assertThat(envelopes.get(4))
                .isEqualTo(
                        bare.toBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .putAttributes("ponix_gateway_id", own.gateway().getGatewayId())
                                .build());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "meter-7, meter-7",
                "a.b%20c%3Ed*, a.b c>d*",
                "Z%C3%A4hler%207, Zähler 7",
                "100%25, 100%",
                "A84041FFFF1822C4, a84041ffff1822c4",
                "a%2Fb, a/b"
            })
    void bytesAreThePayloadOfTheDeviceInThePath(String path, String device) throws Exception {
        byte[] payload = ("é\0\n" + device).getBytes(UTF_8);
        assertStored(
                own.post("/devices/" + path + "?f_port=2", "application/octet-stream", payload),
                0,
                before + 1);

        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getExternalId()).isEqualTo(device);
        assertThat(envelope.getEndDeviceId()).isEmpty();
        assertThat(envelope.getFPort()).isEqualTo(2);
        assertThat(envelope.getPayload().toByteArray()).isEqualTo(payload);
        assertThat(envelope.getOrganizationId()).isEqualTo(BridgeStack.ORGANIZATION);
    }

    @Test
    void whatANetworkServerPostsIsReadByTheIntakeAndARetryIsStoredOnce() throws Exception {
        HttpSender chirpStack =
                HttpSender.of(stack, request -> request.setIntakePreset("chirpstack"));
        byte[] uplink =
                """
                {"deduplicationId": "id-7", "time": "2026-01-31T12:00:00Z",
                 "deviceInfo": {"devEui": "0101010101010101", "applicationId": "1"},
                 "fPort": 2, "fCnt": 10, "data": "AQI="}
                """
                        .getBytes(UTF_8);

        assertStored(chirpStack.post("?event=up", "application/json", uplink), 0, before + 1);
        // As a network server sends it again, with other headers about it.
        HttpResponse<String> again =
                own.send(
                        chirpStack
                                .request("?event=up", "application/json", uplink)
                                .header("X-Attempt", "2"));
        assertStored(again, 1, before + 1);

        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 1);
        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getExternalId()).isEqualTo("0101010101010101");
        assertThat(envelope.getPayload().toByteArray()).containsExactly(1, 2);
        assertThat(envelope.getFPort()).isEqualTo(2);
    }

    @Test
    void anIntakeSeesTheTargetAndTheHeadersButNoCredentials() throws Exception {
        HttpSender echo =
                HttpSender.of(
                        stack,
                        request ->
                                request.setIntakeExpression(
                                        """
                                        topic == "?nothing" ? dyn(null) : dyn({
                                          "device_id": "echo", "payload": payload, "attributes": {
                                            "topic": topic,
                                            "names": headers.map(name, name).join(" "),
                                            "x-kind": headers["x-kind"]}})
                                        """));
        HttpRequest.Builder request =
                echo.request("?event=up&a=b%20c", "text/x-own", "body".getBytes(UTF_8))
                        .header("X-Kind", "a")
                        .header("Authorization", "Basic c2VzYW1lOnNlc2FtZQ==")
                        .header("Cookie", "session=sesame");
        assertStored(own.send(request), 0, before + 1);

        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getPayload().toStringUtf8()).isEqualTo("body");
        assertThat(envelope.getAttributesOrThrow("topic")).isEqualTo("?event=up&a=b%20c");
        assertThat(envelope.getAttributesOrThrow("x-kind")).isEqualTo("a");
        assertThat(envelope.getAttributesOrThrow("names"))
                .contains("content-type")
                .doesNotContain("authorization", "api-key", "cookie");

        HttpResponse<String> ignored = echo.post("?nothing", "text/x-own", new byte[] {1});
        assertThat(ignored.statusCode()).isEqualTo(202);
        assertThat(JSON.readTree(ignored.body()))
                .isEqualTo(JSON.readTree("{\"sequences\": [], \"duplicates\": 0, \"ignored\": 1}"));

        long refusedBefore = stack.lastSequence("refused_uplinks");
        HttpResponse<String> refused = echo.post("", "text/x-own", "no x-kind".getBytes(UTF_8));
        assertProblem(refused, 400, "INVALID_ARGUMENT", "x-kind");
        List<RefusedUplink> kept = stack.refusedAfter(refusedBefore);
        RefusedUplink last = kept.get(kept.size() - 1);
        assertThat(last.getGatewayId()).isEqualTo(echo.gateway().getGatewayId());
        assertThat(last.getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INTAKE);
        assertThat(last.getPayload().toStringUtf8()).isEqualTo("no x-kind");
        assertThat(last.toString()).doesNotContain(echo.secret());
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 1);
    }

    @Test
    void anotherIntakeCountsWithinSeconds() throws Exception {
        HttpSender sender = HttpSender.of(stack);
        stack.announce(
                "update",
                stack.gateways()
                        .updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(sender.gateway().getGatewayId())
                                        .setIntakeExpression(
                                                "{\"device_id\": \"own\", \"payload\": payload}")
                                        .build())
                        .getGateway());
        atMost(5).until(() -> sender.post("", "text/x-own", new byte[] {9}).statusCode() == 202);
        assertThat(envelopes().get(0).getEndDeviceId()).isEqualTo("own");
    }

    /** What this test has had stored. */
    private List<RawEnvelope> envelopes() throws Exception {
        return stack.envelopesAfter(before);
    }
}
