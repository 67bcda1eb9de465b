package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.UndeleteGatewayRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.UndeleteOrganizationRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was deleted is what it was before that again. */
@ExtendWith(ServiceUnderTest.Shared.class)
class UndeleteITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static ServiceUnderTest service;

    private String organization;
    private EndDeviceDefinition definition;
    private EndDevice device;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @BeforeEach
    void register() {
        organization = service.organization("Acme");
        definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Kind")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setTransformExpression("{'a': 1}"))
                                        .build())
                        .getEndDeviceDefinition();
        device = create("eui-1");
    }

    @Test
    void aDeviceIsThereAgainWithItsDefinitionAndItsExternalId() throws SQLException {
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName("Renamed")
                                .build());
        delete();

        EndDevice undeleted =
                service.devices()
                        .undeleteEndDevice(of(device).setReason("a mistake").setEtag("3").build())
                        .getEndDevice();

        assertThat(undeleted)
                .isEqualTo(
                        device.toBuilder()
                                .setName("Renamed")
                                .setEtag("4")
                                .setUpdatedAt(undeleted.getUpdatedAt())
                                .build());
        assertThat(get()).isEqualTo(undeleted);
        assertThat(
                        service.query(
                                "SELECT concat_ws(' ', event_type, reason) FROM registry_steps"
                                        + " WHERE resource_version = 4 AND resource_id = '"
                                        + device.getDeviceId()
                                        + "'"))
                .isEqualTo("restored a mistake");
    }

    @Test
    void theSameRequestUndeletesOnce() {
        delete();
        UndeleteEndDeviceRequest request = of(device).setRequestId("once").build();

        EndDevice first = service.devices().undeleteEndDevice(request).getEndDevice();
        delete();

        assertThat(service.devices().undeleteEndDevice(request).getEndDevice()).isEqualTo(first);
        assertThatCall(this::get).hasStatus(Code.NOT_FOUND);
    }

    @Test
    void whatOnlyIsValidatedStaysDeleted() {
        delete();

        assertThat(
                        service.devices()
                                .undeleteEndDevice(of(device).setValidateOnly(true).build())
                                .getEndDevice()
                                .getDefinitionId())
                .isEqualTo(definition.getId());
        assertThatCall(this::get).hasStatus(Code.NOT_FOUND);
    }

    @Test
    void whatIsNotDeletedOrNeverWasIsRefused() {
        assertThatCall(() -> service.devices().undeleteEndDevice(of(device).build()))
                .hasStatus(Code.ALREADY_EXISTS, "Device is not deleted: " + device.getDeviceId())
                .hasReason("NOT_DELETED", Map.of("id", device.getDeviceId()));
        assertThatCall(
                        () ->
                                service.devices()
                                        .undeleteEndDevice(
                                                UndeleteEndDeviceRequest.newBuilder()
                                                        .setDeviceId("nothing")
                                                        .build()))
                .hasStatus(Code.NOT_FOUND, "Device not found: nothing")
                .hasReason("DEVICE_NOT_FOUND", Map.of("device_id", "nothing"));
        assertThatCall(() -> undelete(definition.getId()))
                .hasStatus(
                        Code.ALREADY_EXISTS,
                        "End device definition is not deleted: " + definition.getId());
        assertThatCall(() -> undelete("nothing"))
                .hasStatus(Code.NOT_FOUND, "End device definition not found: nothing");
    }

    @Test
    void anotherStateThanTheCallerHasSeenIsLeftAsItIs() {
        delete();

        assertThatCall(() -> service.devices().undeleteEndDevice(of(device).setEtag("1").build()))
                .hasStatus(Code.ABORTED, device.getDeviceId())
                .hasReason(
                        "ETAG_MISMATCH",
                        Map.of("id", device.getDeviceId(), "expected", "1", "actual", "2"));
    }

    @Test
    void anExternalIdThatAnotherDeviceHasByNowIsRefused() {
        delete();
        EndDevice other = create("eui-1");

        assertThatCall(() -> service.devices().undeleteEndDevice(of(device).build()))
                .hasStatus(
                        Code.ALREADY_EXISTS,
                        "External ID 'eui-1' is already that of the device " + other.getDeviceId())
                .hasReason(
                        "EXTERNAL_ID_TAKEN",
                        Map.of("external_id", "eui-1", "device_id", other.getDeviceId()));
    }

    @Test
    void whoTakesItAtTheSameTimeIsNamed() throws Exception {
        delete();
        assertThat(
                        refusedAfter(
                                "INSERT INTO end_devices (device_id, organization_id, name, external_id)"
                                        + " VALUES ('faster', '%s', 'Faster', 'eui-1')"
                                                .formatted(organization),
                                () -> service.devices().undeleteEndDevice(of(device).build())))
                .startsWith(
                        "ALREADY_EXISTS: External ID 'eui-1' is already that of the device faster");

        deleteDefinition();
        assertThat(
                        refusedAfter(
                                "INSERT INTO end_device_definitions (id, organization_id, name, contracts)"
                                        + " VALUES ('%s', '%s', 'Faster', '[{}]')"
                                                .formatted(definition.getId(), organization),
                                () -> undelete(definition.getId())))
                .isEqualTo(
                        "ALREADY_EXISTS: End device definition is not deleted: "
                                + definition.getId());
    }

    /** What a call is told that waits for a transaction, which commits then. */
    private static String refusedAfter(String change, Runnable call) throws Exception {
        CompletableFuture<Throwable> refused;
        try (Connection faster = service.connect()) {
            faster.setAutoCommit(false);
            faster.createStatement().executeUpdate(change);
            refused = CompletableFuture.supplyAsync(() -> catchThrowable(call::run));
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    service.query(
                                                    "SELECT count(*) FROM pg_stat_activity WHERE"
                                                            + " wait_event_type = 'Lock'")
                                            .equals("1"));
            faster.commit();
        }
        return refused.get().getMessage();
    }

    @Test
    void whatItRefersToComesBackFirst() {
        delete();
        deleteDefinition();
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        assertThatCall(() -> service.devices().undeleteEndDevice(of(device).build()))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Device "
                                + device.getDeviceId()
                                + " refers to the end device definition "
                                + definition.getId()
                                + ", which is deleted: undelete that first");
        assertThatCall(() -> undelete(definition.getId()))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "The organization " + organization + " is not there, or deleted")
                .hasReason(
                        "RESTORE_CONFLICT",
                        Map.of("id", definition.getId(), "organization_id", organization));

        Organization back =
                service.organizations()
                        .undeleteOrganization(
                                UndeleteOrganizationRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build())
                        .getOrganization();
        assertThat(back)
                .isEqualTo(
                        service.organizations()
                                .getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getOrganization());
        assertThat(back.getEtag()).isEqualTo("3");
        EndDeviceDefinition restored = undelete(definition.getId());
        assertThat(restored)
                .isEqualTo(
                        definition.toBuilder()
                                .setEtag("3")
                                .setUpdatedAt(restored.getUpdatedAt())
                                .build());
        assertThat(
                        service.definitions()
                                .getEndDeviceDefinition(
                                        GetEndDeviceDefinitionRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setId(definition.getId())
                                                .build())
                                .getEndDeviceDefinition())
                .isEqualTo(restored);
        service.devices().undeleteEndDevice(of(device).build());
        assertThat(get().getDefinitionId()).isEqualTo(definition.getId());
    }

    @Test
    void aGatewayIsThereAgainWithItsEnrolment() {
        Gateway gateway =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("North")
                                        .setEnrolment(
                                                Enrolment.newBuilder()
                                                        .setDefinitionId(definition.getId()))
                                        .build())
                        .getGateway();
        service.gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .build());
        String other = service.organization("Other");

        assertThatCall(
                        () ->
                                service.gateways()
                                        .undeleteGateway(
                                                UndeleteGatewayRequest.newBuilder()
                                                        .setGatewayId(gateway.getGatewayId())
                                                        .setOrganizationId(other)
                                                        .build()))
                .hasStatus(Code.NOT_FOUND, gateway.getGatewayId());
        Gateway undeleted =
                service.gateways()
                        .undeleteGateway(
                                UndeleteGatewayRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .build())
                        .getGateway();
        assertThat(undeleted)
                .isEqualTo(
                        gateway.toBuilder()
                                .setEtag("3")
                                .setUpdatedAt(undeleted.getUpdatedAt())
                                .build());
    }

    @Test
    void whatItWasIsNotKeptForEver() throws SQLException {
        delete();
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            // As the compaction of what is older than is kept does it.
            statement.execute(
                    "BEGIN; SET LOCAL ponix.compacting = 'on';"
                            + " DELETE FROM registry_events WHERE resource_version < 2"
                            + " AND resource_id = '"
                            + device.getDeviceId()
                            + "'; COMMIT");
        }

        assertThatCall(() -> service.devices().undeleteEndDevice(of(device).build()))
                .hasStatus(
                        Code.OUT_OF_RANGE,
                        "Device "
                                + device.getDeviceId()
                                + " was deleted before the history that is kept begins")
                .hasReason("HISTORY_NOT_KEPT", Map.of("id", device.getDeviceId()));
    }

    private EndDevice create(String externalId) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .setDefinitionId(definition.getId())
                                .setExternalId(externalId)
                                .build())
                .getEndDevice();
    }

    private EndDevice get() {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    private void delete() {
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
    }

    private void deleteDefinition() {
        service.definitions()
                .deleteEndDeviceDefinition(
                        DeleteEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setId(definition.getId())
                                .build());
    }

    private EndDeviceDefinition undelete(String id) {
        return service.definitions()
                .undeleteEndDeviceDefinition(
                        UndeleteEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setId(id)
                                .build())
                .getEndDeviceDefinition();
    }

    private static UndeleteEndDeviceRequest.Builder of(EndDevice device) {
        return UndeleteEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId());
    }
}
