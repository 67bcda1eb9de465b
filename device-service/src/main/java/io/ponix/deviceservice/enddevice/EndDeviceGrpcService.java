package io.ponix.deviceservice.enddevice;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
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
import java.util.List;
import java.util.Optional;

/** The methods of {@code ponix.end_device.v1.EndDeviceService}. Requests arrive validated. */
public final class EndDeviceGrpcService extends EndDeviceServiceGrpc.EndDeviceServiceImplBase {

    private static final int LARGEST_PAGE = 1_000;

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
        Optional<EndDevicePageToken> after =
                request.getPageToken().isEmpty()
                        ? Optional.empty()
                        : Optional.of(EndDevicePageToken.parse(request.getPageToken()));
        boolean paged = request.getPageSize() > 0;
        int pageSize = paged ? Math.min(request.getPageSize(), LARGEST_PAGE) : Integer.MAX_VALUE;
        // One more than asked for tells whether there is another page.
        List<EndDevice> found =
                devices.list(request.getOrganizationId(), after, paged ? pageSize + 1 : pageSize);
        List<EndDevice> page = found.subList(0, Math.min(found.size(), pageSize));
        ListEndDevicesResponse.Builder list = ListEndDevicesResponse.newBuilder();
        page.forEach(device -> list.addEndDevices(message(device)));
        if (found.size() > page.size()) {
            list.setNextPageToken(EndDevicePageToken.after(page.get(page.size() - 1)).text());
        }
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
                .setCreatedAt(ProtoTimestamps.of(device.createdAt()))
                .setUpdatedAt(ProtoTimestamps.of(device.updatedAt()))
                .build();
    }
}
