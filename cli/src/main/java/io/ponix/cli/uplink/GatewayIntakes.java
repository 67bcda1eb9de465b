package io.ponix.cli.uplink;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.replay.UnreplayableException;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EnrolEndDeviceRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.intake.v1.EvaluateRequest;
import io.ponix.proto.intake.v1.EvaluateResponse;
import io.ponix.proto.intake.v1.IntakeServiceGrpc;
import io.ponix.proto.intake.v1.Uplink;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What messages mean by the intakes that their gateways have now, as the device service says. */
final class GatewayIntakes implements AutoCloseable {

    private static final int DEADLINE_SECONDS = 30;

    /**
     * What a gateway without an intake does: the topic is {@code <organization_id>/<device_id>}.
     */
    private static final String BY_TOPIC = "raw";

    private final ManagedChannel channel;
    private final Map<String, Optional<Gateway>> gateways = new HashMap<>();

    /**
     * @param channel to the device service; closed with this
     */
    GatewayIntakes(ManagedChannel channel) {
        this.channel = channel;
    }

    /**
     * The uplinks of a message; none for what is no reading.
     *
     * @throws UnreplayableException if it is refused again
     */
    List<Uplink> uplinks(RefusedUplink refused) throws UnreplayableException {
        Gateway gateway =
                gateways.computeIfAbsent(refused.getGatewayId(), this::gateway)
                        .orElseThrow(() -> new UnreplayableException("its gateway is gone"));
        boolean byTopic = gateway.getIntakeCase() == Gateway.IntakeCase.INTAKE_NOT_SET;
        EvaluateRequest.Builder request =
                EvaluateRequest.newBuilder()
                        .setTopic(refused.getTopic())
                        .setPayload(refused.getPayload())
                        .putAllHeaders(refused.getHeadersMap())
                        .setReceivedAt(refused.getReceivedAt());
        if (byTopic) {
            request.setIntakePreset(BY_TOPIC);
        } else {
            request.setGatewayId(gateway.getGatewayId());
        }
        EvaluateResponse response = evaluate(request.build());
        if (response.hasError()) {
            throw new UnreplayableException(response.getError().getMessage());
        }
        if (byTopic && response.hasNoReading()) {
            throw new UnreplayableException(
                    "the topic is not <organization_id>/<device_id>, and the gateway has no"
                            + " intake_preset or intake_expression");
        }
        return response.getUplinks().getUplinksList();
    }

    /**
     * Has a device made of an external id, if the gateway asks for it and no device has it.
     *
     * @param externalId empty for none
     * @throws UnreplayableException if the gateway has enrolled as many as it may
     */
    void enrol(String gatewayId, String externalId) throws UnreplayableException {
        boolean asksForIt = gateways.get(gatewayId).map(Gateway::hasEnrolment).orElse(false);
        if (!asksForIt || externalId.isEmpty()) {
            return;
        }
        try {
            EndDeviceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .enrolEndDevice(
                            EnrolEndDeviceRequest.newBuilder()
                                    .setGatewayId(gatewayId)
                                    .setExternalId(externalId)
                                    .build());
        } catch (StatusRuntimeException e) {
            switch (e.getStatus().getCode()) {
                case RESOURCE_EXHAUSTED ->
                        throw new UnreplayableException(
                                externalId + " is not enrolled: " + e.getStatus().getDescription());
                // Deleted since, or does not ask for it any more: the job says what becomes of it.
                case NOT_FOUND, FAILED_PRECONDITION -> {}
                default -> throw noAnswer(e);
            }
        }
    }

    private EvaluateResponse evaluate(EvaluateRequest request) throws UnreplayableException {
        try {
            return IntakeServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .evaluate(request);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
                throw new UnreplayableException(e.getStatus().getDescription());
            }
            throw noAnswer(e);
        }
    }

    private Optional<Gateway> gateway(String id) {
        try {
            return Optional.of(
                    GatewayServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .getGateway(GetGatewayRequest.newBuilder().setGatewayId(id).build())
                            .getGateway());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND
                    || e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
                return Optional.empty();
            }
            throw noAnswer(e);
        }
    }

    private static CommandException noAnswer(StatusRuntimeException e) {
        return new CommandException(
                "the device service did not answer: "
                        + e.getStatus()
                        + "; the same command goes on from here",
                e);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
