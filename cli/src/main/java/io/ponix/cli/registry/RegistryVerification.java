package io.ponix.cli.registry;

import io.ponix.cli.program.CommandException;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.HostRow;
import io.ponix.registry.OrganizationRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Consumer;

/**
 * Compares the rows of what is registered with what their events add up to, as of one moment.
 * Postgres does it; of what differs only a few are in memory here.
 */
public final class RegistryVerification {

    private static final String UNDEFINED_TABLE = "42P01";

    /** How many differences are read at once. */
    private static final int AT_ONCE = 1_000;

    private static final List<Registered> ALL =
            List.of(
                    new Registered(
                            "organization", OrganizationRow.TABLE, OrganizationRow.ID.name()),
                    new Registered("end_device", EndDeviceRow.TABLE, EndDeviceRow.DEVICE_ID.name()),
                    new Registered(
                            "end_device_definition",
                            EndDeviceDefinitionRow.TABLE,
                            EndDeviceDefinitionRow.ID.name()),
                    new Registered("gateway", GatewayRow.TABLE, GatewayRow.GATEWAY_ID.name()),
                    new Registered("host", HostRow.TABLE, HostRow.HOST_ID.name()));

    private final PostgresSettings database;

    /** Compares in a database, to which it connects when it does. */
    public RegistryVerification(PostgresSettings database) {
        this.database = database.as("ponix-registry-verify");
    }

    /**
     * A row and its events say different things.
     *
     * @param field the column, or in parentheses what else it is about
     * @param inRow what the row has, the first 200 characters
     * @param inEvents what the events say, likewise
     */
    public record Difference(String type, String id, String field, String inRow, String inEvents) {}

    /** What was compared. */
    public record Extent(long rows, long events, long differences, long differing) {

        private Extent plus(Extent other) {
            return new Extent(
                    rows + other.rows,
                    events + other.events,
                    differences + other.differences,
                    differing + other.differing);
        }
    }

    /**
     * Compares everything.
     *
     * @param found is given each difference: by type, then by id
     * @throws CommandException when the database cannot be asked, or keeps no history
     */
    public Extent run(Consumer<Difference> found) {
        try (Connection connection = database.connect()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            Extent extent = new Extent(0, 0, 0, 0);
            for (Registered each : ALL) {
                extent = extent.plus(each.compare(connection, found));
            }
            return extent;
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState())) {
                throw new CommandException(
                        "the database at "
                                + database.address()
                                + " keeps no history yet: ./ponix migrate up postgres",
                        e);
            }
            throw new CommandException(
                    "cannot compare the registry in Postgres at "
                            + database.address()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * A kind of what is registered.
     *
     * @param type as events have it
     * @param id the column
     */
    private record Registered(String type, String table, String id) {

        Extent compare(Connection connection, Consumer<Difference> found) throws SQLException {
            long differences = 0;
            long differing = 0;
            String last = null;
            try (PreparedStatement statement = connection.prepareStatement(differences())) {
                statement.setString(1, type);
                statement.setFetchSize(AT_ONCE);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        Difference difference =
                                new Difference(
                                        type,
                                        rows.getString(1),
                                        rows.getString(2),
                                        rows.getString(3),
                                        rows.getString(4));
                        differences++;
                        if (!difference.id().equals(last)) {
                            differing++;
                            last = difference.id();
                        }
                        found.accept(difference);
                    }
                }
            }
            return new Extent(
                    count(connection, "SELECT count(*) FROM " + table),
                    count(
                            connection,
                            "SELECT count(*) FROM registry_events WHERE resource_type = '"
                                    + type
                                    + "'"),
                    differences,
                    differing);
        }

        private static long count(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
            }
        }

        /**
         * What the events say is read back through the table's type, so that a time written in
         * another zone is the same one. Columns that no event tells of are newer than they are.
         */
        private String differences() {
            return """
                    WITH folded AS (
                        SELECT resource_id, min(resource_version) AS first_version,
                            max(resource_version) AS last_version, count(*) AS events,
                            min(resource_version) FILTER (WHERE event_type = 'compacted') AS compacted_version,
                            registry_state(step ORDER BY resource_version) AS state
                        FROM registry_steps WHERE resource_type = ? GROUP BY resource_id),
                    compared AS (
                        SELECT coalesce(kept.%2$s, folded.resource_id) AS id, kept.%2$s IS NOT NULL AS has_row,
                            to_jsonb(kept) AS in_row, kept.revision, folded.*,
                            to_jsonb(jsonb_populate_record(NULL::%1$s, state)) AS in_events
                        FROM %1$s AS kept FULL JOIN folded ON kept.%2$s = folded.resource_id)
                    SELECT id, difference.field, left(difference.in_row, 200), left(difference.in_events, 200)
                    FROM compared CROSS JOIN LATERAL (
                        SELECT '(events)' AS field, 'a row' AS in_row, 'no event' AS in_events
                            WHERE resource_id IS NULL
                        UNION ALL SELECT '(row)', 'no row', 'not deleted'
                            WHERE NOT has_row AND state ->> 'deleted_at' IS NULL
                        UNION ALL SELECT '(row)', 'a row', 'deleted'
                            WHERE has_row AND state ->> 'deleted_at' IS NOT NULL AND NOT in_row ?? 'deleted_at'
                        UNION ALL SELECT '(versions)', NULL, format('%%s events of the versions %%s to %%s', events, first_version, last_version)
                            WHERE last_version - first_version + 1 <> events
                                OR first_version <> 1 AND compacted_version IS DISTINCT FROM first_version
                        UNION ALL SELECT 'revision', revision::text, last_version::text
                            WHERE has_row AND revision <> last_version
                        UNION ALL SELECT each.key, (in_row -> each.key)::text, each.value::text
                            FROM jsonb_each(in_events) AS each
                            WHERE has_row AND state ?? each.key AND in_row ?? each.key
                                AND each.key NOT IN ('version', 'revision')
                                AND (in_row -> each.key)::text <> each.value::text) AS difference
                    ORDER BY id COLLATE "C", difference.field COLLATE "C"
                    """
                    .formatted(table, id);
        }
    }
}
