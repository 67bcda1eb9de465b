package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.FieldMask;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.UndeleteGatewayRequest;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway by which a device is heard. */
@ExtendWith(ServiceUnderTest.Shared.class)
class DeviceGatewayITCase {

    private static ServiceUnderTest service;

    private String organization;
    private String roof;
    private String cellar;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @BeforeEach
    void register() {
        organization = service.organization("Gateways of devices");
        roof = gateway("Roof");
        cellar = gateway("Cellar");
    }

    private String gateway(String name) {
        return service.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .build())
                .getGateway()
                .getGatewayId();
    }

    private static void deleteGateway(String id) {
        service.gateways()
                .deleteGateway(DeleteGatewayRequest.newBuilder().setGatewayId(id).build());
    }

    private static void undeleteGateway(String id) {
        service.gateways()
                .undeleteGateway(UndeleteGatewayRequest.newBuilder().setGatewayId(id).build());
    }

    private EndDevice device(String gateway) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .setGatewayId(gateway)
                                .build())
                .getEndDevice();
    }

    private static UpdateEndDeviceRequest.Builder of(EndDevice device) {
        return UpdateEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId());
    }

    private static EndDevice update(UpdateEndDeviceRequest.Builder request) {
        return service.devices().updateEndDevice(request.build()).getEndDevice();
    }

    private static EndDevice get(EndDevice device) {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    private List<EndDevice> list(String filter) {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setFilter(filter)
                                .build())
                .getEndDevicesList();
    }

    private static void restore(EndDevice device, long version) {
        service.history()
                .restore(
                        RestoreRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                .setResourceId(device.getDeviceId())
                                .setVersion(version)
                                .build());
    }

    private static void undelete(EndDevice device) {
        service.devices()
                .undeleteEndDevice(
                        UndeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
    }

    @Test
    void aDeviceIsMovedFromGatewayToGateway() {
        EndDevice device = device(roof);
        assertThat(device.getGatewayId()).isEqualTo(roof);
        assertThat(update(of(device).setName("Sensor")).getGatewayId()).isEqualTo(roof);

        EndDevice moved = update(of(device).setGatewayId(cellar));
        assertThat(moved.getGatewayId()).isEqualTo(cellar);
        assertThat(update(of(device).setGatewayId(cellar))).isEqualTo(moved);
        EndDevice bare = device("");
        assertThat(list("gateway_id == '" + cellar + "'")).containsExactly(moved);
        assertThat(list("gateway_id == ''")).containsExactly(bare);
        assertThat(
                        update(
                                        of(device)
                                                .setUpdateMask(
                                                        FieldMask.newBuilder()
                                                                .addPaths("gateway_id")))
                                .getGatewayId())
                .isEmpty();
        assertThat(
                        service.history()
                                .listChanges(
                                        ListChangesRequest.newBuilder()
                                                .setResourceType(
                                                        ResourceType.RESOURCE_TYPE_END_DEVICE)
                                                .setResourceId(device.getDeviceId())
                                                .build())
                                .getChangesList())
                .extracting(
                        Change::getField,
                        change -> change.getOldValue().getStringValue(),
                        change -> change.getNewValue().getStringValue())
                .contains(tuple("gateway_id", roof, cellar), tuple("gateway_id", cellar, ""));
    }

    @Test
    void whatIsNoGatewayOfTheOrganizationIsNotFound() throws SQLException {
        EndDevice device = device(roof);
        deleteGateway(cellar);
        String home = organization;
        organization = service.organization("Other");
        String other = gateway("Other");
        organization = home;

        for (String none : List.of("nothing", cellar, other)) {
            assertThatCall(() -> device(none))
                    .hasStatus(Code.NOT_FOUND, "Gateway not found: " + none)
                    .hasReason("GATEWAY_NOT_FOUND", Map.of("gateway_id", none));
            assertThatCall(() -> update(of(device).setGatewayId(none)))
                    .hasStatus(Code.NOT_FOUND, "Gateway not found: " + none);
        }
        assertThat(get(device)).isEqualTo(device);
        assertThatThrownBy(
                        () -> {
                            try (Connection connection = service.connect()) {
                                connection
                                        .createStatement()
                                        .execute(
                                                "UPDATE end_devices SET gateway_id = '"
                                                        + other
                                                        + "' WHERE device_id = '"
                                                        + device.getDeviceId()
                                                        + "'");
                            }
                        })
                .hasMessageContaining("end_devices_gateway");
    }

    @Test
    void itStaysWhereTheGatewayIsDeleted() {
        EndDevice device = device(roof);
        deleteGateway(roof);

        EndDevice renamed = update(of(device).setName("Renamed").setGatewayId(roof));
        assertThat(renamed.getName()).isEqualTo("Renamed");
        assertThat(renamed.getGatewayId()).isEqualTo(roof);
        restore(device, 1);
        assertThat(get(device).getName()).as("it has it still").isEqualTo("Sensor");
        update(of(device).setGatewayId(""));
        assertThatCall(() -> update(of(device).setGatewayId(roof))).hasStatus(Code.NOT_FOUND, roof);
    }

    @Test
    void whatIsRestoredIsOfAGatewayThatIsThere() {
        EndDevice device = device(roof);
        update(of(device).setGatewayId(cellar));
        deleteGateway(roof);
        String message =
                "Device "
                        + device.getDeviceId()
                        + " refers to the gateway "
                        + roof
                        + ", which is deleted: undelete that first";
        assertThatCall(() -> restore(device, 1))
                .hasStatus(Code.FAILED_PRECONDITION, message)
                .hasReason(
                        "RESTORE_CONFLICT", Map.of("id", device.getDeviceId(), "gateway_id", roof));
        undeleteGateway(roof);
        restore(device, 1);
        assertThat(get(device).getGatewayId()).isEqualTo(roof);

        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
        deleteGateway(roof);
        assertThatCall(() -> undelete(device)).hasStatus(Code.FAILED_PRECONDITION, message);
        undeleteGateway(roof);
        undelete(device);
        assertThat(get(device).getGatewayId()).isEqualTo(roof);
    }

    @Test
    void aSnapshotGivesADeviceTheGatewayThatItHadAlsoADeletedOne() {
        EndDevice ofRoof = device(roof);
        EndDevice ofCellar = device(cellar);
        deleteGateway(cellar);
        SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots =
                SnapshotServiceGrpc.newBlockingStub(service.channel());
        String snapshot =
                snapshots
                        .createSnapshot(
                                CreateSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build())
                        .getSnapshot()
                        .getSnapshotId();
        update(of(ofRoof).setGatewayId(""));
        update(of(ofCellar).setGatewayId(""));
        deleteGateway(roof);

        snapshots.restoreSnapshot(
                RestoreSnapshotRequest.newBuilder().setSnapshotId(snapshot).build());

        assertThat(get(ofRoof).getGatewayId()).isEqualTo(roof);
        assertThat(get(ofCellar).getGatewayId()).isEqualTo(cellar);
        assertThat(update(of(ofRoof).setGatewayId(roof)).getGatewayId()).isEqualTo(roof);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoMovesADeviceToAGatewayThatIsBeingDeletedWaits(boolean isDeleted) throws Exception {
        EndDevice device = device(roof);
        CompletableFuture<Code> moved;
        try (Connection deletion = service.connect()) {
            deletion.setAutoCommit(false);
            deletion.createStatement()
                    .executeUpdate(
                            "UPDATE gateways SET deleted_at = now() WHERE gateway_id = '"
                                    + cellar
                                    + "'");
            moved = CompletableFuture.supplyAsync(() -> move(device, cellar));
            service.awaitWhoWaitsForALock();
            if (isDeleted) {
                deletion.commit();
            } else {
                deletion.rollback();
            }
        }

        assertThat(moved.get()).isEqualTo(isDeleted ? Code.NOT_FOUND : Code.OK);
        assertThat(get(device).getGatewayId()).isEqualTo(isDeleted ? roof : cellar);
    }

    @Test
    void whoDeletesAGatewayToWhichADeviceIsBeingMovedWaits() throws Exception {
        EndDevice device = device(roof);
        CompletableFuture<Void> deleted;
        try (Connection move = service.connect()) {
            move.setAutoCommit(false);
            // As the service does.
            move.createStatement()
                    .execute("SELECT FROM gateways WHERE gateway_id = '" + cellar + "' FOR SHARE");
            move.createStatement()
                    .executeUpdate(
                            "UPDATE end_devices SET gateway_id = '"
                                    + cellar
                                    + "' WHERE device_id = '"
                                    + device.getDeviceId()
                                    + "'");
            deleted = CompletableFuture.runAsync(() -> deleteGateway(cellar));
            service.awaitWhoWaitsForALock();
            move.commit();
        }
        deleted.get();

        assertThat(get(device).getGatewayId()).isEqualTo(cellar);
        assertThatCall(() -> device(cellar)).hasStatus(Code.NOT_FOUND, cellar);
    }

    private static Code move(EndDevice device, String gateway) {
        try {
            update(of(device).setGatewayId(gateway));
            return Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }
}
