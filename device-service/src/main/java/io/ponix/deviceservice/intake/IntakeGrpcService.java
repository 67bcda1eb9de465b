package io.ponix.deviceservice.intake;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.gateway.ActiveGateway;
import io.ponix.deviceservice.gateway.GatewayIntake;
import io.ponix.deviceservice.gateway.GatewayRepository;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.EvaluatedPayload;
import io.ponix.deviceservice.request.PageTokenText;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.intake.IntakeCompiler;
import io.ponix.intake.IntakeMessage;
import io.ponix.intake.IntakePreset;
import io.ponix.intake.IntakeTrial;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.intake.v1.EvaluateRequest;
import io.ponix.proto.intake.v1.EvaluateResponse;
import io.ponix.proto.intake.v1.IntakeServiceGrpc;
import io.ponix.proto.intake.v1.ListPresetsRequest;
import io.ponix.proto.intake.v1.ListPresetsResponse;
import io.ponix.proto.intake.v1.Preset;
import io.ponix.transforms.TransformLimits;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/** The methods of {@code ponix.intake.v1.IntakeService}. Requests arrive validated. */
public final class IntakeGrpcService extends IntakeServiceGrpc.IntakeServiceImplBase {

    private final GatewayRepository gateways;
    private final IntakeTrial trial;
    private final IntakeAnswer answer;

    /**
     * Tries intakes with the bridges' compiler.
     *
     * @param limits those of the compiler
     */
    public IntakeGrpcService(
            GatewayRepository gateways, IntakeCompiler compiler, TransformLimits limits) {
        this.gateways = gateways;
        this.trial = new IntakeTrial(compiler);
        this.answer = new IntakeAnswer(limits);
    }

    @Override
    public void evaluate(EvaluateRequest request, StreamObserver<EvaluateResponse> response) {
        IntakeMessage message =
                new IntakeMessage(
                        request.getTopic(),
                        payload(request),
                        request.getHeadersMap(),
                        request.hasReceivedAt() ? time(request.getReceivedAt()) : Instant.now());
        response.onNext(
                switch (request.getIntakeCase()) {
                    case INTAKE_PRESET -> evaluate(preset(request.getIntakePreset()), message, "");
                    case INTAKE_EXPRESSION -> evaluate(request.getIntakeExpression(), message, "");
                    case GATEWAY_ID -> gateway(request.getGatewayId(), message);
                    case INTAKE_NOT_SET ->
                            throw new IllegalStateException("a request that was not validated");
                });
        response.onCompleted();
    }

    private EvaluateResponse gateway(String id, IntakeMessage message) {
        Gateway gateway =
                gateways.find(id, Caller.current().organizationId())
                        .orElseThrow(() -> ActiveGateway.notFound(id))
                        .toMessage();
        return switch (gateway.getIntakeCase()) {
            case INTAKE_PRESET ->
                    evaluate(
                            preset(gateway.getIntakePreset()),
                            message,
                            gateway.getOrganizationId());
            case INTAKE_EXPRESSION ->
                    evaluate(gateway.getIntakeExpression(), message, gateway.getOrganizationId());
            case INTAKE_NOT_SET ->
                    throw RequestException.failedPrecondition(
                                    "Gateway "
                                            + id
                                            + " has no intake: its messages are read by their topic")
                            .because("NO_INTAKE", Map.of("gateway_id", id));
        };
    }

    private EvaluateResponse evaluate(
            String expression, IntakeMessage message, String organizationId) {
        return answer.of(expression, trial.run(expression, message), organizationId);
    }

    private static String preset(String name) {
        GatewayIntake.requirePreset(name);
        return IntakePreset.named(name).map(IntakePreset::expression).orElse("");
    }

    private static Instant time(Timestamp time) {
        if (!Timestamps.isValid(time)) {
            throw RequestException.invalidArgument(
                    "received_at", "received_at must be in the years 1 to 9999");
        }
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static byte[] payload(EvaluateRequest request) {
        return switch (request.getPayloadEncodingCase()) {
            case PAYLOAD_HEX ->
                    EvaluatedPayload.requireSize(
                            "payload_hex", EvaluatedPayload.ofHex(request.getPayloadHex()));
            case PAYLOAD_TEXT ->
                    EvaluatedPayload.requireSize(
                            "payload_text",
                            request.getPayloadText().getBytes(StandardCharsets.UTF_8));
            case PAYLOAD, PAYLOADENCODING_NOT_SET ->
                    EvaluatedPayload.requireSize("payload", request.getPayload().toByteArray());
        };
    }

    @Override
    public void listPresets(
            ListPresetsRequest request, StreamObserver<ListPresetsResponse> response) {
        IntakePreset[] presets = IntakePreset.values();
        int start =
                request.getPageToken().isEmpty()
                        ? 0
                        : (int)
                                Math.max(
                                        0,
                                        Math.min(
                                                PageTokenText.parse(request.getPageToken(), 1)[0],
                                                presets.length));
        int end = Math.min(start + Paging.pageSize(request.getPageSize()), presets.length);
        ListPresetsResponse.Builder list = ListPresetsResponse.newBuilder();
        for (IntakePreset preset : Arrays.asList(presets).subList(start, end)) {
            list.addPresets(
                    Preset.newBuilder()
                            .setName(preset.presetName())
                            .setExpression(preset.expression()));
        }
        if (end < presets.length) {
            list.setNextPageToken(PageTokenText.of(end));
        }
        response.onNext(list.build());
        response.onCompleted();
    }
}
