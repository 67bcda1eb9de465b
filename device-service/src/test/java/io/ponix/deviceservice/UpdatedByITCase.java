package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.ponix.proto.access.v1.CreateKeyResponse;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EnrolEndDeviceRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every row of the registry says who changed it last, on a service that some call without a key.
 */
class UpdatedByITCase {

    private static final String OPERATOR = "op1";
    private static final String INTAKE = "in1";

    private static ServiceUnderTest service;
    private static Channel operator;
    private static Channel intake;
    private static Channel editor;
    private static String editorId;
    private static String organization;

    @BeforeAll
    static void start(@TempDir Path home) throws Exception {
        Map<String, String> settings = new HashMap<>(AccessUnderTest.required(home));
        settings.put("PONIX_AUTH", "optional");
        service = ServiceUnderTest.start(home, settings);
        operator = withKey(service.channel(), AccessUnderTest.OPERATOR);
        intake = withKey(service.channel(), AccessUnderTest.INTAKE);
        organization = organization(operator);
        CreateKeyResponse key = AccessUnderTest.key(operator, organization, Role.ROLE_EDITOR);
        editor = withKey(service.channel(), key.getSecret());
        editorId = key.getKey().getKeyId();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static String organization(Channel caller) {
        return OrganizationServiceGrpc.newBlockingStub(caller)
                .createOrganization(CreateOrganizationRequest.newBuilder().setName("Acme").build())
                .getOrganizationId();
    }

    private static String updatedBy(String table, String column, String id) throws SQLException {
        return service.query(
                "SELECT updated_by FROM " + table + " WHERE " + column + " = '" + id + "'");
    }

    @Test
    void anOrganization() throws Exception {
        String id = organization(service.channel());
        assertThat(updatedBy("organizations", "id", id)).isNull();
        OrganizationServiceGrpc.newBlockingStub(operator)
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder().setOrganizationId(id).build());
        assertThat(updatedBy("organizations", "id", id)).isEqualTo(OPERATOR);
        assertThat(updatedBy("organizations", "id", organization)).isEqualTo(OPERATOR);
    }

    @Test
    void aDevice() throws Exception {
        String id =
                EndDeviceServiceGrpc.newBlockingStub(operator)
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Hall")
                                        .build())
                        .getEndDevice()
                        .getDeviceId();
        assertThat(updatedBy("end_devices", "device_id", id)).isEqualTo(OPERATOR);
        UpdateEndDeviceRequest update =
                UpdateEndDeviceRequest.newBuilder().setDeviceId(id).setName("Roof").build();
        EndDeviceServiceGrpc.newBlockingStub(editor).updateEndDevice(update);
        assertThat(updatedBy("end_devices", "device_id", id)).isEqualTo(editorId);
        service.devices().updateEndDevice(update);
        assertThat(updatedBy("end_devices", "device_id", id))
                .as("of what changes nothing")
                .isEqualTo(editorId);
        service.devices().updateEndDevice(update.toBuilder().setName("Cellar").build());
        assertThat(updatedBy("end_devices", "device_id", id)).isNull();
        EndDeviceServiceGrpc.newBlockingStub(editor)
                .deleteEndDevice(DeleteEndDeviceRequest.newBuilder().setDeviceId(id).build());
        assertThat(updatedBy("end_devices", "device_id", id)).isEqualTo(editorId);
    }

    @Test
    void aGatewayAndWhatItEnrols() throws Exception {
        GatewayServiceGrpc.GatewayServiceBlockingStub gateways =
                GatewayServiceGrpc.newBlockingStub(operator);
        String id =
                GatewayServiceGrpc.newBlockingStub(editor)
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Roof")
                                        .setEnrolment(
                                                Enrolment.newBuilder()
                                                        .setDefinitionId(definition())
                                                        .setDevicesPerHour(10))
                                        .build())
                        .getGateway()
                        .getGatewayId();
        assertThat(updatedBy("gateways", "gateway_id", id)).isEqualTo(editorId);
        GatewayServiceGrpc.newBlockingStub(intake)
                .updateGateway(
                        UpdateGatewayRequest.newBuilder()
                                .setGatewayId(id)
                                .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                .build());
        assertThat(updatedBy("gateways", "gateway_id", id)).isEqualTo(INTAKE);
        String key =
                gateways.createGatewayKey(
                                CreateGatewayKeyRequest.newBuilder()
                                        .setGatewayId(id)
                                        .setName("a sender")
                                        .build())
                        .getKey()
                        .getKeyId();
        assertThat(updatedBy("gateways", "gateway_id", id)).isEqualTo(OPERATOR);
        service.gateways()
                .deleteGatewayKey(
                        DeleteGatewayKeyRequest.newBuilder()
                                .setGatewayId(id)
                                .setKeyId(key)
                                .build());
        assertThat(updatedBy("gateways", "gateway_id", id)).isNull();
        String device =
                EndDeviceServiceGrpc.newBlockingStub(intake)
                        .enrolEndDevice(
                                EnrolEndDeviceRequest.newBuilder()
                                        .setGatewayId(id)
                                        .setExternalId("0011223344556677")
                                        .build())
                        .getEndDevice()
                        .getDeviceId();
        assertThat(updatedBy("end_devices", "device_id", device)).isEqualTo(INTAKE);
        gateways.deleteGateway(DeleteGatewayRequest.newBuilder().setGatewayId(id).build());
        assertThat(updatedBy("gateways", "gateway_id", id)).isEqualTo(OPERATOR);
    }

    @Test
    void aDefinition() throws Exception {
        String id = definition();
        assertThat(updatedBy("end_device_definitions", "id", id)).isEqualTo(OPERATOR);
        UpdateEndDeviceDefinitionRequest.Builder update =
                UpdateEndDeviceDefinitionRequest.newBuilder()
                        .setId(id)
                        .setOrganizationId(organization);
        EndDeviceDefinitionServiceGrpc.newBlockingStub(editor)
                .updateEndDeviceDefinition(update.setName("Meter").build());
        assertThat(updatedBy("end_device_definitions", "id", id)).isEqualTo(editorId);
        service.definitions().updateEndDeviceDefinition(update.setName("Other").build());
        assertThat(updatedBy("end_device_definitions", "id", id)).isNull();
    }

    private static String definition() {
        return EndDeviceDefinitionServiceGrpc.newBlockingStub(operator)
                .createEndDeviceDefinition(
                        CreateEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("a kind")
                                .addContracts(
                                        PayloadContract.newBuilder()
                                                .setMatchExpression("true")
                                                .setTransformExpression("{}")
                                                .setJsonSchema("{}"))
                                .build())
                .getEndDeviceDefinition()
                .getId();
    }
}
