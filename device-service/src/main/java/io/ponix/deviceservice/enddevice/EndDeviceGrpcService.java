package io.ponix.deviceservice.enddevice;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.gateway.ActiveGateway;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.DescriptionChange;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.request.UpdateMask;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesResponse;
import io.ponix.proto.end_device.v1.BatchDeleteEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchDeleteEndDevicesResponse;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesResponse;
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
import io.ponix.proto.end_device.v1.UndeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceResponse;
import io.ponix.proto.envelope.ExternalId;
import io.ponix.registry.Column;
import io.ponix.registry.Description;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.RegisteredDevice;
import io.ponix.transforms.TransformCompiler;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The methods of {@code ponix.end_device.v1.EndDeviceService}. Requests arrive validated. */
public final class EndDeviceGrpcService extends EndDeviceServiceGrpc.EndDeviceServiceImplBase {

    private static final String NAME = "name";
    private static final String PAYLOAD_CONVERSION = "payload_conversion";
    private static final String DEFINITION_ID = "definition_id";
    private static final String EXTERNAL_ID = "external_id";
    private static final String GATEWAY_ID = "gateway_id";

    private static final List<String> CHANGEABLE =
            List.of(
                    NAME,
                    PAYLOAD_CONVERSION,
                    DEFINITION_ID,
                    EXTERNAL_ID,
                    GATEWAY_ID,
                    DescriptionChange.DESCRIPTION,
                    DescriptionChange.LABELS);

    private final RegistryChanges changes;
    private final EndDeviceRepository devices;
    private final XidGenerator identifiers;
    private final TransformCheck transforms;

    /** Serves the devices of a database; the compiler is the pipeline's. */
    public EndDeviceGrpcService(
            Database database, XidGenerator identifiers, TransformCompiler compiler) {
        this.changes = new RegistryChanges(database);
        this.devices = new EndDeviceRepository(database);
        this.identifiers = identifiers;
        this.transforms = new TransformCheck(compiler);
    }

    @Override
    public void createEndDevice(
            CreateEndDeviceRequest request, StreamObserver<CreateEndDeviceResponse> response) {
        transforms.require(request.getPayloadConversion());
        response.onNext(
                changes.make(
                        request,
                        CreateEndDeviceResponse.getDefaultInstance(),
                        connection ->
                                CreateEndDeviceResponse.newBuilder()
                                        .setEndDevice(
                                                EndDeviceRepository.add(connection, device(request))
                                                        .toMessage())
                                        .build()));
        response.onCompleted();
    }

    private RegisteredDevice device(CreateEndDeviceRequest request) {
        Instant now = ProtoTimestamps.now();
        return new RegisteredDevice(
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
                request.getGatewayId(),
                Description.of(request.getDescription(), request.getLabelsMap()),
                now,
                now,
                Optional.empty(),
                0);
    }

    @Override
    public void getEndDevice(
            GetEndDeviceRequest request, StreamObserver<GetEndDeviceResponse> response) {
        RegisteredDevice device =
                devices.find(request.getDeviceId(), Caller.current().organizationId())
                        .orElseThrow(() -> EndDeviceRepository.notFound(request.getDeviceId()));
        response.onNext(GetEndDeviceResponse.newBuilder().setEndDevice(device.toMessage()).build());
        response.onCompleted();
    }

    @Override
    public void listEndDevices(
            ListEndDevicesRequest request, StreamObserver<ListEndDevicesResponse> response) {
        ListQuery.Result<EndDevice> page = devices.list(request);
        ListEndDevicesResponse.Builder list =
                ListEndDevicesResponse.newBuilder()
                        .addAllEndDevices(page.messages())
                        .setNextPageToken(page.nextPageToken());
        page.totalSize().ifPresent(list::setTotalSize);
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void updateEndDevice(
            UpdateEndDeviceRequest request, StreamObserver<UpdateEndDeviceResponse> response) {
        requireChange(request);
        response.onNext(
                changes.make(
                        request,
                        UpdateEndDeviceResponse.getDefaultInstance(),
                        connection ->
                                UpdateEndDeviceResponse.newBuilder()
                                        .setEndDevice(update(connection, request).toMessage())
                                        .build()));
        response.onCompleted();
    }

    /** Before a transaction has begun. */
    private void requireChange(UpdateEndDeviceRequest request) {
        UpdateMask mask = UpdateMask.of(request, CHANGEABLE);
        mask.requireNotCleared(NAME, request.getName().isEmpty(), "Device name cannot be empty");
        if (mask.changes(PAYLOAD_CONVERSION, request.hasPayloadConversion())) {
            transforms.require(request.getPayloadConversion());
        }
    }

    private static RegisteredDevice update(Connection connection, UpdateEndDeviceRequest request)
            throws SQLException {
        UpdateMask mask = UpdateMask.of(request, CHANGEABLE);
        Map<Column, Object> values = new LinkedHashMap<>();
        if (mask.changes(NAME, request.hasName())) {
            values.put(EndDeviceRow.NAME, request.getName());
        }
        if (mask.changes(PAYLOAD_CONVERSION, request.hasPayloadConversion())) {
            values.put(EndDeviceRow.PAYLOAD_CONVERSION, request.getPayloadConversion());
        }
        if (mask.changes(DEFINITION_ID, request.hasDefinitionId())) {
            values.put(EndDeviceRow.DEFINITION_ID, request.getDefinitionId());
        }
        if (mask.changes(EXTERNAL_ID, request.hasExternalId())) {
            values.put(EndDeviceRow.EXTERNAL_ID, ExternalId.normal(request.getExternalId()));
        }
        if (mask.changes(GATEWAY_ID, request.hasGatewayId())) {
            values.put(EndDeviceRow.GATEWAY_ID, request.getGatewayId());
        }
        DescriptionChange.ofText(mask, request.hasDescription(), request.getDescription(), values);
        DescriptionChange.ofLabels(mask, request.getLabelsMap(), values);
        RegisteredDevice updated =
                EndDeviceRepository.update(
                                connection,
                                request.getDeviceId(),
                                Caller.current().organizationId(),
                                Etag.of(request.hasEtag(), request.getEtag()),
                                values,
                                ProtoTimestamps.now())
                        .orElseThrow(() -> EndDeviceRepository.notFound(request.getDeviceId()));
        LabelRules.require(updated.description().labels());
        return updated;
    }

    @Override
    public void deleteEndDevice(
            DeleteEndDeviceRequest request, StreamObserver<DeleteEndDeviceResponse> response) {
        response.onNext(
                changes.make(
                        request,
                        DeleteEndDeviceResponse.getDefaultInstance(),
                        connection -> {
                            delete(connection, request);
                            return DeleteEndDeviceResponse.getDefaultInstance();
                        }));
        response.onCompleted();
    }

    private static void delete(Connection connection, DeleteEndDeviceRequest request)
            throws SQLException {
        if (!EndDeviceRepository.delete(
                connection,
                request.getDeviceId(),
                Caller.current().organizationId(),
                Etag.of(request.hasEtag(), request.getEtag()),
                ProtoTimestamps.now())) {
            throw EndDeviceRepository.notFound(request.getDeviceId());
        }
    }

    @Override
    public void undeleteEndDevice(
            UndeleteEndDeviceRequest request, StreamObserver<UndeleteEndDeviceResponse> response) {
        Database.Work<UndeleteEndDeviceResponse> undeletion =
                connection ->
                        UndeleteEndDeviceResponse.newBuilder()
                                .setEndDevice(
                                        EndDeviceRepository.undelete(
                                                        connection,
                                                        request.getDeviceId(),
                                                        Caller.current().organizationId(),
                                                        Etag.of(
                                                                request.hasEtag(),
                                                                request.getEtag()),
                                                        EndDeviceRepository.notFound(
                                                                request.getDeviceId()))
                                                .toMessage())
                                .build();
        response.onNext(
                changes.make(request, UndeleteEndDeviceResponse.getDefaultInstance(), undeletion));
        response.onCompleted();
    }

    @Override
    public void batchCreateEndDevices(
            BatchCreateEndDevicesRequest request,
            StreamObserver<BatchCreateEndDevicesResponse> response) {
        Batch.each(
                request.getRequestsList(),
                each -> {
                    Batch.requireAlone(
                            each.getRequestId(), each.getReason(), RegistryChanges.isTry(each));
                    if (!each.getOrganizationId().equals(request.getOrganizationId())) {
                        throw RequestException.invalidArgument(
                                "organization_id",
                                "Organization ID is "
                                        + each.getOrganizationId()
                                        + ", not that of the batch, "
                                        + request.getOrganizationId());
                    }
                    transforms.require(each.getPayloadConversion());
                    return each;
                });
        response.onNext(
                changes.make(
                        request,
                        BatchCreateEndDevicesResponse.getDefaultInstance(),
                        connection -> {
                            ActiveGateway.hold(
                                    connection,
                                    request.getRequestsList().stream()
                                            .map(CreateEndDeviceRequest::getGatewayId));
                            return Batch.requireReadable(
                                    BatchCreateEndDevicesResponse.newBuilder()
                                            .addAllEndDevices(
                                                    Batch.each(
                                                            request.getRequestsList(),
                                                            each ->
                                                                    EndDeviceRepository.add(
                                                                                    connection,
                                                                                    device(each))
                                                                            .toMessage()))
                                            .build());
                        }));
        response.onCompleted();
    }

    @Override
    public void batchUpdateEndDevices(
            BatchUpdateEndDevicesRequest request,
            StreamObserver<BatchUpdateEndDevicesResponse> response) {
        Batch.each(
                request.getRequestsList(),
                each -> {
                    Batch.requireAlone(
                            each.getRequestId(), each.getReason(), RegistryChanges.isTry(each));
                    requireChange(each);
                    return each;
                });
        response.onNext(
                changes.make(
                        request,
                        BatchUpdateEndDevicesResponse.getDefaultInstance(),
                        connection -> {
                            ActiveGateway.hold(
                                    connection,
                                    request.getRequestsList().stream()
                                            .map(UpdateEndDeviceRequest::getGatewayId));
                            return Batch.requireReadable(
                                    BatchUpdateEndDevicesResponse.newBuilder()
                                            .addAllEndDevices(
                                                    Batch.each(
                                                            request.getRequestsList(),
                                                            each ->
                                                                    update(connection, each)
                                                                            .toMessage()))
                                            .build());
                        }));
        response.onCompleted();
    }

    @Override
    public void batchDeleteEndDevices(
            BatchDeleteEndDevicesRequest request,
            StreamObserver<BatchDeleteEndDevicesResponse> response) {
        Batch.each(
                request.getRequestsList(),
                each -> {
                    Batch.requireAlone(
                            each.getRequestId(), each.getReason(), RegistryChanges.isTry(each));
                    return each;
                });
        response.onNext(
                changes.make(
                        request,
                        BatchDeleteEndDevicesResponse.getDefaultInstance(),
                        connection -> {
                            Batch.each(
                                    request.getRequestsList(),
                                    each -> {
                                        delete(connection, each);
                                        return each;
                                    });
                            return BatchDeleteEndDevicesResponse.getDefaultInstance();
                        }));
        response.onCompleted();
    }

    @Override
    public void enrolEndDevice(
            EnrolEndDeviceRequest request, StreamObserver<EnrolEndDeviceResponse> response) {
        response.onNext(
                changes.make(
                        request,
                        EnrolEndDeviceResponse.getDefaultInstance(),
                        connection -> {
                            Enrolment.Enrolled enrolled =
                                    Enrolment.enrol(
                                            connection,
                                            request.getGatewayId(),
                                            Caller.current().organizationId(),
                                            ExternalId.normal(request.getExternalId()),
                                            identifiers.next(),
                                            ProtoTimestamps.now());
                            return EnrolEndDeviceResponse.newBuilder()
                                    .setEndDevice(enrolled.device().toMessage())
                                    .setCreated(enrolled.created())
                                    .build();
                        }));
        response.onCompleted();
    }
}
