package io.ponix.deviceservice.transform;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.enddevice.EndDevice;
import io.ponix.deviceservice.enddevice.EndDeviceRepository;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.transform.v1.DeviceContext;
import io.ponix.proto.transform.v1.EvaluateRequest;
import io.ponix.proto.transform.v1.EvaluateResponse;
import io.ponix.proto.transform.v1.TransformServiceGrpc;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformTrial;

/** The methods of {@code ponix.transform.v1.TransformService}. Requests arrive validated. */
public final class TransformGrpcService extends TransformServiceGrpc.TransformServiceImplBase {

    private final EndDeviceRepository devices;
    private final TransformTrial trial;
    private final EvaluationAnswer answer;

    /** Tries transforms with the pipeline's compiler. */
    public TransformGrpcService(EndDeviceRepository devices, TransformCompiler compiler) {
        this.devices = devices;
        this.trial = new TransformTrial(compiler);
        this.answer = new EvaluationAnswer(compiler.limits());
    }

    @Override
    public void evaluate(EvaluateRequest request, StreamObserver<EvaluateResponse> response) {
        TransformInput input =
                new TransformInput()
                        .setPayload(EvaluatedPayload.of(request))
                        .setFPort(request.getFPort())
                        .setAttributes(request.getAttributesMap());
        if (request.hasOccurredAt()) {
            input.setOccurredAt(
                    request.getOccurredAt().getSeconds(), request.getOccurredAt().getNanos());
        }
        String expression = request.getExpression();
        if (request.hasDeviceId()) {
            EndDevice device =
                    devices.find(request.getDeviceId())
                            .orElseThrow(() -> RequestException.notFound("Device not found"));
            if (device.payloadConversion().isEmpty()) {
                throw RequestException.failedPrecondition("The device has no payload_conversion");
            }
            expression = device.payloadConversion();
            input.setDevice(device.id(), device.name(), device.organizationId());
        } else {
            DeviceContext device = request.getDevice();
            input.setDevice(
                    absentIfEmpty(device.getId()),
                    absentIfEmpty(device.getName()),
                    absentIfEmpty(device.getOrganizationId()));
        }
        response.onNext(answer.of(expression, trial.run(expression, input)));
        response.onCompleted();
    }

    private static String absentIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
