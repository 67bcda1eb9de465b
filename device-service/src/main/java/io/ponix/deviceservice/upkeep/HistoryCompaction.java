package io.ponix.deviceservice.upkeep;

import io.ponix.deviceservice.database.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Makes one event of each resource's events that are older than is kept: its state then, under the
 * version and the time of the last of them. What is registered, and versions, stay as they are;
 * what a resource was before cannot be told any more.
 */
final class HistoryCompaction {

    /** In one transaction; what is left is for the next. */
    static final int MOST_RESOURCES = 10_000;

    /** The versions up to which all events of a resource are older, where those are several. */
    private static final String FIND =
            "CREATE TEMPORARY TABLE compacted ON COMMIT DROP AS"
                    + " SELECT resource_type, resource_id, max(resource_version) AS resource_version"
                    + " FROM (SELECT resource_type, resource_id, resource_version,"
                    + " bool_and(committed_at < clock_timestamp() - make_interval(secs => %d))"
                    + " OVER (PARTITION BY resource_type, resource_id ORDER BY resource_version) AS is_old"
                    + " FROM registry_events JOIN registry_changes USING (change_id)) AS events"
                    + " WHERE is_old GROUP BY resource_type, resource_id HAVING count(*) > 1 LIMIT %d";

    /** Before the events go of which the last says when, and by whom. */
    private static final String FOLD =
            "CREATE TEMPORARY TABLE compacted_last ON COMMIT DROP AS"
                    + " SELECT event.*, (SELECT registry_state(step ORDER BY resource_version)"
                    + " FROM registry_steps AS each WHERE each.resource_type = event.resource_type"
                    + " AND each.resource_id = event.resource_id"
                    + " AND each.resource_version <= event.resource_version) AS state"
                    + " FROM registry_events AS event JOIN compacted"
                    + " USING (resource_type, resource_id, resource_version)";

    private static final String DELETE =
            "DELETE FROM registry_events AS event USING compacted"
                    + " WHERE event.resource_type = compacted.resource_type"
                    + " AND event.resource_id = compacted.resource_id"
                    + " AND event.resource_version <= compacted.resource_version";

    private static final String INSERT =
            "INSERT INTO registry_events SELECT resource_type, resource_id, resource_version,"
                    + " organization_id, change_id, 'compacted', NULL, NULL, state, event_time,"
                    + " changed_by FROM compacted_last";

    private static final String FORGET =
            "DELETE FROM registry_changes AS change"
                    + " WHERE committed_at < clock_timestamp() - make_interval(secs => ?)"
                    + " AND NOT EXISTS (SELECT FROM registry_events AS event"
                    + " WHERE event.change_id = change.change_id)";

    private HistoryCompaction() {}

    /** Compacts what is older, and returns how many resources' histories are shorter now. */
    static long compactSome(Connection connection, Duration retention) throws SQLException {
        Sql.query(connection, row -> row, "SELECT set_config('ponix.compacting', 'on', true)");
        long resources =
                Sql.update(connection, FIND.formatted(retention.toSeconds(), MOST_RESOURCES));
        if (resources > 0) {
            Sql.update(connection, FOLD);
            Sql.update(connection, DELETE);
            Sql.update(connection, INSERT);
            Sql.update(connection, FORGET, (double) retention.toSeconds());
        }
        return resources;
    }
}
