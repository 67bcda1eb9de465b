package io.ponix.deviceservice.snapshot;

import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.snapshot.SnapshotRepository.Origin;
import io.ponix.deviceservice.snapshot.SnapshotRepository.SnapshotRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The snapshots of all that the service makes by itself. Its caller sees to it that only one does.
 */
public final class ScheduledSnapshots {

    private final XidGenerator identifiers;

    /** Makes snapshots under ids of their own. */
    public ScheduledSnapshots(XidGenerator identifiers) {
        this.identifiers = identifiers;
    }

    /**
     * Makes a snapshot where the last one that was made so is as old as this, and returns how many
     * it made.
     */
    public int takeIfDue(Connection connection, Duration interval) throws SQLException {
        Instant now = ProtoTimestamps.now();
        Optional<Instant> last = SnapshotRepository.lastScheduled(connection);
        if (last.isPresent() && now.isBefore(last.get().plus(interval))) {
            return 0;
        }
        SnapshotRepository.keep(
                connection,
                new SnapshotRow(identifiers.next(), "", "", Origin.SCHEDULED, now, "", 0, true));
        return 1;
    }

    /**
     * Deletes those that are too many or too old, and returns how many.
     *
     * @param mostKept of the newest; of those of one time, the ones with the larger ids. Empty: any
     *     number
     * @param longestKept how long; empty: for ever
     */
    public static int deleteOld(
            Connection connection, Optional<Integer> mostKept, Optional<Duration> longestKept)
            throws SQLException {
        int deleted = 0;
        if (longestKept.isPresent()) {
            deleted += SnapshotRepository.deleteOlder(connection, longestKept.get());
        }
        if (mostKept.isPresent()) {
            deleted += SnapshotRepository.deleteAllBut(connection, mostKept.get());
        }
        return deleted;
    }
}
