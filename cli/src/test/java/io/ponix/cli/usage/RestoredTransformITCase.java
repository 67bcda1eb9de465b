package io.ponix.cli.usage;

import static io.ponix.cli.usage.RunningStack.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import io.ponix.proto.history.v1.SnapshotServiceGrpc.SnapshotServiceBlockingStub;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is restored in the registry reaches the readings, without a restart of anything. */
@ExtendWith(RunningStack.Shared.class)
class RestoredTransformITCase {

    private static final int SENT_AFTERWARDS = 20;

    private final RunningStack stack;

    RestoredTransformITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void envelopesAreDecodedByTheRestoredTransform() throws Exception {
        ManagedChannel channel = stack.deviceService();
        try (MutedDevice device = new MutedDevice(stack)) {
            SnapshotServiceBlockingStub snapshots = SnapshotServiceGrpc.newBlockingStub(channel);
            device.setTransform("{'made_by': 'old'}");
            sendUntilMoreAreMadeBy("old", device, 0);
            String snapshot =
                    snapshots
                            .createSnapshot(
                                    CreateSnapshotRequest.newBuilder()
                                            .setOrganizationId("org-001")
                                            .build())
                            .getSnapshot()
                            .getSnapshotId();
            device.setTransform("{'made_by': 'new'}");
            sendUntilMoreAreMadeBy("new", device, 0);
            long old = madeBy("old", device);

            snapshots.restoreSnapshot(
                    RestoreSnapshotRequest.newBuilder().setSnapshotId(snapshot).build());

            sendUntilMoreAreMadeBy("old", device, old);
            for (int i = 0; i < SENT_AFTERWARDS; i++) {
                device.send(1);
            }
            // A device's envelopes are stored in their order, a second after one another.
            String last = String.valueOf(device.sent() - 1);
            await().atMost(SOON)
                    .until(
                            () ->
                                    device.row(
                                                    "SELECT dateDiff('second', toDateTime64('2026-11-20 10:00:00', 3, 'UTC'),"
                                                            + " max(occurred_at)) FROM processed_envelopes WHERE %s")[
                                            0],
                            last::equals);
            assertThat(
                            device.row(
                                    "SELECT arrayStringConcat(arrayCompact(groupArray(made_by)), ' '), count() = uniqExact(occurred_at),"
                                            + " dateDiff('second', min(occurred_at), max(occurred_at)) + 1 = count()"
                                            + " FROM (SELECT occurred_at, data.made_by::String AS made_by"
                                            + " FROM processed_envelopes WHERE %s ORDER BY occurred_at)"))
                    .as("what made the rows, each of which is there once")
                    .containsExactly("old new old", "1", "1");
        } finally {
            channel.shutdownNow();
        }
    }

    private static void sendUntilMoreAreMadeBy(String transform, MutedDevice device, long count) {
        await().atMost(SOON)
                .until(
                        () -> {
                            device.send(1);
                            return madeBy(transform, device);
                        },
                        rows -> rows > count);
    }

    private static long madeBy(String transform, MutedDevice device) {
        return Long.parseLong(
                device.row(
                                "SELECT countIf(data.made_by::String = '"
                                        + transform
                                        + "') FROM processed_envelopes WHERE %s")[0]);
    }
}
