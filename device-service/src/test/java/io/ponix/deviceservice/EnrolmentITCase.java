package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EnrolEndDeviceRequest;
import io.ponix.proto.end_device.v1.EnrolEndDeviceResponse;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of external ids that a gateway hears and nobody has registered. */
@ExtendWith(ServiceUnderTest.Shared.class)
class EnrolmentITCase {

    private static final String DEV_EUI = "A84041FFFF1822C4";

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void anUnknownIdBecomesADeviceWithTheDefinitionOfTheGateway() {
        String organization = service.organization("Acme");
        String definition = definition(organization);
        Gateway gateway = gateway(organization, definition, 0);
        EndDevice created = create(organization, "known");

        EnrolEndDeviceResponse first = enrol(gateway, DEV_EUI);
        EndDevice device = first.getEndDevice();
        assertThat(first.getCreated()).isTrue();
        assertThat(device.getName()).isEqualTo("a84041ffff1822c4");
        assertThat(device.getExternalId()).isEqualTo("a84041ffff1822c4");
        assertThat(device.getDefinitionId()).isEqualTo(definition);
        assertThat(device.getEnrolledByGatewayId()).isEqualTo(gateway.getGatewayId());
        assertThat(device.getOrganizationId()).isEqualTo(organization);
        assertThat(
                        service.devices()
                                .getEndDevice(
                                        GetEndDeviceRequest.newBuilder()
                                                .setDeviceId(device.getDeviceId())
                                                .build())
                                .getEndDevice())
                .isEqualTo(device);

        EnrolEndDeviceResponse second = enrol(gateway, DEV_EUI.toLowerCase());
        assertThat(second.getCreated()).isFalse();
        assertThat(second.getEndDevice()).isEqualTo(device);
        EnrolEndDeviceResponse known = enrol(gateway, "known");
        assertThat(known.getCreated()).isFalse();
        assertThat(known.getEndDevice()).isEqualTo(created);
        assertThat(created.getEnrolledByGatewayId()).isEmpty();

        assertThat(list(organization, true)).containsExactly(device);
        assertThat(list(organization, false)).containsExactlyInAnyOrder(device, created);
    }

    @Test
    void ofCallersAtOnceOneMakesItAndAllAreToldWhich() throws Exception {
        String organization = service.organization("Acme");
        Gateway gateway = gateway(organization, definition(organization), 1_000);
        Gateway other = gateway(organization, definition(organization), 1_000);
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 20; round++) {
                String id = "device " + round;
                List<Callable<EnrolEndDeviceResponse>> calls =
                        IntStream.range(0, 8)
                                .<Callable<EnrolEndDeviceResponse>>mapToObj(
                                        i -> () -> enrol(i % 2 == 0 ? gateway : other, id))
                                .toList();
                Set<String> told = new HashSet<>();
                int made = 0;
                for (Future<EnrolEndDeviceResponse> call : executor.invokeAll(calls)) {
                    told.add(call.get().getEndDevice().getDeviceId());
                    made += call.get().getCreated() ? 1 : 0;
                }
                assertThat(told).hasSize(1);
                assertThat(made).isEqualTo(1);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(list(organization, true)).hasSize(20);
    }

    @Test
    void noMoreThanItMayWithinAnHourHoweverManyAskAtOnce() throws Exception {
        String organization = service.organization("Acme");
        Gateway gateway = gateway(organization, definition(organization), 5);
        ExecutorService executor = Executors.newFixedThreadPool(8);
        List<EndDevice> made = new ArrayList<>();
        List<StatusRuntimeException> refused = new ArrayList<>();
        try {
            List<Callable<EnrolEndDeviceResponse>> calls =
                    IntStream.range(0, 16)
                            .<Callable<EnrolEndDeviceResponse>>mapToObj(
                                    i -> () -> enrol(gateway, "device " + i))
                            .toList();
            for (Future<EnrolEndDeviceResponse> call : executor.invokeAll(calls)) {
                try {
                    made.add(call.get().getEndDevice());
                } catch (ExecutionException e) {
                    refused.add((StatusRuntimeException) e.getCause());
                }
            }
        } finally {
            executor.shutdownNow();
        }

        assertThat(made).hasSize(5);
        assertThat(refused)
                .hasSize(11)
                .allMatch(e -> e.getStatus().getCode() == Code.RESOURCE_EXHAUSTED)
                .allMatch(
                        e -> e.getStatus().getDescription().contains("enrolment.devices_per_hour"));
        // Those that are there are told all the same, and deleted ones count.
        assertThat(enrol(gateway, made.get(0).getExternalId()).getCreated()).isFalse();
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(made.get(0).getDeviceId())
                                .build());
        assertThatCall(() -> enrol(gateway, "another"))
                .hasStatus(
                        Code.RESOURCE_EXHAUSTED,
                        "Gateway "
                                + gateway.getGatewayId()
                                + " has enrolled 5 devices within the last hour, as many as it may"
                                + " (enrolment.devices_per_hour)");
        // Another gateway has its own count, and more may be allowed.
        assertThat(
                        enrol(gateway(organization, definition(organization), 5), "another")
                                .getCreated())
                .isTrue();
        update(gateway, enrolment(gateway.getEnrolment().getDefinitionId(), 6));
        assertThat(enrol(gateway, "one more").getCreated()).isTrue();
    }

    @Test
    void aGatewayThatDoesNotAskForItEnrolsNothing() {
        String organization = service.organization("Acme");
        Gateway silent = gateway(organization, "", 0);
        String refusal =
                " enrols no devices: give it an enrolment with a definition by UpdateGateway";

        assertThat(silent.hasEnrolment()).isFalse();
        assertThatCall(() -> enrol(silent, DEV_EUI))
                .hasStatus(Code.FAILED_PRECONDITION, "Gateway " + silent.getGatewayId() + refusal);
        String definition = definition(organization);
        Gateway asking = update(silent, enrolment(definition, 7));
        assertThat(asking.getEnrolment()).isEqualTo(enrolment(definition, 7));
        assertThat(get(silent)).isEqualTo(asking);
        assertThat(enrol(silent, DEV_EUI).getCreated()).isTrue();

        Gateway again = update(silent, Enrolment.getDefaultInstance());
        assertThat(again.hasEnrolment()).isFalse();
        assertThatCall(() -> enrol(silent, "another"))
                .hasStatus(Code.FAILED_PRECONDITION, "Gateway " + silent.getGatewayId() + refusal);
    }

    @Test
    void withoutANumberItIsAHundred() {
        String organization = service.organization("Acme");

        assertThat(
                        gateway(organization, definition(organization), 0)
                                .getEnrolment()
                                .getDevicesPerHour())
                .isEqualTo(100);
    }

    @Test
    void whatCannotBeIsRefused() {
        String organization = service.organization("Acme");
        String foreign = definition(service.organization("Other"));
        Gateway gateway = gateway(organization, definition(organization), 0);

        assertThatCall(() -> gateway(organization, foreign, 0))
                .hasStatus(Code.NOT_FOUND, "End device definition not found: " + foreign)
                .hasReason("DEFINITION_NOT_FOUND", Map.of("definition_id", foreign));
        assertThatCall(() -> update(gateway, enrolment(foreign, 0)))
                .hasStatus(Code.NOT_FOUND, "End device definition not found: " + foreign);
        for (int number : new int[] {-1, 100_001}) {
            assertThatCall(() -> update(gateway, enrolment("x", number)))
                    .hasStatus(
                            Code.INVALID_ARGUMENT,
                            "Gateway enrolment must be of 1 to 100000 devices per hour, or left out");
        }
        assertThatCall(() -> enrol(gateway, ""))
                .hasStatus(Code.INVALID_ARGUMENT, "External ID cannot be blank");
        assertThatCall(() -> enrol(Gateway.newBuilder().setGatewayId("nope").build(), "a"))
                .hasStatus(Code.NOT_FOUND, "Gateway not found: nope")
                .hasReason("GATEWAY_NOT_FOUND", Map.of("gateway_id", "nope"));
    }

    @Test
    void aDefinitionThatAGatewayEnrolsWithStaysUntilTheGatewayIsGone() {
        String organization = service.organization("Acme");
        String definition = definition(organization);
        Gateway gateway = gateway(organization, definition, 0);

        assertThatCall(() -> deleteDefinition(organization, definition))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "End device definition is in use: "
                                + definition
                                + ". A gateway enrols devices with it: give the gateway another"
                                + " enrolment, or none, first");
        service.gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .build());
        deleteDefinition(organization, definition);
        assertThatCall(() -> enrol(gateway, DEV_EUI))
                .hasStatus(Code.NOT_FOUND, "Gateway not found: " + gateway.getGatewayId());
    }

    private static Enrolment enrolment(String definition, int perHour) {
        return Enrolment.newBuilder()
                .setDefinitionId(definition)
                .setDevicesPerHour(perHour)
                .build();
    }

    private static Gateway gateway(String organization, String definition, int perHour) {
        CreateGatewayRequest.Builder request =
                CreateGatewayRequest.newBuilder().setOrganizationId(organization).setName("Roof");
        if (!definition.isEmpty()) {
            request.setEnrolment(enrolment(definition, perHour));
        }
        return service.gateways().createGateway(request.build()).getGateway();
    }

    private static Gateway get(Gateway gateway) {
        return service.gateways()
                .getGateway(
                        GetGatewayRequest.newBuilder().setGatewayId(gateway.getGatewayId()).build())
                .getGateway();
    }

    private static Gateway update(Gateway gateway, Enrolment enrolment) {
        return service.gateways()
                .updateGateway(
                        UpdateGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setEnrolment(enrolment)
                                .build())
                .getGateway();
    }

    private static EnrolEndDeviceResponse enrol(Gateway gateway, String externalId) {
        return service.devices()
                .enrolEndDevice(
                        EnrolEndDeviceRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setExternalId(externalId)
                                .build());
    }

    private static EndDevice create(String organization, String externalId) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .setExternalId(externalId)
                                .build())
                .getEndDevice();
    }

    private static List<EndDevice> list(String organization, boolean onlyEnrolled) {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setOnlyEnrolled(onlyEnrolled)
                                .build())
                .getEndDevicesList();
    }

    private static String definition(String organization) {
        return service.definitions()
                .createEndDeviceDefinition(
                        CreateEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Kind")
                                .addContracts(
                                        PayloadContract.newBuilder()
                                                .setMatchExpression("true")
                                                .setTransformExpression("{'n': size(input)}"))
                                .build())
                .getEndDeviceDefinition()
                .getId();
    }

    private static void deleteDefinition(String organization, String definition) {
        service.definitions()
                .deleteEndDeviceDefinition(
                        DeleteEndDeviceDefinitionRequest.newBuilder()
                                .setId(definition)
                                .setOrganizationId(organization)
                                .build());
    }
}
