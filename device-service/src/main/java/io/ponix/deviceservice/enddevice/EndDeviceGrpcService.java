package io.ponix.deviceservice.enddevice;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceResponse;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceResponse;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceResponse;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceResponse;
import io.ponix.transforms.TransformCompiler;
import java.time.Instant;
import java.util.Optional;

/** The methods of {@code ponix.end_device.v1.EndDeviceService}. Requests arrive validated. */
public final class EndDeviceGrpcService extends EndDeviceServiceGrpc.EndDeviceServiceImplBase {

    private final EndDeviceRepository devices;
    private final XidGenerator identifiers;
    private final TransformCheck transforms;

    /** Serves the devices of a database; the compiler is the pipeline's. */
    public EndDeviceGrpcService(
            Database database, XidGenerator identifiers, TransformCompiler compiler) {
        this.devices = new EndDeviceRepository(database);
        this.identifiers = identifiers;
        this.transforms = new TransformCheck(compiler);
    }

    @Override
    public void createEndDevice(
            CreateEndDeviceRequest request, StreamObserver<CreateEndDeviceResponse> response) {
        transforms.require(request.getPayloadConversion());
        Instant now = ProtoTimestamps.now();
        EndDevice device =
                new EndDevice(
                        identifiers.next(),
                        request.getOrganizationId(),
                        request.getName(),
                        request.getPayloadConversion(),
                        request.getDefinitionId(),
                        now,
                        now);
        devices.add(device);
        response.onNext(CreateEndDeviceResponse.newBuilder().setEndDevice(message(device)).build());
        response.onCompleted();
    }

    @Override
    public void getEndDevice(
            GetEndDeviceRequest request, StreamObserver<GetEndDeviceResponse> response) {
        EndDevice device =
                devices.find(request.getDeviceId()).orElseThrow(EndDeviceGrpcService::notFound);
        response.onNext(GetEndDeviceResponse.newBuilder().setEndDevice(message(device)).build());
        response.onCompleted();
    }

    @Override
    public void listEndDevices(
            ListEndDevicesRequest request, StreamObserver<ListEndDevicesResponse> response) {
        Paging paging = new Paging(request.getPageSize(), request.getPageToken());
        Paging.Page<EndDevice> page =
                paging.page(
                        devices.list(request.getOrganizationId(), paging),
                        device -> new PageToken(device.createdAt(), device.id()));
        ListEndDevicesResponse.Builder list =
                ListEndDevicesResponse.newBuilder().setNextPageToken(page.nextPageToken());
        page.elements().forEach(device -> list.addEndDevices(message(device)));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void updateEndDevice(
            UpdateEndDeviceRequest request, StreamObserver<UpdateEndDeviceResponse> response) {
        transforms.require(request.getPayloadConversion());
        EndDevice device =
                devices.update(
                                request.getDeviceId(),
                                request.hasName()
                                        ? Optional.of(request.getName())
                                        : Optional.empty(),
                                request.hasPayloadConversion()
                                        ? Optional.of(request.getPayloadConversion())
                                        : Optional.empty(),
                                request.hasDefinitionId()
                                        ? Optional.of(request.getDefinitionId())
                                        : Optional.empty(),
                                ProtoTimestamps.now())
                        .orElseThrow(EndDeviceGrpcService::notFound);
        response.onNext(UpdateEndDeviceResponse.newBuilder().setEndDevice(message(device)).build());
        response.onCompleted();
    }

    @Override
    public void deleteEndDevice(
            DeleteEndDeviceRequest request, StreamObserver<DeleteEndDeviceResponse> response) {
        if (!devices.delete(request.getDeviceId(), ProtoTimestamps.now())) {
            throw notFound();
        }
        response.onNext(DeleteEndDeviceResponse.getDefaultInstance());
        response.onCompleted();
    }

    private static RequestException notFound() {
        return RequestException.notFound("Device not found");
    }

    private static io.ponix.proto.end_device.v1.EndDevice message(EndDevice device) {
        return io.ponix.proto.end_device.v1.EndDevice.newBuilder()
                .setDeviceId(device.id())
                .setOrganizationId(device.organizationId())
                .setName(device.name())
                .setPayloadConversion(device.payloadConversion())
                .setDefinitionId(device.definitionId())
                .setCreatedAt(ProtoTimestamps.of(device.createdAt()))
                .setUpdatedAt(ProtoTimestamps.of(device.updatedAt()))
                .build();
    }
}
