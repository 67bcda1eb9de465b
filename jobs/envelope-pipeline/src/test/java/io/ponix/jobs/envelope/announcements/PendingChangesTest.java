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

    private static AnnouncedChange change(Operation operation, String id, long version) {
        return new AnnouncedChange(
                AnnouncedTable.GATEWAYS, operation, id, version, ByteString.EMPTY);
    }
}
