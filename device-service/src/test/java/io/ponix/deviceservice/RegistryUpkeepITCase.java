package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.ListSnapshotsRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotOrigin;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the service does to the registry by itself, where its settings ask for it. */
class RegistryUpkeepITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static ServiceUnderTest service;
    private static SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots;

    @BeforeAll
    static void start(@TempDir Path home) throws Exception {
        service =
                ServiceUnderTest.start(
                        home,
                        Map.of(
                                "PONIX_SNAPSHOT_INTERVAL",
                                "1 s",
                                "PONIX_SNAPSHOT_MAX_COUNT",
                                "2",
                                "PONIX_HISTORY_RETENTION",
                                "1 s"));
        snapshots = SnapshotServiceGrpc.newBlockingStub(service.channel());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void scheduledSnapshotsComeAndGoAndOthersStay() {
        String organization = service.organization("Acme");
        Snapshot manual = take(organization);
        EndDevice device = create(organization);
        Snapshot before =
                snapshots
                        .restoreSnapshot(
                                RestoreSnapshotRequest.newBuilder()
                                        .setSnapshotId(manual.getSnapshotId())
                                        .build())
                        .getBefore();
        assertThat(before.getEntryCount()).as("with %s", device).isEqualTo(2);
        String first = awaitNewest("");
        String second = awaitNewest(first);
        awaitNewest(second);

        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(list())
                                        .filteredOn(
                                                snapshot ->
                                                        snapshot.getOrigin()
                                                                == SnapshotOrigin
                                                                        .SNAPSHOT_ORIGIN_SCHEDULED)
                                        .hasSizeLessThanOrEqualTo(2)
                                        .noneMatch(
                                                snapshot ->
                                                        snapshot.getSnapshotId().equals(first)));
        assertThat(list()).contains(manual, before);
    }

    @Test
    void oldHistoryIsOneEventAndTheVersionStays() throws Exception {
        String organization = service.organization("Acme");
        EndDevice device = create(organization);
        EndDevice gone = create(organization);
        rename(device, "a");
        EndDevice renamed = rename(device, "b");
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(gone.getDeviceId())
                                .build());
        String lastEvent = "SELECT %s FROM registry_steps WHERE resource_id = '%s'";
        String committed =
                service.query(lastEvent.formatted("max(committed_at)", device.getDeviceId()));
        String changes =
                service.query(
                        lastEvent.formatted(
                                "string_agg(change_id::text, ',')", device.getDeviceId()));

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(events(device)).isEqualTo("3 compacted");
                            assertThat(events(gone)).isEqualTo("2 compacted");
                        });

        assertThat(
                        service.query(
                                lastEvent.formatted(
                                        "concat_ws(' ', step ->> 'name', committed_at)",
                                        device.getDeviceId())))
                .isEqualTo("b " + committed);
        assertThat(
                        service.query(
                                lastEvent.formatted(
                                        "step ->> 'deleted_at' IS NOT NULL", gone.getDeviceId())))
                .isEqualTo("t");
        assertThat(rename(device, "b")).isEqualTo(renamed);
        assertThat(rename(device, "c").getEtag()).isEqualTo("4");
        assertThat(
                        service.query(
                                "SELECT count(*) FROM registry_changes c WHERE NOT EXISTS"
                                        + " (SELECT FROM registry_events e WHERE e.change_id = c.change_id)"
                                        + " AND change_id IN ("
                                        + changes
                                        + ")"))
                .as("changes whose events are no more")
                .isEqualTo("0");
    }

    @Test
    void theNumberOfEventsIsAMetric() throws Exception {
        // What there was when the service had started: nothing, and that has been counted.
        HttpResponse<String> metrics =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + service.service().httpPort()
                                                                + "/metrics"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(metrics.body())
                .contains("ponix_registry_events ", "ponix_registry_resource_events_max ");
    }

    /** Waits for another scheduled snapshot than this. */
    private static String awaitNewest(String known) {
        return await().atMost(PATIENCE)
                .until(
                        () ->
                                list().stream()
                                        .filter(
                                                each ->
                                                        each.getOrigin()
                                                                == SnapshotOrigin
                                                                        .SNAPSHOT_ORIGIN_SCHEDULED)
                                        .map(Snapshot::getSnapshotId)
                                        .findFirst()
                                        .orElse(known),
                        newest -> !newest.equals(known));
    }

    private static List<Snapshot> list() {
        return snapshots
                .listSnapshots(ListSnapshotsRequest.newBuilder().setPageSize(1_000).build())
                .getSnapshotsList();
    }

    private static Snapshot take(String organization) {
        return snapshots
                .createSnapshot(
                        CreateSnapshotRequest.newBuilder().setOrganizationId(organization).build())
                .getSnapshot();
    }

    private static EndDevice create(String organization) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .build())
                .getEndDevice();
    }

    private static EndDevice rename(EndDevice device, String name) {
        return service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName(name)
                                .build())
                .getEndDevice();
    }

    private static String events(EndDevice device) throws SQLException {
        return service.query(
                "SELECT string_agg(resource_version || ' ' || event_type, ',' ORDER BY resource_version)"
                        + " FROM registry_events WHERE resource_id = '"
                        + device.getDeviceId()
                        + "'");
    }
}
