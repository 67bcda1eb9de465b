package io.ponix.deviceservice.transform;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.definition.EndDeviceDefinition;
import io.ponix.deviceservice.definition.EndDeviceDefinitionRepository;
import io.ponix.deviceservice.definition.MessagesOfRequest;
import io.ponix.deviceservice.definition.PreviousMessages;
import io.ponix.deviceservice.enddevice.EndDeviceRepository;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.EvaluatedPayload;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.transform.v1.Contracts;
import io.ponix.proto.transform.v1.DeviceContext;
import io.ponix.proto.transform.v1.EvaluateRequest;
import io.ponix.proto.transform.v1.EvaluateResponse;
import io.ponix.proto.transform.v1.TransformServiceGrpc;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.RegisteredDevice;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.PreviousResult;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformTrial;
import java.util.List;
import java.util.Map;

/** The methods of {@code ponix.transform.v1.TransformService}. Requests arrive validated. */
public final class TransformGrpcService extends TransformServiceGrpc.TransformServiceImplBase {

    private final EndDeviceRepository devices;
    private final EndDeviceDefinitionRepository definitions;
    private final TransformCompiler compiler;
    private final TransformTrial trial;
    private final EvaluationAnswer answer;

    /** Tries transforms with the pipeline's compiler. */
    public TransformGrpcService(
            EndDeviceRepository devices,
            EndDeviceDefinitionRepository definitions,
            TransformCompiler compiler) {
        this.devices = devices;
        this.definitions = definitions;
        this.compiler = compiler;
        this.trial = new TransformTrial(compiler);
        this.answer = new EvaluationAnswer(compiler.limits());
    }

    @Override
    public void evaluate(EvaluateRequest request, StreamObserver<EvaluateResponse> response) {
        TransformInput input =
                new TransformInput()
                        .setPayload(payload(request))
                        .setFPort(request.getFPort())
                        .setAttributes(request.getAttributesMap());
        if (request.hasOccurredAt()) {
            input.setOccurredAt(
                    request.getOccurredAt().getSeconds(), request.getOccurredAt().getNanos());
        }
        if (request.hasPrevious()) {
            input.setPrevious(previous(request));
        }
        EvaluateResponse answered =
                switch (request.getTransformCase()) {
                    case EXPRESSION ->
                            answer.of(
                                    trial.run(
                                            request.getExpression(),
                                            withDevice(input, request.getDevice())),
                                    true);
                    case CONTRACTS ->
                            contracts(
                                    contracts(request.getContracts()),
                                    request.getContracts().getFileDescriptorSet(),
                                    withDevice(input, request.getDevice()));
                    case DEFINITION_ID ->
                            definition(
                                    request.getDefinitionId(),
                                    ownOrganization(request.getDevice().getOrganizationId()),
                                    withDevice(input, request.getDevice()));
                    case DEVICE_ID -> device(request.getDeviceId(), input);
                    case TRANSFORM_NOT_SET ->
                            throw new IllegalStateException("a request that was not validated");
                };
        response.onNext(answered);
        response.onCompleted();
    }

    private static PreviousResult previous(EvaluateRequest request) {
        try {
            return PreviousMessages.read(request.getPrevious());
        } catch (IllegalArgumentException e) {
            throw RequestException.invalidArgument("previous", e.getMessage());
        }
    }

    private static byte[] payload(EvaluateRequest request) {
        return request.hasPayloadHex()
                ? EvaluatedPayload.requireSize(
                        "payload_hex", EvaluatedPayload.ofHex(request.getPayloadHex()))
                : EvaluatedPayload.requireSize("payload", request.getPayload().toByteArray());
    }

    private EvaluateResponse device(String id, TransformInput input) {
        EndDeviceRow device =
                devices.find(id, Caller.current().organizationId())
                        .map(RegisteredDevice::row)
                        .orElseThrow(() -> EndDeviceRepository.notFound(id));
        input.setDevice(device.deviceId(), device.name(), device.organizationId());
        // Blank is none for the job, too.
        if (!device.payloadConversion().isBlank()) {
            return answer.of(trial.run(device.payloadConversion(), input), true);
        }
        if (device.definitionId().isEmpty()) {
            throw RequestException.failedPrecondition(
                            "Device " + id + " has neither a payload_conversion nor a definition")
                    .because("NO_TRANSFORM", Map.of("device_id", id));
        }
        return definition(device.definitionId(), device.organizationId(), input);
    }

    private EvaluateResponse definition(String id, String organizationId, TransformInput input) {
        EndDeviceDefinition definition =
                definitions
                        .find(id, organizationId)
                        .orElseThrow(() -> EndDeviceDefinitionRepository.notFound(id));
        return contracts(definition.contracts(), definition.fileDescriptorSet(), input);
    }

    private EvaluateResponse contracts(
            List<PayloadContract> contracts, ByteString fileDescriptorSet, TransformInput input) {
        TransformTrial ofContracts =
                new TransformTrial(
                        compiler.withDescriptors(MessagesOfRequest.require(fileDescriptorSet)));
        return answer.of(ofContracts.run(contracts, input), false);
    }

    private static List<PayloadContract> contracts(Contracts contracts) {
        return contracts.getContractsList().stream()
                .map(
                        contract ->
                                new PayloadContract(
                                        contract.getMatchExpression(),
                                        contract.getTransformExpression(),
                                        contract.getJsonSchema()))
                .toList();
    }

    private static TransformInput withDevice(TransformInput input, DeviceContext device) {
        return input.setDevice(
                absentIfEmpty(device.getId()),
                absentIfEmpty(device.getName()),
                absentIfEmpty(device.getOrganizationId()));
    }

    /**
     * The organization of a definition. In expressions the organization is a text like any other,
     * so the policy of the method leaves it alone.
     */
    private static String ownOrganization(String id) {
        if (!Caller.current().sees(id)) {
            throw ActiveOrganization.notFound(id);
        }
        return id;
    }

    private static String absentIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
