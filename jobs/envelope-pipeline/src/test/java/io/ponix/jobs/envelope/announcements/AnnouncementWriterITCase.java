package io.ponix.jobs.envelope.announcements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.jobs.envelope.announcements.AnnouncedChange.Operation;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.gateway.v1.Gateway;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Announcing with a real server, whose stream is there, missing or full. */
class AnnouncementWriterITCase {

    private static final String STREAM = "gateways";
    private static final String DEVICES_STREAM = "end_devices";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private static Path home;

    private static EmbeddedNats nats;
    private static Connection connection;
    private static JetStreamManagement management;

    private final List<AnnouncementWriter> writers = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        nats = EmbeddedNats.builder().home(home).build();
        nats.start();
        connection = Nats.connect(nats.url());
        management = connection.jetStreamManagement();
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        nats.close();
    }

    @AfterEach
    void clear() throws Exception {
        writers.forEach(AnnouncementWriter::close);
        for (String stream : management.getStreamNames()) {
            management.deleteStream(stream);
        }
    }

    @Test
    void whileTheStreamIsMissingNothingWaitsAndNothingIsLost() throws Exception {
        List<AnnouncedChange> changes =
                List.of(
                        change(Operation.CREATE, "g", 1),
                        change(Operation.UPDATE, "g", 2),
                        change(Operation.CREATE, "an id of spaces, \n and ü", 3),
                        change(Operation.DELETE, "g", 2));
        AnnouncementWriter writer = writer(List.of());
        for (AnnouncedChange change : changes) {
            writer.write(change, null);
        }
        writer.flush(false);
        List<AnnouncedChange> checkpoint = writer.snapshotState(1);
        assertThat(checkpoint).isEqualTo(changes);
        writer.close();

        AnnouncementWriter restored = writer(checkpoint);
        restored.flush(false);
        assertThat(restored.snapshotState(2)).isEqualTo(changes);
        management.addStream(stream().build());
        awaitAnnounced(changes);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(restored.snapshotState(3)).isEmpty());

        // A restart from the older checkpoint, after a change that it does not hold.
        restored.write(change(Operation.UPDATE, "g", 4), null);
        awaitAnnounced(List.of(change(Operation.UPDATE, "g", 4)), changes);
        restored.close();
        AnnouncementWriter again = writer(checkpoint);
        again.write(change(Operation.UPDATE, "g", 4), null);
        again.write(change(Operation.UPDATE, "g", 5), null);
        awaitAnnounced(
                List.of(change(Operation.UPDATE, "g", 4), change(Operation.UPDATE, "g", 5)),
                changes);
    }

    @Test
    void whileTheStreamIsFullChangesWait() throws Exception {
        management.addStream(stream().maxMessages(1).discardPolicy(DiscardPolicy.New).build());
        AnnouncementWriter writer = writer(List.of());
        AnnouncedChange first = change(Operation.CREATE, "g", 1);
        AnnouncedChange second = change(Operation.UPDATE, "g", 2);
        writer.write(first, null);
        writer.write(second, null);
        awaitAnnounced(List.of(first));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.snapshotState(1)).containsExactly(second));
        writer.flush(false);

        management.deleteMessage(STREAM, 1);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(writer.snapshotState(2)).isEmpty());
        assertThat(management.getMessage(STREAM, 2).getData())
                .isEqualTo(second.entity().toByteArray());
    }

    @Test
    void whatIsTooLargeDoesNotHoldUpWhatFollows() throws Exception {
        management.addStream(stream().maximumMessageSize(1_000).build());
        AnnouncementWriter writer = writer(List.of());
        AnnouncedChange fitting = change(Operation.UPDATE, "g", 3);
        writer.write(named("n".repeat(2_000), 1), null);
        writer.write(named("n".repeat(16 << 20), 2), null);
        writer.write(fitting, null);
        awaitAnnounced(List.of(fitting));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(writer.snapshotState(1)).isEmpty());
    }

    @Test
    void noTableWaitsForTheStreamOfAnother() throws Exception {
        management.addStream(stream().build());
        AnnouncedChange device =
                new AnnouncedChange(
                        AnnouncedTable.END_DEVICES,
                        Operation.CREATE,
                        "d",
                        1,
                        EndDevice.newBuilder().setDeviceId("d").build().toByteString());
        AnnouncedChange gateway = change(Operation.CREATE, "g", 2);
        AnnouncementWriter writer = writer(List.of());
        writer.write(device, null);
        writer.write(gateway, null);
        awaitAnnounced(List.of(gateway));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.snapshotState(1)).containsExactly(device));
        writer.close();

        AnnouncedChange organization =
                new AnnouncedChange(
                        AnnouncedTable.ORGANIZATIONS, Operation.CREATE, "o", 3, ByteString.EMPTY);
        AnnouncementWriter restored = writer(List.of(device, organization));
        assertThat(restored.snapshotState(2))
                .as("organizations are not announced any more")
                .containsExactly(device);
        management.addStream(
                StreamConfiguration.builder()
                        .name(DEVICES_STREAM)
                        .subjects(DEVICES_STREAM + ".*")
                        .storageType(StorageType.Memory)
                        .build());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(restored.snapshotState(3)).isEmpty());
        MessageInfo announced = management.getMessage(DEVICES_STREAM, 1);
        assertThat(announced.getSubject()).isEqualTo("end_devices.create");
        assertThat(announced.getHeaders().getFirst("Nats-Msg-Id")).isEqualTo("d:1:create");
        assertThat(EndDevice.parseFrom(announced.getData()).getDeviceId()).isEqualTo("d");
    }

    private AnnouncementWriter writer(List<AnnouncedChange> restored) {
        AnnouncementWriter writer =
                new AnnouncementWriter(
                        NatsSettings.forServers(nats.url()),
                        Map.of(
                                AnnouncedTable.GATEWAYS,
                                STREAM,
                                AnnouncedTable.END_DEVICES,
                                DEVICES_STREAM),
                        restored,
                        new UnregisteredMetricsGroup());
        writers.add(writer);
        return writer;
    }

    private static StreamConfiguration.Builder stream() {
        return StreamConfiguration.builder()
                .name(STREAM)
                .subjects(STREAM + ".*")
                .storageType(StorageType.Memory);
    }

    private static void awaitAnnounced(List<AnnouncedChange> changes) {
        awaitAnnounced(changes, List.of());
    }

    /** Each once, in this order, after those. */
    private static void awaitAnnounced(List<AnnouncedChange> changes, List<AnnouncedChange> after) {
        List<String> expected = new ArrayList<>();
        after.forEach(change -> expected.add(text(change)));
        changes.forEach(change -> expected.add(text(change)));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(stored()).isEqualTo(expected));
    }

    private static List<String> stored() throws Exception {
        List<String> stored = new ArrayList<>();
        long last = management.getStreamInfo(STREAM).getStreamState().getLastSequence();
        for (long sequence = 1; sequence <= last; sequence++) {
            MessageInfo message = management.getMessage(STREAM, sequence);
            stored.add(message.getSubject() + " " + Gateway.parseFrom(message.getData()));
        }
        return stored;
    }

    private static String text(AnnouncedChange change) {
        try {
            return STREAM
                    + "."
                    + change.operation().token()
                    + " "
                    + Gateway.parseFrom(change.entity());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static AnnouncedChange change(Operation operation, String id, long version) {
        return change(
                operation,
                version,
                Gateway.newBuilder().setGatewayId(id).setName("version " + version).build());
    }

    private static AnnouncedChange named(String name, long version) {
        return change(
                Operation.UPDATE,
                version,
                Gateway.newBuilder().setGatewayId("g").setName(name).build());
    }

    private static AnnouncedChange change(Operation operation, long version, Gateway gateway) {
        return new AnnouncedChange(
                AnnouncedTable.GATEWAYS,
                operation,
                gateway.getGatewayId(),
                version,
                gateway.toByteString());
    }
}
