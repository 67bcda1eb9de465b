package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

import io.ponix.connector.postgres.cdc.PostgresConnectionConfig;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlotAwaiter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Loads devices, definitions and organizations from Postgres by SQL, once the replication slot
 * exists: what is committed from then on reaches the operator through the slot, what was committed
 * before is in the tables, and what is in both is told apart by its version. Rows are read through
 * a cursor, {@value #FETCH_ROWS} at a time, in one snapshot of all tables.
 */
public final class PostgresDeviceLoader implements DeviceLoader {

    private static final long serialVersionUID = 1L;

    private static final int FETCH_ROWS = 5_000;

    private static final String SELECT_ORGANIZATIONS =
            "SELECT id, version, deleted_at IS NOT NULL FROM organizations";

    private static final String SELECT_DEFINITIONS =
            "SELECT id, name, contracts::text, version FROM end_device_definitions";

    private static final String SELECT_DEVICES =
            "SELECT device_id, organization_id, name, coalesce(payload_conversion, ''),"
                    + " coalesce(definition_id, ''), version, deleted_at IS NOT NULL FROM end_devices";

    private final PostgresConnectionConfig connectionConfig;
    private final String slotName;
    private final Duration slotTimeout;

    /**
     * @param connectionConfig the database
     * @param slotName the slot that the job's change source creates
     * @param slotTimeout how long to wait for it, and for Postgres to answer
     */
    public PostgresDeviceLoader(
            PostgresConnectionConfig connectionConfig, String slotName, Duration slotTimeout) {
        this.connectionConfig = requireNonNull(connectionConfig, "connectionConfig");
        this.slotName = requireNonNull(slotName, "slotName");
        this.slotTimeout = requireNonNull(slotTimeout, "slotTimeout");
    }

    @Override
    public void load(Target target) throws Exception {
        ReplicationSlotAwaiter.await(connectionConfig, slotName, slotTimeout);
        try (Connection connection = connectionConfig.connect()) {
            // One snapshot, so that no device is seen without its organization or definition; a
            // cursor
            // needs a transaction.
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            select(
                    connection,
                    SELECT_ORGANIZATIONS,
                    row ->
                            target.accept(
                                    DeviceChange.organizationUpserted(
                                            row.getString(1), row.getLong(2), row.getBoolean(3))));
            select(
                    connection,
                    SELECT_DEFINITIONS,
                    row ->
                            target.accept(
                                    DeviceChange.definitionUpserted(
                                            row.getString(1),
                                            row.getString(2),
                                            row.getString(3),
                                            row.getLong(4))));
            select(
                    connection,
                    SELECT_DEVICES,
                    row ->
                            target.accept(
                                    DeviceChange.deviceUpserted(
                                            row.getString(1),
                                            row.getString(2),
                                            row.getString(3),
                                            row.getString(4),
                                            row.getString(5),
                                            row.getLong(6),
                                            row.getBoolean(7))));
            connection.commit();
        } catch (SQLException e) {
            // The change source has reached the database, so the settings are right; the restart
            // strategy tries again.
            throw new SQLException(
                    "Cannot load the devices from "
                            + connectionConfig
                            + ": "
                            + e.getMessage()
                            + ". If a table or column is missing, run the Postgres migrations.",
                    e.getSQLState(),
                    e);
        }
    }

    private interface RowReader {
        void read(ResultSet row) throws Exception;
    }

    private static void select(Connection connection, String query, RowReader reader)
            throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    reader.read(rows);
                }
            }
        }
    }
}
