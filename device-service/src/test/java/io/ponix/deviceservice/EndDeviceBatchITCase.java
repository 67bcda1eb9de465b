package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchDeleteEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many devices in one request: all of them or none, in their order. */
@ExtendWith(ServiceUnderTest.Shared.class)
class EndDeviceBatchITCase {

    private static ServiceUnderTest service;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @BeforeEach
    void register() {
        organization = service.organization("Acme");
    }

    @Test
    void aThousandAreMadeChangedAndDeletedByOneChangeEach() throws SQLException {
        List<EndDevice> made =
                create(
                        IntStream.range(0, 1_000)
                                .mapToObj(i -> creation("Sensor " + i, "eui-" + i))
                                .toList());
        assertThat(made)
                .extracting(EndDevice::getName)
                .containsExactlyElementsOf(
                        IntStream.range(0, 1_000).mapToObj(i -> "Sensor " + i).toList());

        List<EndDevice> changed =
                service.devices()
                        .batchUpdateEndDevices(
                                BatchUpdateEndDevicesRequest.newBuilder()
                                        .addAllRequests(
                                                made.stream()
                                                        .map(
                                                                device ->
                                                                        UpdateEndDeviceRequest
                                                                                .newBuilder()
                                                                                .setDeviceId(
                                                                                        device
                                                                                                .getDeviceId())
                                                                                .setEtag(
                                                                                        device
                                                                                                .getEtag())
                                                                                .setName("Meter")
                                                                                .build())
                                                        .toList())
                                        .setReason("they are meters")
                                        .build())
                        .getEndDevicesList();
        assertThat(changed).extracting(EndDevice::getName).containsOnly("Meter");
        assertThat(changed)
                .extracting(EndDevice::getDeviceId)
                .containsExactlyElementsOf(made.stream().map(EndDevice::getDeviceId).toList());

        service.devices()
                .batchDeleteEndDevices(
                        BatchDeleteEndDevicesRequest.newBuilder()
                                .addAllRequests(
                                        made.stream()
                                                .map(device -> deletion(device.getDeviceId()))
                                                .toList())
                                .build());
        assertThat(list()).isEmpty();
        assertThat(
                        service.query(
                                "SELECT string_agg(concat_ws(' ', event_type, count, reason), ',' ORDER BY change_id) FROM ("
                                        + "SELECT change_id, event_type, reason, count(*) AS count FROM registry_steps"
                                        + " WHERE resource_type = 'end_device' AND organization_id = '"
                                        + organization
                                        + "' GROUP BY 1, 2, 3) AS changes"))
                .isEqualTo("created 1000,changed 1000 they are meters,deleted 1000");
    }

    @Test
    void allOfABatchMayHaveAsManyLabelsAsOneMay() {
        Map<String, String> labels = new HashMap<>();
        for (int i = 0; i < 64; i++) {
            labels.put("label" + i, "x");
        }
        List<EndDevice> made =
                create(
                        IntStream.range(0, 200)
                                .mapToObj(
                                        i ->
                                                creation("Sensor " + i, "").toBuilder()
                                                        .putAllLabels(labels)
                                                        .build())
                                .toList());

        assertThat(made).hasSize(200).allMatch(device -> device.getLabelsCount() == 64);
    }

    @Test
    void oneThatCannotBeMadeKeepsAllFromBeingMade() {
        EndDevice there = create(List.of(creation("Sensor", "taken"))).get(0);

        assertThatCall(
                        () ->
                                create(
                                        List.of(
                                                creation("A", "a"),
                                                creation("B", "TAKEN"),
                                                creation("C", "taken"))))
                .hasStatus(
                        Code.ALREADY_EXISTS,
                        "requests[2]: External ID 'taken' is already that of the device "
                                + there.getDeviceId())
                .hasReason(
                        "EXTERNAL_ID_TAKEN", Map.of("external_id", "taken", "part", "requests[2]"));
        assertThatCall(() -> create(List.of(creation("A", "same"), creation("B", "same"))))
                .hasStatus(Code.ALREADY_EXISTS, "requests[1]: External ID 'same'");
        assertThatCall(
                        () ->
                                create(
                                        List.of(
                                                creation("A", ""),
                                                creation("B", "").toBuilder()
                                                        .setPayloadConversion("1 +")
                                                        .build())))
                .hasStatus(Code.INVALID_ARGUMENT, "requests[1]: ")
                .isOfField("requests[1].payload_conversion");
        assertThat(list()).containsExactly(there);
    }

    @Test
    void oneThatIsAnotherByNowKeepsAllFromBeingChanged() {
        List<EndDevice> devices = create(List.of(creation("A", ""), creation("B", "")));
        BatchUpdateEndDevicesRequest request =
                BatchUpdateEndDevicesRequest.newBuilder()
                        .addRequests(renaming(devices.get(0)))
                        .addRequests(renaming(devices.get(1)).toBuilder().setEtag("7"))
                        .build();

        assertThatCall(() -> service.devices().batchUpdateEndDevices(request))
                .hasStatus(Code.ABORTED, "requests[1]: ", devices.get(1).getDeviceId());
        assertThatCall(
                        () ->
                                service.devices()
                                        .batchDeleteEndDevices(
                                                BatchDeleteEndDevicesRequest.newBuilder()
                                                        .addRequests(
                                                                deletion(
                                                                        devices.get(0)
                                                                                .getDeviceId()))
                                                        .addRequests(deletion("nosuchthing"))
                                                        .build()))
                .hasStatus(Code.NOT_FOUND, "requests[1]: Device not found: nosuchthing");
        assertThat(list()).containsExactlyInAnyOrderElementsOf(devices);
    }

    @Test
    void theSameBatchAgainIsDoneOnce() {
        BatchCreateEndDevicesRequest request =
                batch(List.of(creation("A", ""), creation("B", ""))).toBuilder()
                        .setRequestId("batch-" + organization)
                        .build();

        assertThat(service.devices().batchCreateEndDevices(request))
                .isEqualTo(service.devices().batchCreateEndDevices(request));
        assertThat(list()).hasSize(2);
    }

    @Test
    void whatIsSaidOfTheBatchIsNotSaidOfItsParts() {
        assertThatCall(() -> create(List.of()))
                .hasStatus(Code.INVALID_ARGUMENT, "A batch has 1 to 1000 requests");
        assertThatCall(() -> create(Collections.nCopies(1_001, creation("A", ""))))
                .hasStatus(Code.INVALID_ARGUMENT, "A batch has 1 to 1000 requests");
        assertThatCall(
                        () ->
                                create(
                                        List.of(
                                                creation("A", "").toBuilder()
                                                        .setOrganizationId("another")
                                                        .build())))
                .hasStatus(Code.INVALID_ARGUMENT, "requests[0]: Organization ID is another")
                .isOfField("requests[0].organization_id");
        assertThatCall(
                        () ->
                                create(
                                        List.of(
                                                creation("A", "").toBuilder()
                                                        .setRequestId("mine")
                                                        .build())))
                .hasStatus(Code.INVALID_ARGUMENT, "requests[0]: request_id and reason are those of")
                .isOfField("requests[0].request_id");
    }

    private CreateEndDeviceRequest creation(String name, String externalId) {
        return CreateEndDeviceRequest.newBuilder()
                .setOrganizationId(organization)
                .setName(name)
                .setExternalId(externalId)
                .build();
    }

    private static UpdateEndDeviceRequest renaming(EndDevice device) {
        return UpdateEndDeviceRequest.newBuilder()
                .setDeviceId(device.getDeviceId())
                .setName("renamed")
                .build();
    }

    private static DeleteEndDeviceRequest deletion(String id) {
        return DeleteEndDeviceRequest.newBuilder().setDeviceId(id).build();
    }

    private BatchCreateEndDevicesRequest batch(List<CreateEndDeviceRequest> requests) {
        return BatchCreateEndDevicesRequest.newBuilder()
                .setOrganizationId(organization)
                .addAllRequests(requests)
                .build();
    }

    private List<EndDevice> create(List<CreateEndDeviceRequest> requests) {
        return service.devices().batchCreateEndDevices(batch(requests)).getEndDevicesList();
    }

    private List<EndDevice> list() {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder().setOrganizationId(organization).build())
                .getEndDevicesList();
    }
}
