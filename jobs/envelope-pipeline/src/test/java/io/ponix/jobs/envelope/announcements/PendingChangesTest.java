package io.ponix.jobs.envelope.announcements;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.ponix.jobs.envelope.announcements.AnnouncedChange.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingChangesTest {

    @Test
    void keepsTheOrderAndWhatWasRestored() throws Exception {
        PendingChanges pending = new PendingChanges(List.of(change(Operation.CREATE, "a", 1)));
        pending.add(change(Operation.UPDATE, "a", 2));

        assertThat(pending.awaitFirst()).isEqualTo(change(Operation.CREATE, "a", 1));
        assertThat(pending.count()).isEqualTo(2);
        pending.removeFirst();
        assertThat(pending.snapshot()).containsExactly(change(Operation.UPDATE, "a", 2));
    }

    @Test
    void ofManyTheOutdatedUpdatesAreLeftOut() {
        PendingChanges pending = new PendingChanges(List.of());
        pending.add(change(Operation.UPDATE, "first", 1));
        pending.add(change(Operation.UPDATE, "first", 2));
        pending.add(change(Operation.CREATE, "busy", 3));
        pending.add(change(Operation.UPDATE, "removed", 4));
        pending.add(change(Operation.DELETE, "removed", 4));
        for (int version = 5; version < PendingChanges.MANY - 1; version++) {
            pending.add(change(Operation.UPDATE, "busy", version));
        }
        pending.add(change(Operation.UPDATE, "first", PendingChanges.MANY));

        assertThat(pending.snapshot())
                .containsExactly(
                        // The one that is being published.
                        change(Operation.UPDATE, "first", 1),
                        change(Operation.CREATE, "busy", 3),
                        change(Operation.DELETE, "removed", 4),
                        change(Operation.UPDATE, "busy", PendingChanges.MANY - 2),
                        change(Operation.UPDATE, "first", PendingChanges.MANY));
    }

    @Test
    void soAreOfAFewThatAreLarge() {
        ByteString large = ByteString.copyFrom(new byte[1 << 20]);
        PendingChanges pending =
                new PendingChanges(List.of(definition(Operation.CREATE, 1, large)));
        for (int version = 2; version <= 100; version++) {
            pending.add(definition(Operation.UPDATE, version, large));
            assertThat(pending.count()).isLessThanOrEqualTo(16);
        }

        List<AnnouncedChange> left = pending.snapshot();
        assertThat(left.get(0)).isEqualTo(definition(Operation.CREATE, 1, large));
        assertThat(left.get(left.size() - 1)).isEqualTo(definition(Operation.UPDATE, 100, large));
    }

    @Test
    void whatWasPublishedCountsNoMore() throws Exception {
        ByteString large = ByteString.copyFrom(new byte[1 << 20]);
        PendingChanges pending = new PendingChanges(List.of());
        for (int version = 1; version <= 100; version++) {
            pending.add(definition(Operation.UPDATE, version, large));
            pending.add(definition(Operation.UPDATE, version + 1_000, large));
            assertThat(pending.awaitFirst())
                    .isEqualTo(definition(Operation.UPDATE, version, large));
            pending.removeFirst();
            assertThat(pending.awaitFirst())
                    .isEqualTo(definition(Operation.UPDATE, version + 1_000, large));
            pending.removeFirst();
        }
        assertThat(pending.count()).isZero();
    }

    private static AnnouncedChange definition(
            Operation operation, long version, ByteString entity) {
        return new AnnouncedChange(
                AnnouncedTable.END_DEVICE_DEFINITIONS, operation, "d", version, entity);
    }

    private static AnnouncedChange change(Operation operation, String id, long version) {
        return new AnnouncedChange(
                AnnouncedTable.GATEWAYS, operation, id, version, ByteString.EMPTY);
    }
}
