package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the methods, as a caller sees them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class EndDeviceServiceITCase {

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void anEmptyOrganizationIsRefusedBeforeAnEmptyName() {
        assertThatCall(() -> create("", ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty")
                .hasDetails(
                        BadRequest.newBuilder()
                                .addFieldViolations(
                                        BadRequest.FieldViolation.newBuilder()
                                                .setField("organization_id")
                                                .setDescription("Organization ID cannot be empty"))
                                .addFieldViolations(
                                        BadRequest.FieldViolation.newBuilder()
                                                .setField("name")
                                                .setDescription("Device name cannot be empty"))
                                .build());
    }

    @Test
    void anEmptyNameIsRefusedAndABlankOneIsNot() {
        String organization = service.organization("Acme");

        assertThatCall(() -> create(organization, ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Device name cannot be empty");
        assertThat(create(organization, " ").getName()).isEqualTo(" ");
    }

    @Test
    void anUnknownOrganizationIsNotFound() {
        assertThatCall(() -> create("nobody", "Sensor"))
                .hasStatus(Code.NOT_FOUND, "Organization not found: nobody")
                .hasReason("ORGANIZATION_NOT_FOUND", Map.of("organization_id", "nobody"));
    }

    @Test
    void aDeletedOrganizationGetsNoDevices() {
        String organization = service.organization("Acme");
        EndDevice before = create(organization, "Sensor");
        deleteOrganization(organization);

        assertThatCall(() -> create(organization, "Sensor"))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Cannot create device for deleted organization: " + organization);
        // What it had stays.
        assertThat(get(before.getDeviceId())).isEqualTo(before);
        assertThat(list(organization)).containsExactly(before);
    }

    @Test
    void aNewDeviceIsReturnedWholeAndFoundAgain() {
        String organization = service.organization("Acme");

        EndDevice device = create(organization, "Sensor Alpha");

        assertThat(device.getDeviceId()).matches("[0-9a-v]{20}");
        assertThat(device.getOrganizationId()).isEqualTo(organization);
        assertThat(device.getName()).isEqualTo("Sensor Alpha");
        assertThat(device.getPayloadConversion()).isEmpty();
        assertThat(device.getCreatedAt()).isEqualTo(device.getUpdatedAt());
        assertThat(device.getCreatedAt().getNanos()).isNotZero();
        assertThat(get(device.getDeviceId())).isEqualTo(device);
    }

    @Test
    void aNameHasAtMost256Characters() {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, "ü".repeat(256));

        assertThat(device.getName()).hasSize(256);
        assertThatCall(() -> create(organization, "n".repeat(257)))
                .hasStatus(Code.INVALID_ARGUMENT, "Device name has at most 256 characters");
        assertThatCall(() -> update(device, change -> change.setName("n".repeat(257))))
                .hasStatus(Code.INVALID_ARGUMENT, "Device name has at most 256 characters");
    }

    @Test
    void aCallerMayChooseTheIdOnce() {
        String organization = service.organization("Acme");

        EndDevice device = createAs(organization, "chosen_ID-1");
        assertThat(device.getDeviceId()).isEqualTo("chosen_ID-1");
        assertThat(get("chosen_ID-1")).isEqualTo(device);
        assertThat(list(organization)).containsExactly(device);
        String other = service.organization("Other");
        assertThatCall(() -> createAs(other, "chosen_ID-1"))
                .hasStatus(Code.ALREADY_EXISTS, "Device already exists: chosen_ID-1");
        delete("chosen_ID-1");
        // Its rows are still there.
        assertThatCall(() -> createAs(organization, "chosen_ID-1"))
                .hasStatus(Code.ALREADY_EXISTS, "Device already exists: chosen_ID-1");
        assertThat(createAs(organization, "d".repeat(64)).getDeviceId()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "a*", ">", "a b", "ü", "a\n", " ", "a/b"})
    void anIdThatIsNoTokenOfASubjectIsRefused(String id) {
        assertThatCall(() -> createAs("nobody", id))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Device ID must be 1 to 64 characters of letters, digits, '-' and '_'");
    }

    @Test
    void anIdThatIsTooLongOrLooksLikeAReplayIsRefused() {
        assertThatCall(() -> createAs("nobody", "replay-17-1500"))
                .hasStatus(Code.INVALID_ARGUMENT, "Device ID must not begin with 'replay-'");
        assertThatCall(() -> createAs("nobody", "d".repeat(65)))
                .hasStatus(Code.INVALID_ARGUMENT, "Device ID must be 1 to 64 characters");
    }

    @Test
    void ofCallersWhoChooseAnIdAtOnceOneGetsIt() throws Exception {
        String organization = service.organization("Acme");
        Callable<String> creation =
                () -> {
                    try {
                        return createAs(organization, "contested").getDeviceId();
                    } catch (StatusRuntimeException e) {
                        return e.getStatus().getCode().name();
                    }
                };
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<String> outcomes = new ArrayList<>();
            for (Future<String> future : executor.invokeAll(Collections.nCopies(8, creation))) {
                outcomes.add(future.get());
            }
            assertThat(outcomes).containsOnlyOnce("contested").contains("ALREADY_EXISTS");
            assertThat(outcomes).containsOnly("contested", "ALREADY_EXISTS");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void devicesMayHaveTheSameName() {
        String organization = service.organization("Acme");

        assertThat(create(organization, "Twin").getDeviceId())
                .isNotEqualTo(create(organization, "Twin").getDeviceId());
    }

    @Test
    void aTransformIsCompiledWhenItIsSaved() {
        String organization = service.organization("Acme");
        CreateEndDeviceRequest request =
                CreateEndDeviceRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName("Sensor")
                        .setPayloadConversion("cayenne_lpp_decode(input)")
                        .build();
        EndDevice device = service.devices().createEndDevice(request).getEndDevice();
        assertThat(device.getPayloadConversion()).isEqualTo("cayenne_lpp_decode(input)");

        String wrong = "{\n  'a': nope\n}";
        assertThatCall(
                        () ->
                                service.devices()
                                        .createEndDevice(
                                                request.toBuilder()
                                                        .setPayloadConversion(wrong)
                                                        .build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Payload conversion does not compile:\n2:8 undeclared reference to 'nope'",
                        "  'a': nope\n",
                        "^")
                .hasDetail(
                        BadRequest.class,
                        detail -> {
                            assertThat(detail.getFieldViolations(0).getField())
                                    .isEqualTo("payload_conversion");
                            assertThat(detail.getFieldViolations(0).getDescription())
                                    .startsWith("2:8 undeclared reference to 'nope'");
                        });
        assertThatCall(() -> update(device, change -> change.setPayloadConversion(wrong)))
                .hasStatus(Code.INVALID_ARGUMENT, "2:8 undeclared reference");
        assertThat(get(device.getDeviceId())).isEqualTo(device);
    }

    @Test
    void getRefusesAnEmptyIdAndDoesNotFindAnUnknownOne() {
        assertThatCall(() -> get("")).hasStatus(Code.INVALID_ARGUMENT, "Device ID cannot be empty");
        assertThatCall(() -> get("cm3rnbgek0000j5d37r63jnmn"))
                .hasStatus(Code.NOT_FOUND, "Device not found");
    }

    @Test
    void textThatPostgresCannotHoldIsRefused() {
        assertThatCall(() -> get("a\0b"))
                .hasStatus(Code.INVALID_ARGUMENT, "must not contain the character U+0000")
                .isOfField("device_id");
    }

    @Test
    void listIsNewestFirstAndKnowsOnlyItsOrganization() {
        String organization = service.organization("Acme");
        create(service.organization("Other"), "Stranger");
        EndDevice first = create(organization, "1");
        EndDevice second = create(organization, "2");
        EndDevice third = create(organization, "3");

        assertThat(list(organization)).containsExactly(third, second, first);
        assertThat(list("nobody")).isEmpty();
        assertThatCall(() -> list(""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty");
    }

    @Test
    void pagesAreCompleteWhileDevicesComeAndGo() {
        String organization = service.organization("Acme");
        List<EndDevice> devices =
                new ArrayList<>(
                        IntStream.range(0, 7)
                                .mapToObj(index -> create(organization, "device " + index))
                                .toList());
        Collections.reverse(devices);

        ListEndDevicesResponse first = page(organization, 3, "");
        delete(devices.get(2).getDeviceId());
        create(organization, "newer than the first page");
        ListEndDevicesResponse second = page(organization, 3, first.getNextPageToken());
        ListEndDevicesResponse third = page(organization, 3, second.getNextPageToken());

        assertThat(first.getEndDevicesList()).isEqualTo(devices.subList(0, 3));
        assertThat(second.getEndDevicesList()).isEqualTo(devices.subList(3, 6));
        assertThat(third.getEndDevicesList()).isEqualTo(devices.subList(6, 7));
        assertThat(third.getNextPageToken()).isEmpty();
        assertThat(page(organization, 7, "").getNextPageToken())
                .as("a last page that is full")
                .isEmpty();
    }

    @Test
    void aWrongPageIsRefused() {
        assertThatCall(() -> page("org", -1, ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Page size cannot be negative");
        assertThatCall(
                        () ->
                                page(
                                        "org",
                                        1,
                                        Base64.getUrlEncoder()
                                                .encodeToString(
                                                        "1:x:y".getBytes(StandardCharsets.UTF_8))))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one that this method returned")
                .isOfField("page_token");
    }

    @Test
    void updateChangesWhatIsGiven() {
        EndDevice device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(service.organization("Acme"))
                                        .setName("Sensor")
                                        .setPayloadConversion("{'a': 1}")
                                        .build())
                        .getEndDevice();

        EndDevice renamed = update(device, change -> change.setName("Renamed"));
        assertThat(renamed.getName()).isEqualTo("Renamed");
        assertThat(renamed.getPayloadConversion()).isEqualTo("{'a': 1}");
        assertThat(renamed.getCreatedAt()).isEqualTo(device.getCreatedAt());
        assertThat(renamed.getUpdatedAt()).isNotEqualTo(device.getUpdatedAt());

        EndDevice cleared = update(device, change -> change.setPayloadConversion(""));
        assertThat(cleared.getName()).isEqualTo("Renamed");
        assertThat(cleared.getPayloadConversion()).isEmpty();
        assertThat(get(device.getDeviceId())).isEqualTo(cleared);

        assertThatCall(() -> update(device, change -> change.setName("")))
                .hasStatus(Code.INVALID_ARGUMENT, "Device name cannot be empty");
        assertThatCall(() -> update(device, change -> change.setDeviceId("")))
                .hasStatus(Code.INVALID_ARGUMENT, "Device ID cannot be empty");
        assertThatCall(() -> update(device, change -> change.setDeviceId("nobody").setName("x")))
                .hasStatus(Code.NOT_FOUND, "Device not found");
    }

    @Test
    void aDeletedDeviceIsGoneForCallersAndStaysInTheTable() throws SQLException {
        String organization = service.organization("Acme");
        EndDevice device = create(organization, "Sensor");

        delete(device.getDeviceId());

        assertThatCall(() -> get(device.getDeviceId()))
                .hasStatus(Code.NOT_FOUND, "Device not found");
        assertThatCall(() -> update(device, change -> change.setName("x")))
                .hasStatus(Code.NOT_FOUND, "Device not found");
        assertThatCall(() -> delete(device.getDeviceId()))
                .hasStatus(Code.NOT_FOUND, "Device not found");
        assertThatCall(() -> delete(""))
                .hasStatus(Code.INVALID_ARGUMENT, "Device ID cannot be empty");
        assertThat(list(organization)).isEmpty();
        assertThat(
                        service.query(
                                "SELECT deleted_at IS NOT NULL FROM end_devices WHERE device_id = '"
                                        + device.getDeviceId()
                                        + "'"))
                .isEqualTo("t");
    }

    @Test
    void concurrentUpdatesAllGetALargerVersion() throws Exception {
        EndDevice device = create(service.organization("Acme"), "Sensor");
        long before = version(device);
        AtomicInteger names = new AtomicInteger();
        Callable<Long> updates =
                () -> {
                    for (int index = 0; index < 20; index++) {
                        String name = "Sensor " + names.incrementAndGet();
                        update(device, change -> change.setName(name));
                    }
                    return version(device);
                };
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            for (Future<Long> future : executor.invokeAll(Collections.nCopies(4, updates))) {
                assertThat(future.get()).isGreaterThanOrEqualTo(before + 20);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(version(device)).isGreaterThanOrEqualTo(before + 80);
    }

    private static long version(EndDevice device) throws SQLException {
        return Long.parseLong(
                service.query(
                        "SELECT version FROM end_devices WHERE device_id = '"
                                + device.getDeviceId()
                                + "'"));
    }

    private static EndDevice create(String organization, String name) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .build())
                .getEndDevice();
    }

    private static EndDevice createAs(String organization, String id) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .setDeviceId(id)
                                .build())
                .getEndDevice();
    }

    private static EndDevice get(String id) {
        return service.devices()
                .getEndDevice(GetEndDeviceRequest.newBuilder().setDeviceId(id).build())
                .getEndDevice();
    }

    private static List<EndDevice> list(String organization) {
        return page(organization, 0, "").getEndDevicesList();
    }

    private static ListEndDevicesResponse page(String organization, int size, String token) {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageSize(size)
                                .setPageToken(token)
                                .build());
    }

    private static EndDevice update(
            EndDevice device, UnaryOperator<UpdateEndDeviceRequest.Builder> change) {
        return service.devices()
                .updateEndDevice(
                        change.apply(
                                        UpdateEndDeviceRequest.newBuilder()
                                                .setDeviceId(device.getDeviceId()))
                                .build())
                .getEndDevice();
    }

    private static void delete(String id) {
        service.devices()
                .deleteEndDevice(DeleteEndDeviceRequest.newBuilder().setDeviceId(id).build());
    }

    private static void deleteOrganization(String id) {
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder().setOrganizationId(id).build());
    }
}
