package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.grpc.Status.Code;
import io.ponix.intake.IntakePreset;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.intake.v1.EvaluateRequest;
import io.ponix.proto.intake.v1.EvaluateResponse;
import io.ponix.proto.intake.v1.IntakeServiceGrpc;
import io.ponix.proto.intake.v1.ListPresetsRequest;
import io.ponix.proto.intake.v1.Preset;
import io.ponix.proto.intake.v1.Uplink;
import io.ponix.proto.transform.v1.EvaluationError;
import io.ponix.proto.transform.v1.EvaluationStage;
import io.ponix.proto.transform.v1.Issue;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What people see who try what a message means: uplinks, or what is wrong and where. */
@ExtendWith(ServiceUnderTest.Shared.class)
class IntakeServiceITCase {

    private static final String CHIRPSTACK_UPLINK =
            """
            {"deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
             "time": "2022-07-18T09:34:15.775023242+00:00",
             "deviceInfo": {"devEui": "0101010101010101"}, "fCnt": 10, "fPort": 1, "data": "qg=="}
            """;

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void aPresetGivesTheUplinkAndWhatItCost() {
        EvaluateResponse response =
                evaluate(
                        EvaluateRequest.newBuilder()
                                .setIntakePreset("chirpstack")
                                .setTopic("application/1/device/0101010101010101/event/up")
                                .setPayloadText(CHIRPSTACK_UPLINK));

        assertThat(response.getUplinks().getUplinksList())
                .containsExactly(
                        Uplink.newBuilder()
                                .setExternalId("0101010101010101")
                                .setPayload(ByteString.copyFrom(new byte[] {(byte) 0xaa}))
                                .setFPort(1)
                                .setOccurredAt(
                                        Timestamp.newBuilder()
                                                .setSeconds(1658136855)
                                                .setNanos(775023242))
                                .putAttributes("frame_counter", "10")
                                .setMessageId(
                                        "0101010101010101 up 3ac7e3c4-4401-4b8d-9386-a5c902f9202d")
                                .build());
        assertThat(response.getWarningsList()).isEmpty();
        assertThat(response.getCost().getFunctionWork()).isPositive();
        assertThat(response.getCost().getFunctionWorkLimit()).isEqualTo(10_000_000);
    }

    @Test
    void anExpressionSeesAllOfTheMessage() {
        EvaluateResponse response =
                evaluate(
                        EvaluateRequest.newBuilder()
                                .setIntakeExpression(
                                        "[{'device_id': topic, 'payload': payload},\n"
                                                + " {'device_id': headers['x'], 'payload': b''}]")
                                .setTopic("t")
                                .setPayloadHex("01 ff")
                                .putHeaders("x", "y")
                                .setReceivedAt(Timestamp.newBuilder().setSeconds(7)));

        assertThat(response.getUplinks().getUplinksList())
                .containsExactly(
                        Uplink.newBuilder()
                                .setDeviceId("t")
                                .setPayload(ByteString.copyFrom(new byte[] {1, -1}))
                                .setOccurredAt(Timestamp.newBuilder().setSeconds(7))
                                .build(),
                        Uplink.newBuilder()
                                .setDeviceId("y")
                                .setOccurredAt(Timestamp.newBuilder().setSeconds(7))
                                .build());
    }

    @Test
    void aGatewayIsTriedWithTheIntakeThatItHas() {
        String organization = service.organization("Acme");
        Gateway none = gateway(CreateGatewayRequest.newBuilder().setOrganizationId(organization));
        Gateway raw =
                gateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setIntakePreset("raw"));
        Gateway own =
                gateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setIntakeExpression(
                                        "topic == 'x' ? dyn({'device_id': topic, 'payload': payload})"
                                                + " : dyn(null)"));

        assertThatCall(() -> evaluate(of(none)))
                .hasStatus(Code.FAILED_PRECONDITION, "has no intake")
                .hasReason("NO_INTAKE", Map.of("gateway_id", none.getGatewayId()));
        EvaluateResponse noReading = evaluate(of(own));
        assertThat(noReading.hasNoReading()).isTrue();
        assertThat(noReading.getWarningsList()).isEmpty();
        assertThat(
                        evaluate(EvaluateRequest.newBuilder().setIntakeExpression("dyn(null)"))
                                .getWarnings(0)
                                .getMessage())
                .contains("null whatever the message");
        assertThat(
                        evaluate(of(raw).setTopic(organization + "/d"))
                                .getUplinks()
                                .getUplinks(0)
                                .getDeviceId())
                .isEqualTo("d");
        EvaluationError error = evaluate(of(raw).setTopic("another/d")).getError();
        assertThat(error.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_OUTPUT);
        assertThat(error.getMessage()).contains("another organization", organization);
    }

    @Test
    void whatIsWrongHasAPlaceAndASourceLine() {
        EvaluationError compile =
                evaluate(
                                EvaluateRequest.newBuilder()
                                        .setIntakeExpression(
                                                "{'device_id': topic,\n 'payload': input}"))
                        .getError();
        assertThat(compile.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_COMPILE);
        assertThat(compile.getIssuesList())
                .singleElement()
                .isEqualTo(
                        Issue.newBuilder()
                                .setLine(2)
                                .setColumn(13)
                                .setMessage(compile.getIssues(0).getMessage())
                                .setSourceLine(" 'payload': input}")
                                .setCaret(" ".repeat(12) + "^")
                                .build());

        EvaluationError evaluate =
                evaluate(
                                EvaluateRequest.newBuilder()
                                        .setIntakePreset("the-things-stack")
                                        .setPayloadText("{\"uplink_message\": {\"f_port\": 1}}"))
                        .getError();
        assertThat(evaluate.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_EVALUATE);
        assertThat(evaluate.getIssues(0).getMessage()).contains("end_device_ids");
        assertThat(evaluate.getIssues(0).getCaret()).contains("^");

        EvaluationError output =
                evaluate(EvaluateRequest.newBuilder().setIntakeExpression("{'device_id': topic}"))
                        .getError();
        assertThat(output.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_OUTPUT);
        assertThat(output.getPath()).isEqualTo("$.device_id");
    }

    @Test
    void aRequestThatCannotBeUnderstoodIsRefused() {
        assertThatCall(() -> evaluate(EvaluateRequest.newBuilder()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "One of intake_preset, intake_expression and gateway_id must be given");
        assertThatCall(() -> evaluate(EvaluateRequest.newBuilder().setIntakePreset("TTN")))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway intake preset must be one of");
        assertThatCall(() -> evaluate(EvaluateRequest.newBuilder().setGatewayId("nobody")))
                .hasStatus(Code.NOT_FOUND, "nobody");
        assertThatCall(
                        () ->
                                evaluate(
                                        EvaluateRequest.newBuilder()
                                                .setIntakePreset("raw")
                                                .setPayloadHex("0g")))
                .hasStatus(Code.INVALID_ARGUMENT, "payload_hex holds 'g' at position 2");
        assertThatCall(
                        () ->
                                evaluate(
                                        EvaluateRequest.newBuilder()
                                                .setIntakePreset("raw")
                                                .setPayload(
                                                        ByteString.copyFrom(
                                                                new byte[(1 << 20) + 1]))))
                .hasStatus(Code.INVALID_ARGUMENT, "at most 1048576 can be tried");
        assertThatCall(
                        () ->
                                evaluate(
                                        EvaluateRequest.newBuilder()
                                                .setIntakePreset("raw")
                                                .setReceivedAt(
                                                        Timestamp.newBuilder()
                                                                .setSeconds(Long.MAX_VALUE))))
                .hasStatus(Code.INVALID_ARGUMENT, "received_at");
    }

    @Test
    void thePresetsAreListedWithTheirExpressions() {
        assertThat(stub().listPresets(ListPresetsRequest.getDefaultInstance()).getPresetsList())
                .containsExactlyElementsOf(
                        Arrays.stream(IntakePreset.values())
                                .map(
                                        preset ->
                                                Preset.newBuilder()
                                                        .setName(preset.presetName())
                                                        .setExpression(preset.expression())
                                                        .build())
                                .toList());
    }

    private static EvaluateRequest.Builder of(Gateway gateway) {
        return EvaluateRequest.newBuilder().setGatewayId(gateway.getGatewayId());
    }

    private static Gateway gateway(CreateGatewayRequest.Builder request) {
        return service.gateways().createGateway(request.build()).getGateway();
    }

    private static EvaluateResponse evaluate(EvaluateRequest.Builder request) {
        return stub().evaluate(request.build());
    }

    private static IntakeServiceGrpc.IntakeServiceBlockingStub stub() {
        return IntakeServiceGrpc.newBlockingStub(service.channel());
    }
}
