package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceBlockingStub;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.HistoryServiceGrpc.HistoryServiceBlockingStub;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One resource is what it was at a version again. */
@ExtendWith(ServiceUnderTest.Shared.class)
class RestoreITCase {

    private static ServiceUnderTest service;
    private static HistoryServiceBlockingStub history;
    private static EndDeviceDefinitionServiceBlockingStub definitions;

    private String organization;
    private EndDevice device;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        history = HistoryServiceGrpc.newBlockingStub(service.channel());
        definitions = EndDeviceDefinitionServiceGrpc.newBlockingStub(service.channel());
    }

    @BeforeEach
    void register() {
        organization = service.organization("Acme");
        device = create("Sensor", "eui-1");
    }

    @Test
    void aChangedDeviceIsWhatItWasByOneEvent() throws SQLException {
        update(device, "Other", "{'b': 2}", "eui-2");
        update(device, "Third", "{'c': 3}", "eui-3");

        Resource restored =
                history.restore(of(device, 1).setReason("a mistake").setEtag("7").build())
                        .getResource();

        assertThat(restored.getVersion()).isEqualTo(8);
        assertThat(restored.getEndDevice()).isEqualTo(get(device));
        assertThat(get(device))
                .isEqualTo(
                        device.toBuilder()
                                .setEtag("8")
                                .setUpdatedAt(get(device).getUpdatedAt())
                                .build());
        assertThat(
                        service.query(
                                "SELECT concat_ws(' ', event_type, reason) FROM registry_steps WHERE resource_version = 8 AND resource_id = '"
                                        + device.getDeviceId()
                                        + "'"))
                .isEqualTo("restored a mistake");
        assertThat(history.restore(of(device, 1).build()).getResource().getVersion())
                .as("it is so already")
                .isEqualTo(8);
    }

    @Test
    void aDeletedDeviceIsThereAgain() {
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());

        assertThatCall(() -> history.restore(of(device, 2).build()))
                .hasStatus(Code.NOT_FOUND, device.getDeviceId(), "was deleted then");
        history.restore(of(device, 1).build());

        assertThat(get(device).getName()).isEqualTo("Sensor");
        assertThat(get(device).getEtag()).isEqualTo("3");
    }

    @Test
    void aDeletedDefinitionIsThereAgainUnderItsId() {
        EndDeviceDefinition definition = define();
        delete(definition);
        RestoreRequest request =
                RestoreRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE_DEFINITION)
                        .setResourceId(definition.getId())
                        .setVersion(1)
                        .build();

        Resource restored = history.restore(request).getResource();

        assertThat(restored.getEndDeviceDefinition().getContractsList())
                .isEqualTo(definition.getContractsList());
        assertThat(
                        definitions
                                .getEndDeviceDefinition(
                                        GetEndDeviceDefinitionRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setId(definition.getId())
                                                .build())
                                .getEndDeviceDefinition())
                .isEqualTo(restored.getEndDeviceDefinition());
    }

    @Test
    void whatIsInTheWayIsSaid() {
        EndDeviceDefinition definition = define();
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setDefinitionId(definition.getId())
                                .build());
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setDefinitionId("")
                                .setExternalId("eui-2")
                                .build());
        delete(definition);
        assertThatCall(() -> history.restore(of(device, 2).build()))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Device "
                                + device.getDeviceId()
                                + " refers to the end device definition "
                                + definition.getId())
                .hasReason(
                        "RESTORE_CONFLICT",
                        Map.of(
                                "constraint",
                                "end_devices_definition",
                                "id",
                                device.getDeviceId(),
                                "definition_id",
                                definition.getId()));
        EndDevice other = create("Other", "eui-1");
        assertThatCall(() -> history.restore(of(device, 1).build()))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Device "
                                + device.getDeviceId()
                                + " would have the external id of the device "
                                + other.getDeviceId()
                                + ", 'eui-1'")
                .hasReason(
                        "RESTORE_CONFLICT",
                        Map.of(
                                "constraint",
                                "end_devices_by_external_id",
                                "id",
                                device.getDeviceId(),
                                "device_id",
                                other.getDeviceId(),
                                "external_id",
                                "eui-1"));
        assertThatCall(() -> history.restore(of(device, 1).setEtag("1").build()))
                .hasStatus(Code.ABORTED, device.getDeviceId(), "not 1");
        assertThatCall(() -> history.restore(of(device, 99).build()))
                .hasStatus(Code.NOT_FOUND, device.getDeviceId());
        assertThatCall(() -> history.restore(of(device, 0).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "A version is 1 or more");
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(other.getDeviceId())
                                .build());
        history.restore(of(device, 1).build());
        assertThat(get(device).getExternalId()).isEqualTo("eui-1");
    }

    @Test
    void aDeletedOrganizationIsThereAgainAndWhatItHasOnlyThen() {
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        assertThatCall(() -> history.restore(of(device, 1).build()))
                .hasStatus(Code.FAILED_PRECONDITION, organization, "restore that first");
        history.restore(
                RestoreRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_ORGANIZATION)
                        .setResourceId(organization)
                        .setVersion(1)
                        .build());
        history.restore(of(device, 1).build());
        assertThat(get(device).getName()).isEqualTo("Sensor");
    }

    @Test
    void nothingIsPutBackIntoAnOrganizationThatIsBeingDeleted() throws Exception {
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
        try (Connection other = service.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(
                    "UPDATE organizations SET deleted_at = now() WHERE id = '"
                            + organization
                            + "'");
            CompletableFuture<StatusAssert> restored =
                    CompletableFuture.supplyAsync(
                            () -> assertThatCall(() -> history.restore(of(device, 1).build())));
            service.awaitWhoWaitsForALock();
            other.commit();

            restored.get(30, TimeUnit.SECONDS)
                    .hasStatus(Code.FAILED_PRECONDITION, organization, "restore that first");
        }
    }

    @Test
    void validateOnlyChangesNothing() {
        EndDevice changed = update(device, "Other", "", "eui-1");

        Resource tried = history.restore(of(device, 1).setValidateOnly(true).build()).getResource();

        assertThat(tried.getEndDevice().getName()).isEqualTo("Sensor");
        assertThat(tried.getVersion()).isEqualTo(3);
        assertThat(get(device)).isEqualTo(changed);
    }

    @Test
    void theSameRequestAgainRestoresOnce() {
        update(device, "Other", "", "eui-1");
        RestoreRequest request =
                of(device, 1).setRequestId("restore-" + device.getDeviceId()).build();
        Resource restored = history.restore(request).getResource();
        update(device, "Third", "", "eui-1");

        assertThat(history.restore(request).getResource()).isEqualTo(restored);
        assertThat(get(device).getName()).isEqualTo("Third");
    }

    private static RestoreRequest.Builder of(EndDevice device, long version) {
        return RestoreRequest.newBuilder()
                .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                .setResourceId(device.getDeviceId())
                .setVersion(version);
    }

    private EndDevice create(String name, String externalId) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .setExternalId(externalId)
                                .build())
                .getEndDevice();
    }

    private static EndDevice update(
            EndDevice device, String name, String transform, String externalId) {
        return service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName(name)
                                .setPayloadConversion(transform)
                                .setExternalId(externalId)
                                .build())
                .getEndDevice();
    }

    private static EndDevice get(EndDevice device) {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    private EndDeviceDefinition define() {
        return definitions
                .createEndDeviceDefinition(
                        CreateEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Meter")
                                .addContracts(
                                        PayloadContract.newBuilder()
                                                .setTransformExpression("{'a': 1}"))
                                .build())
                .getEndDeviceDefinition();
    }

    private void delete(EndDeviceDefinition definition) {
        definitions.deleteEndDeviceDefinition(
                DeleteEndDeviceDefinitionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setId(definition.getId())
                        .build());
    }
}
