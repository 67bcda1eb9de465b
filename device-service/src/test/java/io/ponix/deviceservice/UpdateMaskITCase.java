package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import com.google.rpc.BadRequest;
import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Updates that say which fields they change. */
@ExtendWith(ServiceUnderTest.Shared.class)
class UpdateMaskITCase {

    private static ServiceUnderTest service;

    private String organization;
    private EndDeviceDefinition definition;
    private EndDevice device;
    private Gateway gateway;

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
                                        .addContracts(contract("{'a': 1}"))
                                        .addExamples(
                                                DefinitionExample.newBuilder()
                                                        .setHex("00")
                                                        .setExpectedJson("{\"a\": 1}"))
                                        .build())
                        .getEndDeviceDefinition();
        device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Sensor")
                                        .setPayloadConversion("{'b': 1}")
                                        .setDefinitionId(definition.getId())
                                        .setExternalId("eui-1")
                                        .build())
                        .getEndDevice();
        gateway =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("North")
                                        .setEmqxConfig(
                                                EMQXGatewayConfig.newBuilder()
                                                        .setBrokerUrl("mqtt://broker:1883"))
                                        .setIntakePreset("raw")
                                        .setEnrolment(
                                                Enrolment.newBuilder()
                                                        .setDefinitionId(definition.getId()))
                                        .build())
                        .getGateway();
    }

    @Test
    void whatTheMaskOfADeviceNamesIsChangedOrClearedAndNothingElse() {
        EndDevice changed =
                update(
                        request ->
                                request.setName("Renamed")
                                        .setExternalId("eui-2")
                                        // Which the mask leaves out, so that it need not compile.
                                        .setPayloadConversion("{")
                                        .setUpdateMask(mask("name", "definition_id")));

        assertThat(changed)
                .isEqualTo(
                        device.toBuilder()
                                .setName("Renamed")
                                .clearDefinitionId()
                                .setEtag("3")
                                .setUpdatedAt(changed.getUpdatedAt())
                                .build());
    }

    @Test
    void aStarIsAllFieldsOfADevice() {
        EndDevice changed = update(request -> request.setName("Bare").setUpdateMask(mask("*")));

        assertThat(changed)
                .isEqualTo(
                        EndDevice.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setOrganizationId(organization)
                                .setName("Bare")
                                .setCreatedAt(device.getCreatedAt())
                                .setUpdatedAt(changed.getUpdatedAt())
                                .setEtag("5")
                                .build());
    }

    @Test
    void anEmptyMaskIsNone() {
        EndDevice changed =
                update(
                        request ->
                                request.setName("Renamed")
                                        .setUpdateMask(FieldMask.getDefaultInstance()));

        assertThat(changed.getName()).isEqualTo("Renamed");
        assertThat(changed.getExternalId()).isEqualTo("eui-1");
    }

    @Test
    void aFieldThatThereIsNotIsRefused() {
        String message =
                "update_mask has 'device_id', which is no field to change: there are name,"
                        + " payload_conversion, definition_id, external_id, gateway_id, description, labels,"
                        + " and * for all of them; labels.KEY is the label of that key";
        assertThatCall(
                        () ->
                                update(
                                        request ->
                                                request.setName("x")
                                                        .setUpdateMask(mask("name", "device_id"))))
                .hasStatus(Code.INVALID_ARGUMENT, message)
                .hasDetails(violation("update_mask", message));
        assertThatCall(
                        () ->
                                service.devices()
                                        .batchUpdateEndDevices(
                                                BatchUpdateEndDevicesRequest.newBuilder()
                                                        .addRequests(
                                                                UpdateEndDeviceRequest.newBuilder()
                                                                        .setDeviceId(
                                                                                device
                                                                                        .getDeviceId())
                                                                        .setUpdateMask(
                                                                                mask("device_id")))
                                                        .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "requests[0]: " + message);
        assertThatCall(
                        () ->
                                service.gateways()
                                        .updateGateway(
                                                of(gateway)
                                                        .setUpdateMask(
                                                                mask("enrolment.definition_id"))
                                                        .build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "there are name, status, status_reason, type, emqx_config, intake_preset,"
                                + " intake_expression, enrolment, description, labels, and *");
        assertThatCall(
                        () ->
                                update(
                                        request ->
                                                request.setUpdateMask(
                                                        FieldMask.newBuilder()
                                                                .addAllPaths(
                                                                        Collections.nCopies(
                                                                                65, "name")))))
                .hasStatus(Code.INVALID_ARGUMENT, "update_mask has at most 64 paths");
    }

    @Test
    void whatHasToBeThereIsNotCleared() {
        assertThatCall(() -> update(request -> request.setUpdateMask(mask("name"))))
                .hasStatus(Code.INVALID_ARGUMENT, "Device name cannot be empty")
                .hasDetails(violation("name", "Device name cannot be empty"));
        assertThatCall(() -> update(request -> request.setUpdateMask(mask("*"))))
                .hasStatus(Code.INVALID_ARGUMENT, "Device name cannot be empty");
        assertThatCall(() -> updateDefinition(request -> request.setUpdateMask(mask("name"))))
                .hasStatus(Code.INVALID_ARGUMENT, "End device definition name cannot be empty");
        assertThatCall(() -> updateDefinition(request -> request.setUpdateMask(mask("contracts"))))
                .hasStatus(Code.INVALID_ARGUMENT, "An end device definition has 1 to 64 contracts");
        assertThatCall(
                        () ->
                                service.gateways()
                                        .updateGateway(
                                                of(gateway).setUpdateMask(mask("status")).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway status cannot be cleared");
        assertThatCall(
                        () ->
                                service.organizations()
                                        .updateOrganization(
                                                UpdateOrganizationRequest.newBuilder()
                                                        .setOrganizationId(organization)
                                                        .setUpdateMask(mask("name"))
                                                        .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization name cannot be empty");
    }

    @Test
    void examplesAndMessagesOfADefinitionAreCleared() {
        EndDeviceDefinition changed =
                updateDefinition(
                        request ->
                                request.setName("ignored")
                                        .setUpdateMask(mask("examples", "file_descriptor_set")));

        assertThat(changed.getName()).isEqualTo("Kind");
        assertThat(changed.getExamplesList()).isEmpty();
        assertThat(changed.getContractsList()).isEqualTo(definition.getContractsList());
        assertThat(changed.getFileDescriptorSet()).isEqualTo(ByteString.EMPTY);
        assertThat(
                        updateDefinition(
                                        request ->
                                                request.setName("Other")
                                                        .addContracts(contract("{'c': 1}"))
                                                        .setUpdateMask(mask("contracts")))
                                .getContracts(0)
                                .getTransformExpression())
                .isEqualTo("{'c': 1}");
    }

    @Test
    void whatAGatewayNeedNotHaveIsCleared() {
        Gateway changed =
                service.gateways()
                        .updateGateway(
                                of(gateway)
                                        .setUpdateMask(mask("name", "intake_preset", "enrolment"))
                                        .build())
                        .getGateway();

        assertThat(changed)
                .isEqualTo(
                        gateway.toBuilder()
                                .setName("mqtt://broker:1883")
                                .clearIntakePreset()
                                .clearEnrolment()
                                .setEtag(changed.getEtag())
                                .setUpdatedAt(changed.getUpdatedAt())
                                .build());
        Gateway bare =
                service.gateways()
                        .updateGateway(
                                of(gateway)
                                        .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                        .setStatusReason("away")
                                        .setUpdateMask(mask("*"))
                                        .build())
                        .getGateway();
        assertThat(bare.hasEmqxConfig()).isFalse();
        assertThat(bare.getType()).isEqualTo(GatewayType.GATEWAY_TYPE_UNSPECIFIED);
        assertThat(bare.getName()).isEmpty();
        assertThat(bare.getStatusReason()).isEqualTo("away");
        assertThat(
                        service.gateways()
                                .updateGateway(
                                        of(gateway).setUpdateMask(mask("status_reason")).build())
                                .getGateway())
                .extracting(Gateway::getStatus, Gateway::getStatusReason)
                .containsExactly(GatewayStatus.GATEWAY_STATUS_ERROR, "");
    }

    @Test
    void anIntakeThatIsSetTakesThePlaceOfTheOther() {
        Gateway changed =
                service.gateways()
                        .updateGateway(
                                of(gateway)
                                        .setIntakeExpression(
                                                "{'device_id': topic, 'payload': payload}")
                                        .setUpdateMask(mask("intake_expression"))
                                        .build())
                        .getGateway();
        assertThat(changed.getIntakeExpression())
                .isEqualTo("{'device_id': topic, 'payload': payload}");

        // The other one is none already.
        assertThat(
                        service.gateways()
                                .updateGateway(
                                        of(gateway).setUpdateMask(mask("intake_preset")).build())
                                .getGateway()
                                .getIntakeExpression())
                .isEqualTo("{'device_id': topic, 'payload': payload}");
        assertThat(
                        service.gateways()
                                .updateGateway(
                                        of(gateway)
                                                .setUpdateMask(mask("intake_expression"))
                                                .build())
                                .getGateway()
                                .getIntakeCase())
                .isEqualTo(Gateway.IntakeCase.INTAKE_NOT_SET);
    }

    private EndDevice update(UnaryOperator<UpdateEndDeviceRequest.Builder> change) {
        return service.devices()
                .updateEndDevice(
                        change.apply(
                                        UpdateEndDeviceRequest.newBuilder()
                                                .setDeviceId(device.getDeviceId()))
                                .build())
                .getEndDevice();
    }

    private EndDeviceDefinition updateDefinition(
            UnaryOperator<UpdateEndDeviceDefinitionRequest.Builder> change) {
        return service.definitions()
                .updateEndDeviceDefinition(
                        change.apply(
                                        UpdateEndDeviceDefinitionRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setId(definition.getId()))
                                .build())
                .getEndDeviceDefinition();
    }

    private static UpdateGatewayRequest.Builder of(Gateway gateway) {
        return UpdateGatewayRequest.newBuilder().setGatewayId(gateway.getGatewayId());
    }

    private static PayloadContract contract(String transform) {
        return PayloadContract.newBuilder().setTransformExpression(transform).build();
    }

    private static FieldMask mask(String... paths) {
        return FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
    }

    private static BadRequest violation(String field, String description) {
        return BadRequest.newBuilder()
                .addFieldViolations(
                        BadRequest.FieldViolation.newBuilder()
                                .setField(field)
                                .setDescription(description))
                .build();
    }
}
