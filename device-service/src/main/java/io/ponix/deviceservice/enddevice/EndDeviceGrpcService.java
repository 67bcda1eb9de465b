package io.ponix.deviceservice.enddevice;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceResponse;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceResponse;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EnrolEndDeviceRequest;
import io.ponix.proto.end_device.v1.EnrolEndDeviceResponse;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceResponse;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceResponse;
import io.ponix.proto.envelope.ExternalId;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.RegisteredDevice;
import io.ponix.transforms.TransformCompiler;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The methods of {@code ponix.end_device.v1.EndDeviceService}. Requests arrive validated. */
public final class EndDeviceGrpcService extends EndDeviceServiceGrpc.EndDeviceServiceImplBase {

    private final EndDeviceRepository devices;
    private final Enrolment enrolment;
    private final XidGenerator identifiers;
    private final TransformCheck transforms;

    /** Serves the devices of a database; the compiler is the pipeline's. */
    public EndDeviceGrpcService(
            Database database, XidGenerator identifiers, TransformCompiler compiler) {
        this.devices = new EndDeviceRepository(database);
        this.enrolment = new Enrolment(database);
        this.identifiers = identifiers;
        this.transforms = new TransformCheck(compiler);
    }

    @Override
    public void createEndDevice(
            CreateEndDeviceRequest request, StreamObserver<CreateEndDeviceResponse> response) {
        transforms.require(request.getPayloadConversion());
        Instant now = ProtoTimestamps.now();
        RegisteredDevice device =
                new RegisteredDevice(
                        new EndDeviceRow(
                                request.getDeviceId().isEmpty()
                                        ? identifiers.next()
                                        : request.getDeviceId(),
                                request.getOrganizationId(),
                                request.getName(),
                                request.getPayloadConversion(),
                                request.getDefinitionId(),
                                ExternalId.normal(request.getExternalId())),
                        "",
                        now,
                        now,
                        Optional.empty());
        devices.add(device);
        response.onNext(
                CreateEndDeviceResponse.newBuilder().setEndDevice(device.toMessage()).build());
        response.onCompleted();
    }

    @Override
    public void getEndDevice(
            GetEndDeviceRequest request, StreamObserver<GetEndDeviceResponse> response) {
        RegisteredDevice device =
                devices.find(request.getDeviceId(), Caller.current().organizationId())
                        .orElseThrow(EndDeviceGrpcService::notFound);
        response.onNext(GetEndDeviceResponse.newBuilder().setEndDevice(device.toMessage()).build());
        response.onCompleted();
    }

    @Override
    public void listEndDevices(
            ListEndDevicesRequest request, StreamObserver<ListEndDevicesResponse> response) {
        Paging paging = new Paging(request.getPageSize(), request.getPageToken());
        Paging.Page<EndDevice> page =
                paging.page(
                        devices.list(
                                request.getOrganizationId(),
                                ExternalId.normal(request.getExternalId()),
                                request.getOnlyEnrolled(),
                                paging),
                        device -> new PageToken(device.createdAt(), device.row().deviceId()),
                        RegisteredDevice::toMessage);
        response.onNext(
                ListEndDevicesResponse.newBuilder()
                        .addAllEndDevices(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
        response.onCompleted();
    }

    @Override
    public void updateEndDevice(
            UpdateEndDeviceRequest request, StreamObserver<UpdateEndDeviceResponse> response) {
        transforms.require(request.getPayloadConversion());
        Map<Column, Object> changes = new LinkedHashMap<>();
        if (request.hasName()) {
            changes.put(EndDeviceRow.NAME, request.getName());
        }
        if (request.hasPayloadConversion()) {
            changes.put(EndDeviceRow.PAYLOAD_CONVERSION, request.getPayloadConversion());
        }
        if (request.hasDefinitionId()) {
            changes.put(EndDeviceRow.DEFINITION_ID, request.getDefinitionId());
        }
        if (request.hasExternalId()) {
            changes.put(EndDeviceRow.EXTERNAL_ID, ExternalId.normal(request.getExternalId()));
        }
        RegisteredDevice device =
                devices.update(
                                request.getDeviceId(),
                                Caller.current().organizationId(),
                                changes,
                                ProtoTimestamps.now())
                        .orElseThrow(EndDeviceGrpcService::notFound);
        response.onNext(
                UpdateEndDeviceResponse.newBuilder().setEndDevice(device.toMessage()).build());
        response.onCompleted();
    }

    @Override
    public void deleteEndDevice(
            DeleteEndDeviceRequest request, StreamObserver<DeleteEndDeviceResponse> response) {
        if (!devices.delete(
                request.getDeviceId(), Caller.current().organizationId(), ProtoTimestamps.now())) {
            throw notFound();
        }
        response.onNext(DeleteEndDeviceResponse.getDefaultInstance());
        response.onCompleted();
    }

    @Override
    public void enrolEndDevice(
            EnrolEndDeviceRequest request, StreamObserver<EnrolEndDeviceResponse> response) {
        Enrolment.Enrolled enrolled =
                enrolment.enrol(
                        request.getGatewayId(),
                        Caller.current().organizationId(),
                        ExternalId.normal(request.getExternalId()),
                        identifiers.next(),
                        ProtoTimestamps.now());
        response.onNext(
                EnrolEndDeviceResponse.newBuilder()
                        .setEndDevice(enrolled.device().toMessage())
                        .setCreated(enrolled.created())
                        .build());
        response.onCompleted();
    }

    private static RequestException notFound() {
        return RequestException.notFound("Device not found");
    }
}
