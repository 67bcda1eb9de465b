package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names that senders have for devices, as a caller sees them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class EndDeviceExternalIdITCase {

    private static final String DEV_EUI = "A84041FFFF1822C4";

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void aDeviceIsReturnedWithItAndFoundByItInEitherCase() {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, DEV_EUI);
        create(organization, "another");
        create(organization, "");

        assertThat(device.getExternalId()).isEqualTo("a84041ffff1822c4");
        assertThat(get(device)).isEqualTo(device);
        assertThat(list(organization, DEV_EUI)).containsExactly(device);
        assertThat(list(organization, "a84041ffff1822c4")).containsExactly(device);
        assertThat(list(organization, "A8-40-41-FF-FF-18-22-C4")).isEmpty();
        assertThat(list(organization, "")).hasSize(3).contains(device);
        assertThat(list(service.organization("Other"), DEV_EUI)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", ">", "*", " x ", "Zähler 7/ö 😀", "A8:40", "%2e", "'; --"})
    void anyNameIsKeptToTheCharacter(String name) {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, name);

        assertThat(device.getExternalId()).isEqualTo(name);
        assertThat(list(organization, name)).containsExactly(device);
        assertThat(list(organization, name + "x")).isEmpty();
    }

    @Test
    void caseMattersWhereItIsNotHexadecimal() {
        String organization = service.organization("Acme");

        assertThat(create(organization, "Meter").getDeviceId())
                .isNotEqualTo(create(organization, "meter").getDeviceId());
    }

    @Test
    void aNameThatIsTakenIsRefusedWithTheDeviceThatHasIt() {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, DEV_EUI);
        EndDevice other = create(organization, "another");
        String refusal =
                "External ID 'a84041ffff1822c4' is already that of the device "
                        + device.getDeviceId();

        assertThatCall(() -> create(organization, DEV_EUI.toLowerCase()))
                .hasStatus(Code.ALREADY_EXISTS, refusal);
        assertThatCall(() -> update(other, DEV_EUI)).hasStatus(Code.ALREADY_EXISTS, refusal);
        assertThat(get(other)).isEqualTo(other);
        assertThat(update(device, DEV_EUI).getExternalId()).isEqualTo(device.getExternalId());
        assertThat(create(service.organization("Other"), DEV_EUI).getExternalId())
                .isEqualTo(device.getExternalId());
    }

    @Test
    void anUpdateGivesChangesLeavesAndClearsIt() {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, "");
        assertThat(device.getExternalId()).isEmpty();

        assertThat(update(device, "AB").getExternalId()).isEqualTo("ab");
        EndDevice renamed =
                service.devices()
                        .updateEndDevice(
                                UpdateEndDeviceRequest.newBuilder()
                                        .setDeviceId(device.getDeviceId())
                                        .setName("Renamed")
                                        .build())
                        .getEndDevice();
        assertThat(renamed.getExternalId()).isEqualTo("ab");
        assertThat(update(device, "cd").getExternalId()).isEqualTo("cd");
        EndDevice next = create(organization, "ab");
        assertThat(update(device, "").getExternalId()).isEmpty();
        assertThat(get(device).getExternalId()).isEmpty();
        assertThat(update(next, "cd").getExternalId()).isEqualTo("cd");
    }

    @Test
    void aDeletedDeviceLetsItGo() {
        String organization = service.organization("Acme");
        EndDevice first = create(organization, DEV_EUI);
        delete(first);

        assertThat(list(organization, DEV_EUI)).isEmpty();
        EndDevice second = create(organization, DEV_EUI);
        assertThat(list(organization, DEV_EUI)).containsExactly(second);
        delete(second);
        create(organization, DEV_EUI);
    }

    @Test
    void whatIsNoNameIsRefused() {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, "😀".repeat(256));

        assertThat(list(organization, device.getExternalId())).containsExactly(device);
        for (String tooLong : List.of("x".repeat(257), "😀".repeat(257))) {
            refused(organization, device, tooLong, "External ID has at most 256 characters");
        }
        for (String blank : List.of(" ", "\u00a0\u3000")) {
            refused(organization, device, blank, "External ID cannot be blank");
        }
        for (String control : List.of("a\0b", "a\n", "\u001b[2J", "\u007f", "\u0085x")) {
            refused(
                    organization,
                    device,
                    control,
                    "External ID must not contain control characters");
        }
    }

    private static void refused(
            String organization, EndDevice device, String name, String message) {
        assertThatCall(() -> create(organization, name)).hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(() -> update(device, name)).hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(() -> list(organization, name)).hasStatus(Code.INVALID_ARGUMENT, message);
    }

    @Test
    void aPageOfOneIsTheLast() {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, DEV_EUI);
        create(organization, "");

        ListEndDevicesResponse page = page(organization, DEV_EUI, 1, "");
        assertThat(page.getEndDevicesList()).containsExactly(device);
        assertThat(page.getNextPageToken()).isEmpty();
        ListEndDevicesResponse newest = page(organization, "", 1, "");
        assertThat(newest.getEndDevicesList()).doesNotContain(device);
        assertThat(page(organization, DEV_EUI, 1, newest.getNextPageToken()).getEndDevicesList())
                .containsExactly(device);
    }

    @Test
    void ofOverlappingCreatorsAndUpdatersExactlyOneGetsIt() throws Exception {
        int callers = 8;
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            for (int round = 0; round < 20; round++) {
                String organization = service.organization("Acme " + round);
                List<Callable<EndDevice>> calls =
                        IntStream.range(0, callers)
                                .<Callable<EndDevice>>mapToObj(
                                        i -> {
                                            String name =
                                                    i % 4 < 2 ? DEV_EUI : DEV_EUI.toLowerCase();
                                            EndDevice device =
                                                    i % 2 == 0 ? null : create(organization, "");
                                            return () ->
                                                    device == null
                                                            ? create(organization, name)
                                                            : update(device, name);
                                        })
                                .toList();
                List<EndDevice> winners = new ArrayList<>();
                List<String> refusals = new ArrayList<>();
                for (Future<EndDevice> call : executor.invokeAll(calls)) {
                    try {
                        winners.add(call.get());
                    } catch (ExecutionException e) {
                        StatusRuntimeException refusal = (StatusRuntimeException) e.getCause();
                        assertThat(refusal.getStatus().getCode()).isEqualTo(Code.ALREADY_EXISTS);
                        refusals.add(refusal.getStatus().getDescription());
                    }
                }
                assertThat(winners).hasSize(1);
                assertThat(refusals)
                        .hasSize(callers - 1)
                        .allMatch(text -> text.endsWith("device " + winners.get(0).getDeviceId()));
                assertThat(list(organization, DEV_EUI)).containsExactlyElementsOf(winners);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Where each waits for the other's entry in the index, Postgres ends one of the two. */
    @Test
    void twoDevicesThatWantEachOthersAreToldSoAndKeepTheirs() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 40; round++) {
                String organization = service.organization("Acme " + round);
                EndDevice first = create(organization, "first");
                EndDevice second = create(organization, "second");
                List<Callable<EndDevice>> calls =
                        List.of(() -> update(first, "second"), () -> update(second, "first"));
                int swapped = 0;
                for (Future<EndDevice> call : executor.invokeAll(calls)) {
                    try {
                        call.get();
                        swapped++;
                    } catch (ExecutionException e) {
                        assertThat(((StatusRuntimeException) e.getCause()).getStatus().getCode())
                                .isIn(Code.ALREADY_EXISTS, Code.ABORTED);
                    }
                }
                assertThat(swapped).isZero();
                assertThat(list(organization, "first")).containsExactly(first);
                assertThat(list(organization, "second")).containsExactly(second);
            }
        } finally {
            executor.shutdownNow();
        }
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

    private static EndDevice update(EndDevice device, String externalId) {
        return service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setExternalId(externalId)
                                .build())
                .getEndDevice();
    }

    private static void delete(EndDevice device) {
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
    }

    private static EndDevice get(EndDevice device) {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    private static List<EndDevice> list(String organization, String externalId) {
        return page(organization, externalId, 0, "").getEndDevicesList();
    }

    private static ListEndDevicesResponse page(
            String organization, String externalId, int size, String token) {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setExternalId(externalId)
                                .setPageSize(size)
                                .setPageToken(token)
                                .build());
    }
}
