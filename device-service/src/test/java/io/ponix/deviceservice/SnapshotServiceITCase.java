package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.DeleteSnapshotRequest;
import io.ponix.proto.history.v1.ExportSnapshotRequest;
import io.ponix.proto.history.v1.ExportSnapshotResponse;
import io.ponix.proto.history.v1.GetSnapshotRequest;
import io.ponix.proto.history.v1.ImportSnapshotRequest;
import io.ponix.proto.history.v1.ListSnapshotsRequest;
import io.ponix.proto.history.v1.ListSnapshotsResponse;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.RestoreSnapshotResponse;
import io.ponix.proto.history.v1.RestoredResource;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotEntry;
import io.ponix.proto.history.v1.SnapshotOrigin;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is registered is kept, and put back. */
@ExtendWith(ServiceUnderTest.Shared.class)
class SnapshotServiceITCase {

    private static ServiceUnderTest service;
    private static SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots;
    private static EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceBlockingStub
            definitions;
    private static GatewayServiceGrpc.GatewayServiceBlockingStub gateways;

    private String organization;
    private EndDeviceDefinition definition;
    private Gateway gateway;
    private EndDevice device;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        snapshots = SnapshotServiceGrpc.newBlockingStub(service.channel());
        definitions = EndDeviceDefinitionServiceGrpc.newBlockingStub(service.channel());
        gateways = GatewayServiceGrpc.newBlockingStub(service.channel());
    }

    @BeforeEach
    void register() {
        organization = service.organization("Acme");
        definition =
                definitions
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Meter")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setTransformExpression("{'a': 1}"))
                                        .build())
                        .getEndDeviceDefinition();
        gateway =
                gateways.createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Roof")
                                        .setIntakePreset("raw")
                                        .setEnrolment(
                                                Enrolment.newBuilder()
                                                        .setDefinitionId(definition.getId()))
                                        .build())
                        .getGateway();
        device = create("Sensor", "eui-1");
    }

    @Test
    void aSnapshotSaysWhatItIsOf() {
        Snapshot snapshot =
                snapshots
                        .createSnapshot(
                                CreateSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("before the change")
                                        .build())
                        .getSnapshot();

        assertThat(snapshot.getSnapshotId()).matches("[0-9a-v]{20}");
        assertThat(snapshot.getName()).isEqualTo("before the change");
        assertThat(snapshot.getOrganizationId()).isEqualTo(organization);
        assertThat(snapshot.getOrigin()).isEqualTo(SnapshotOrigin.SNAPSHOT_ORIGIN_MANUAL);
        assertThat(snapshot.getEntryCount()).isEqualTo(4);
        assertThat(get(snapshot)).isEqualTo(snapshot);
        assertThat(take().getName()).matches("snapshot-\\d{8}-\\d{6}");
    }

    @Test
    void snapshotsAreListedNewestFirstInPages() {
        Snapshot first = take();
        Snapshot second = take();
        Snapshot third = take();

        List<Snapshot> listed = new ArrayList<>();
        String token = "";
        do {
            ListSnapshotsResponse page =
                    snapshots.listSnapshots(
                            ListSnapshotsRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageSize(2)
                                    .setPageToken(token)
                                    .build());
            listed.addAll(page.getSnapshotsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(listed).containsExactly(third, second, first);
    }

    @Test
    void anUnknownSnapshotIsNotFound() {
        Snapshot snapshot = take();
        delete(snapshot);

        String id = snapshot.getSnapshotId();
        Map<String, String> metadata = Map.of("snapshot_id", id);
        assertThatCall(() -> get(snapshot))
                .hasStatus(Code.NOT_FOUND, "Snapshot not found: " + id)
                .hasReason("SNAPSHOT_NOT_FOUND", metadata);
        assertThatCall(() -> delete(snapshot)).hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> restore(snapshot)).hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> export(snapshot, 10)).hasStatus(Code.NOT_FOUND, id);
    }

    @Test
    void ofAnOrganizationThatNeverWasNoSnapshotIsTaken() {
        assertThatCall(
                        () ->
                                snapshots.createSnapshot(
                                        CreateSnapshotRequest.newBuilder()
                                                .setOrganizationId("acmee")
                                                .build()))
                .hasStatus(Code.NOT_FOUND, "Organization not found: acmee")
                .hasReason("ORGANIZATION_NOT_FOUND", Map.of("organization_id", "acmee"));
    }

    @Test
    void whatChangedWentAndCameIsAsItWas() throws SQLException {
        EndDevice other = create("Other", "");
        Snapshot snapshot = take();
        String before = rows();

        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName("Changed")
                                .setPayloadConversion("{'b': 2}")
                                .setExternalId("")
                                .build());
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(other.getDeviceId())
                                .build());
        EndDevice later = create("Later", "EUI-1");
        gateways.deleteGateway(
                DeleteGatewayRequest.newBuilder().setGatewayId(gateway.getGatewayId()).build());
        definitions.deleteEndDeviceDefinition(
                DeleteEndDeviceDefinitionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setId(definition.getId())
                        .build());
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        RestoreSnapshotResponse restored = restore(snapshot);

        assertThat(rows()).isEqualTo(before);
        assertThat(restored.getResourcesList())
                .extracting(RestoredResource::getResourceId, RestoredResource::getEventType)
                .containsExactlyInAnyOrder(
                        tuple(device.getDeviceId(), "restored"),
                        tuple(other.getDeviceId(), "restored"),
                        tuple(later.getDeviceId(), "deleted"),
                        tuple(gateway.getGatewayId(), "restored"),
                        tuple(definition.getId(), "restored"),
                        tuple(organization, "restored"));
        assertThat(restored.getResourceCount()).isEqualTo(6);
        assertThat(
                        restored.getResourcesList().stream()
                                .filter(each -> each.getResourceId().equals(device.getDeviceId()))
                                .flatMap(each -> each.getChangedFieldsList().stream()))
                .containsExactly("external_id", "name", "payload_conversion");
        assertThat(getDevice(device).getName()).isEqualTo("Sensor");
        assertThat(getDevice(device).getEtag()).as("of another event").isEqualTo("5");
        assertThat(
                        service.organizations()
                                .getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getOrganization()
                                .hasDeletedAt())
                .isFalse();
        assertThat(
                        definitions
                                .getEndDeviceDefinition(
                                        GetEndDeviceDefinitionRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setId(definition.getId())
                                                .build())
                                .getEndDeviceDefinition()
                                .getEtag())
                .as("the version goes on")
                .isEqualTo("3");

        // And back again.
        assertThat(restored.getBefore().getOrigin())
                .isEqualTo(SnapshotOrigin.SNAPSHOT_ORIGIN_BEFORE_RESTORE);
        assertThat(restored.getBefore().getOrganizationId()).isEqualTo(organization);
        restore(restored.getBefore());
        assertThat(getDevice(later).getName()).isEqualTo("Later");
        assertThatCall(() -> getDevice(other)).hasStatus(Code.NOT_FOUND, other.getDeviceId());
    }

    @Test
    void whatIsAsItWasChangesNothing() throws SQLException {
        Snapshot snapshot = take();
        String events = service.query("SELECT count(*) FROM registry_events");
        String kept = service.query("SELECT count(*) FROM registry_snapshots");

        RestoreSnapshotResponse restored = restore(snapshot);

        assertThat(restored).isEqualTo(RestoreSnapshotResponse.getDefaultInstance());
        assertThat(service.query("SELECT count(*) FROM registry_events")).isEqualTo(events);
        assertThat(service.query("SELECT count(*) FROM registry_snapshots")).isEqualTo(kept);
    }

    /** A device takes the half of a millisecond at least, and a statement may take a second. */
    @Test
    void thousandsOfDevicesAreRestoredThoughAStatementMayNotTakeLong() throws Exception {
        Snapshot before = take();
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO end_devices (device_id, organization_id, name)"
                            + " SELECT '%1$s-' || number, '%1$s', 'Many'".formatted(organization)
                            + " FROM generate_series(1, 3000) AS number");
            Snapshot many = take();
            statement.execute(
                    "UPDATE end_devices SET name = 'Others' WHERE organization_id = '"
                            + organization
                            + "' AND name = 'Many'");
            statement.execute(
                    "CREATE FUNCTION slow() RETURNS TRIGGER LANGUAGE plpgsql AS"
                            + " 'BEGIN PERFORM pg_sleep(0.0005); RETURN NEW; END'");
            statement.execute(
                    "CREATE TRIGGER slow BEFORE UPDATE ON end_devices FOR EACH ROW EXECUTE FUNCTION slow()");
            Map<String, String> settings = ServiceUnderTest.environment(service.postgres());
            settings.put("PONIX_POSTGRES_STATEMENT_TIMEOUT_MS", "1000");
            try (DeviceService hasty =
                    DeviceService.start(DeviceServiceSettings.fromEnvironment(settings))) {
                RestoreSnapshotResponse restored = restoreBy(hasty, many);
                assertThat(restored.getResourceCount()).isEqualTo(3_000);
                assertThat(restored.getResourcesCount()).isEqualTo(1_000);
                assertThat(devicesNamed("Many")).isEqualTo("3000");
                assertThat(restoreBy(hasty, before).getResourceCount()).isEqualTo(3_000);
                assertThat(devicesNamed("Many")).isEqualTo("0");
            } finally {
                statement.execute("DROP FUNCTION slow() CASCADE");
            }
        }
    }

    /** As whoever creates a device holds its gateway, and then waits for the table of devices. */
    @Test
    void whoHoldsARowAndChangesAnotherIsNotInTheWayOfARestoreNorTheOtherWayRound()
            throws Exception {
        Snapshot snapshot = take();
        gateways.updateGateway(
                UpdateGatewayRequest.newBuilder()
                        .setGatewayId(gateway.getGatewayId())
                        .setName("Cellar")
                        .build());
        try (Connection writer = service.connect();
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute(
                    "SELECT FROM gateways WHERE gateway_id = '"
                            + gateway.getGatewayId()
                            + "' FOR SHARE");
            CompletableFuture<RestoreSnapshotResponse> restored =
                    CompletableFuture.supplyAsync(() -> restore(snapshot));
            service.awaitWhoWaitsForALock();
            statement.execute(
                    "UPDATE end_devices SET description = 'heard' WHERE device_id = '"
                            + device.getDeviceId()
                            + "'");
            writer.commit();

            // Both of them: the gateway, and the device that was changed before.
            assertThat(restored.get(30, TimeUnit.SECONDS).getResourceCount()).isEqualTo(2);
        }
    }

    private static RestoreSnapshotResponse restoreBy(DeviceService other, Snapshot snapshot) {
        ManagedChannel channel =
                ManagedChannelBuilder.forAddress("127.0.0.1", other.grpcPort())
                        .usePlaintext()
                        .build();
        try {
            return SnapshotServiceGrpc.newBlockingStub(channel)
                    .restoreSnapshot(
                            RestoreSnapshotRequest.newBuilder()
                                    .setSnapshotId(snapshot.getSnapshotId())
                                    .build());
        } finally {
            channel.shutdownNow();
        }
    }

    private static String devicesNamed(String name) throws SQLException {
        return service.query(
                "SELECT count(*) FROM end_devices WHERE deleted_at IS NULL AND name = '"
                        + name
                        + "'");
    }

    @Test
    void validateOnlySaysWhatWouldChange() throws SQLException {
        Snapshot snapshot = take();
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName("Changed")
                                .build());
        String before = rows();
        RestoreSnapshotRequest request =
                RestoreSnapshotRequest.newBuilder()
                        .setSnapshotId(snapshot.getSnapshotId())
                        .setReason("a mistake")
                        .build();

        RestoreSnapshotResponse tried =
                snapshots.restoreSnapshot(request.toBuilder().setValidateOnly(true).build());

        assertThat(rows()).isEqualTo(before);
        assertThat(getDevice(device).getEtag()).isEqualTo("2");
        RestoreSnapshotResponse restored = snapshots.restoreSnapshot(request);
        assertThat(tried).isEqualTo(restored.toBuilder().clearBefore().build());
        assertThat(getDevice(device).getEtag()).isEqualTo("3");
        assertThat(
                        service.query(
                                "SELECT reason FROM registry_steps WHERE resource_version = 3 AND resource_id = '"
                                        + device.getDeviceId()
                                        + "'"))
                .isEqualTo("a mistake");
    }

    @Test
    void externalIdsThatWereExchangedAreExchangedBack() {
        EndDevice other = create("Other", "eui-2");
        Snapshot snapshot = take();
        rename(device, "");
        rename(other, "eui-1");
        rename(device, "eui-2");

        RestoreSnapshotResponse restored = restore(snapshot);

        assertThat(getDevice(device).getExternalId()).isEqualTo("eui-1");
        assertThat(getDevice(other).getExternalId()).isEqualTo("eui-2");
        assertThat(restored.getResourceCount()).isEqualTo(2);
        assertThat(restored.getResourcesList())
                .extracting(RestoredResource::getResourceId)
                .containsExactlyInAnyOrder(device.getDeviceId(), other.getDeviceId());
    }

    @Test
    void aKeyThatWasTakenFromAGatewayIsNotGivenBack() {
        String keyId =
                gateways.createGatewayKey(
                                CreateGatewayKeyRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setName("a sender")
                                        .build())
                        .getKey()
                        .getKeyId();
        Snapshot snapshot = take();
        gateways.deleteGatewayKey(
                DeleteGatewayKeyRequest.newBuilder()
                        .setGatewayId(gateway.getGatewayId())
                        .setKeyId(keyId)
                        .build());

        restore(snapshot);

        assertThat(
                        gateways.getGateway(
                                        GetGatewayRequest.newBuilder()
                                                .setGatewayId(gateway.getGatewayId())
                                                .build())
                                .getGateway()
                                .getKeysList())
                .isEmpty();
        assertThat(export(snapshot, 10))
                .noneMatch(entry -> entry.getStateJson().contains("gateway_keys"));
    }

    @Test
    void whatWasExportedIsImportedElsewhereAndRestored() throws SQLException {
        Snapshot snapshot = take();
        String before = rows();
        List<SnapshotEntry> entries = export(snapshot, 1);
        assertThat(entries).hasSize(4);
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());

        Snapshot imported =
                snapshots
                        .importSnapshot(
                                ImportSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("from a file")
                                        .addAllEntries(entries.subList(0, 2))
                                        .setMoreFollow(true)
                                        .build())
                        .getSnapshot();
        Snapshot half = imported;
        assertThat(half.getIncomplete()).isTrue();
        assertThatCall(() -> restore(half))
                .hasStatus(Code.FAILED_PRECONDITION, half.getSnapshotId(), "is not complete")
                .hasReason("SNAPSHOT_INCOMPLETE", Map.of("snapshot_id", half.getSnapshotId()));
        imported =
                snapshots
                        .importSnapshot(
                                ImportSnapshotRequest.newBuilder()
                                        .setSnapshotId(imported.getSnapshotId())
                                        .addAllEntries(entries.subList(2, 4))
                                        .build())
                        .getSnapshot();

        assertThat(imported.getOrigin()).isEqualTo(SnapshotOrigin.SNAPSHOT_ORIGIN_IMPORTED);
        assertThat(imported.getEntryCount()).isEqualTo(4);
        assertThat(imported.getIncomplete()).isFalse();
        Snapshot whole = imported;
        assertThatCall(
                        () ->
                                snapshots.importSnapshot(
                                        ImportSnapshotRequest.newBuilder()
                                                .setSnapshotId(whole.getSnapshotId())
                                                .addAllEntries(entries)
                                                .build()))
                .hasStatus(Code.FAILED_PRECONDITION, "is complete");
        restore(imported);
        assertThat(rows()).isEqualTo(before);
    }

    @Test
    void whatCannotBeImportedIsRefused() {
        SnapshotEntry entry = export(take(), 10).get(0);
        ImportSnapshotRequest request =
                ImportSnapshotRequest.newBuilder().setOrganizationId(organization).build();

        assertThatCall(() -> snapshots.importSnapshot(request))
                .hasStatus(Code.INVALID_ARGUMENT, "An import has 1 to 1000 entries");
        assertThatCall(
                        () ->
                                snapshots.importSnapshot(
                                        request.toBuilder()
                                                .addEntries(entry)
                                                .addEntries(entry)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "twice");
        for (String state : List.of("", "[]", "7", "{")) {
            assertThatCall(
                            () ->
                                    snapshots.importSnapshot(
                                            request.toBuilder()
                                                    .addEntries(
                                                            entry.toBuilder().setStateJson(state))
                                                    .build()))
                    .hasStatus(Code.INVALID_ARGUMENT, "state_json is not a JSON object");
        }
        assertThatCall(
                        () ->
                                snapshots.importSnapshot(
                                        request.toBuilder()
                                                .addEntries(
                                                        entry.toBuilder()
                                                                .setOrganizationId("another"))
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "another");
        assertThatCall(
                        () ->
                                snapshots.importSnapshot(
                                        request.toBuilder()
                                                .setSnapshotId(take().getSnapshotId())
                                                .addEntries(entry)
                                                .build()))
                .hasStatus(Code.FAILED_PRECONDITION, "was not imported");
    }

    @Test
    void anImportMakesNoOrganization() {
        SnapshotEntry entry =
                SnapshotEntry.newBuilder()
                        .setResourceType("organization")
                        .setResourceId("brand-new")
                        .setOrganizationId(organization)
                        .setResourceVersion(1)
                        .setStateJson("{\"name\": \"Mine\"}")
                        .build();
        assertThatCall(
                        () ->
                                snapshots.importSnapshot(
                                        ImportSnapshotRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .addEntries(entry)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "brand-new", "an organization is its own");
    }

    @Test
    void whatIsOfADeletedOrganizationStaysAsItIs() {
        SnapshotEntry entry =
                export(take(), 10).stream()
                        .filter(each -> each.getResourceId().equals(device.getDeviceId()))
                        .findFirst()
                        .orElseThrow();
        Snapshot imported =
                snapshots
                        .importSnapshot(
                                ImportSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .addEntries(entry)
                                        .build())
                        .getSnapshot();
        restore(imported);
        assertThat(
                        service.organizations()
                                .getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getOrganization()
                                .getName())
                .as("an import without the organization leaves it there")
                .isEqualTo("Acme");
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        assertThatCall(() -> restore(imported))
                .hasStatus(Code.FAILED_PRECONDITION, organization, "is not there, or deleted");
    }

    @Test
    void anImportCannotTakeWhatIsOfAnother() {
        String other = service.organization("Other");
        SnapshotEntry theirs =
                export(take(), 10).stream()
                        .filter(entry -> entry.getResourceId().equals(device.getDeviceId()))
                        .findFirst()
                        .orElseThrow();
        Snapshot imported =
                snapshots
                        .importSnapshot(
                                ImportSnapshotRequest.newBuilder()
                                        .setOrganizationId(other)
                                        .addEntries(theirs.toBuilder().setOrganizationId(other))
                                        .build())
                        .getSnapshot();

        assertThatCall(() -> restore(imported))
                .hasStatus(Code.FAILED_PRECONDITION, device.getDeviceId(), "another organization");
        assertThat(getDevice(device)).isEqualTo(device);
    }

    /** It was deleted where the device was, and is in no snapshot. */
    @Test
    void aGatewayThatIsNowhereIsNotNamedAnyMore() {
        List<SnapshotEntry> entries =
                export(take(), 10).stream()
                        .map(
                                entry ->
                                        entry.toBuilder()
                                                .setStateJson(
                                                        entry.getStateJson()
                                                                .replaceFirst(
                                                                        "(\"gateway_id\": ?)null",
                                                                        "$1\"of-elsewhere\"")
                                                                .replace("Sensor", "Imported"))
                                                .build())
                        .toList();
        assertThat(entries).anyMatch(entry -> entry.getStateJson().contains("of-elsewhere"));
        restore(
                snapshots
                        .importSnapshot(
                                ImportSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .addAllEntries(entries)
                                        .build())
                        .getSnapshot());
        assertThat(getDevice(device).getName()).isEqualTo("Imported");
        assertThat(getDevice(device).getGatewayId()).isEmpty();
    }

    @Test
    void aStateThatTheRegistryDoesNotTakeIsRefused() {
        SnapshotEntry entry =
                export(take(), 10).stream()
                        .filter(each -> each.getResourceId().equals(gateway.getGatewayId()))
                        .findFirst()
                        .orElseThrow();
        for (String state :
                List.of(
                        "{\"name\": null}",
                        "{\"status\": \"broken\"}",
                        "{\"enrolments_per_hour\": \"many\"}")) {
            Snapshot imported = imported(List.of(entry.toBuilder().setStateJson(state).build()));
            assertThatCall(() -> restore(imported))
                    .hasStatus(Code.FAILED_PRECONDITION)
                    .hasReason("RESTORE_INVALID", Map.of());
        }
        assertThat(getDevice(device)).isEqualTo(device);
    }

    @Test
    void statesThatDoNotGoTogetherAreNamed() {
        List<SnapshotEntry> entries = export(take(), 10);
        SnapshotEntry registered =
                entries.stream()
                        .filter(each -> each.getResourceId().equals(gateway.getGatewayId()))
                        .findFirst()
                        .orElseThrow();
        SnapshotEntry enrolling =
                registered.toBuilder()
                        .setStateJson(
                                registered
                                        .getStateJson()
                                        .replace(definition.getId(), "nosuchthing"))
                        .build();
        assertThat(enrolling.getStateJson()).contains("nosuchthing");
        Snapshot withoutDefinition = imported(List.of(enrolling));
        assertThatCall(() -> restore(withoutDefinition))
                .hasStatus(Code.FAILED_PRECONDITION, gateway.getGatewayId(), "nosuchthing")
                .hasReason(
                        "RESTORE_CONFLICT",
                        Map.of(
                                "constraint",
                                "gateways_enrolment_definition",
                                "id",
                                gateway.getGatewayId(),
                                "definition_id",
                                "nosuchthing"));

        List<SnapshotEntry> twice = new ArrayList<>(entries);
        twice.add(
                entries.stream()
                        .filter(each -> each.getResourceId().equals(device.getDeviceId()))
                        .findFirst()
                        .orElseThrow()
                        .toBuilder()
                        .setResourceId("zz-" + organization)
                        .build());
        Snapshot ofTwo = imported(twice);
        assertThatCall(() -> restore(ofTwo))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Device "
                                + device.getDeviceId()
                                + " would have the external id of the device zz-"
                                + organization
                                + ", '"
                                + device.getExternalId()
                                + "'");
        assertThat(getDevice(device)).isEqualTo(device);
    }

    private Snapshot imported(List<SnapshotEntry> entries) {
        return snapshots
                .importSnapshot(
                        ImportSnapshotRequest.newBuilder()
                                .setOrganizationId(organization)
                                .addAllEntries(entries)
                                .build())
                .getSnapshot();
    }

    @Test
    void aSnapshotOfAllGivesOneOrganizationBack() throws SQLException {
        String other = service.organization("Other");
        Snapshot all =
                snapshots.createSnapshot(CreateSnapshotRequest.getDefaultInstance()).getSnapshot();
        rename(device, "changed");
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder().setOrganizationId(other).build());

        snapshots.restoreSnapshot(
                RestoreSnapshotRequest.newBuilder()
                        .setSnapshotId(all.getSnapshotId())
                        .setOrganizationId(organization)
                        .build());

        assertThat(getDevice(device).getExternalId()).isEqualTo("eui-1");
        assertThatCall(
                        () ->
                                service.organizations()
                                        .getOrganization(
                                                GetOrganizationRequest.newBuilder()
                                                        .setOrganizationId(other)
                                                        .build()))
                .hasStatus(Code.NOT_FOUND, other);
        Snapshot one = take();
        assertThatCall(
                        () ->
                                snapshots.restoreSnapshot(
                                        RestoreSnapshotRequest.newBuilder()
                                                .setSnapshotId(one.getSnapshotId())
                                                .setOrganizationId(other)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, organization, other);
    }

    @Test
    void aStateOfAnOlderTableHasTheDefaultsOfWhatCameLater() throws SQLException {
        SnapshotEntry entry =
                export(take(), 10).stream()
                        .filter(each -> each.getResourceId().equals(gateway.getGatewayId()))
                        .findFirst()
                        .orElseThrow();
        Snapshot imported =
                snapshots
                        .importSnapshot(
                                ImportSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .addEntries(
                                                entry.toBuilder()
                                                        .setStateJson(
                                                                "{\"name\": \"Old\", \"gateway_type\": \"emqx\"}"))
                                        .addEntries(
                                                SnapshotEntry.newBuilder()
                                                        .setResourceType("organization")
                                                        .setResourceId(organization)
                                                        .setOrganizationId(organization)
                                                        .setResourceVersion(1)
                                                        .setStateJson("{\"name\": \"Acme\"}"))
                                        .build())
                        .getSnapshot();

        restore(imported);

        assertThat(
                        service.query(
                                "SELECT concat_ws(' ', name, gateway_type, status, gateway_config, '-' || intake_preset) FROM gateways WHERE gateway_id = '"
                                        + gateway.getGatewayId()
                                        + "'"))
                .isEqualTo("Old emqx active {} -");
        assertThat(
                        service.devices()
                                .listEndDevices(
                                        ListEndDevicesRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getEndDevicesList())
                .isEmpty();
    }

    private Snapshot take() {
        return snapshots
                .createSnapshot(
                        CreateSnapshotRequest.newBuilder().setOrganizationId(organization).build())
                .getSnapshot();
    }

    private static Snapshot get(Snapshot snapshot) {
        return snapshots
                .getSnapshot(
                        GetSnapshotRequest.newBuilder()
                                .setSnapshotId(snapshot.getSnapshotId())
                                .build())
                .getSnapshot();
    }

    private static void delete(Snapshot snapshot) {
        snapshots.deleteSnapshot(
                DeleteSnapshotRequest.newBuilder().setSnapshotId(snapshot.getSnapshotId()).build());
    }

    private static RestoreSnapshotResponse restore(Snapshot snapshot) {
        return snapshots.restoreSnapshot(
                RestoreSnapshotRequest.newBuilder()
                        .setSnapshotId(snapshot.getSnapshotId())
                        .build());
    }

    private static List<SnapshotEntry> export(Snapshot snapshot, int pageSize) {
        List<SnapshotEntry> entries = new ArrayList<>();
        String token = "";
        do {
            ExportSnapshotResponse page =
                    snapshots.exportSnapshot(
                            ExportSnapshotRequest.newBuilder()
                                    .setSnapshotId(snapshot.getSnapshotId())
                                    .setPageSize(pageSize)
                                    .setPageToken(token)
                                    .build());
            assertThat(page.getSnapshot()).isEqualTo(snapshot);
            assertThat(page.getEntriesCount()).isLessThanOrEqualTo(pageSize);
            entries.addAll(page.getEntriesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return entries;
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

    private static void rename(EndDevice device, String externalId) {
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setExternalId(externalId)
                                .build());
    }

    private static EndDevice getDevice(EndDevice device) {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    /** All that is registered of the organization, to the byte, but for who changed it when. */
    private String rows() throws SQLException {
        String without = " - '{version,revision,updated_at,updated_by}'::text[]";
        return service.query(
                "SELECT string_agg(state, ' ' ORDER BY state) FROM ("
                        + "SELECT (to_jsonb(r)%1$s)::text AS state FROM organizations r WHERE id = '%2$s' AND deleted_at IS NULL"
                                .formatted(without, organization)
                        + " UNION ALL SELECT (to_jsonb(r)%1$s)::text FROM end_device_definitions r WHERE organization_id = '%2$s'"
                                .formatted(without, organization)
                        + " UNION ALL SELECT (to_jsonb(r)%1$s)::text FROM gateways r WHERE organization_id = '%2$s' AND deleted_at IS NULL"
                                .formatted(without, organization)
                        + " UNION ALL SELECT (to_jsonb(r)%1$s)::text FROM end_devices r WHERE organization_id = '%2$s' AND deleted_at IS NULL) AS rows"
                                .formatted(without, organization));
    }
}
