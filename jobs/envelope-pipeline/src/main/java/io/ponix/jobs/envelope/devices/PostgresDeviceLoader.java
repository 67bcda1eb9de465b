package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.slot.PostgresErrors;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlotAwaiter;
import io.ponix.jobs.retry.Backoff;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.ResultSetRow;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads devices, definitions and organizations from Postgres by SQL, once the replication slot
 * exists: what is committed from then on reaches the operator through the slot, what was committed
 * before is in the tables, and what is in both is told apart by its version. Rows are read through
 * a cursor, {@value #FETCH_ROWS} at a time, in one snapshot of all tables.
 */
public final class PostgresDeviceLoader implements DeviceLoader {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(PostgresDeviceLoader.class);

    private static final int FETCH_ROWS = 5_000;
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);

    private final PostgresSettings connectionConfig;
    private final String slotName;
    private final String publicationName;
    private final List<PublishedTable> publishedTables;
    private final Duration startupTimeout;

    /**
     * @param connectionConfig the database
     * @param slotName the slot that the job's change source creates
     * @param publicationName the publication that the change source reads
     * @param publishedTables what that source watches, whose states are compared with this one's
     * @param startupTimeout how long {@link #load} waits for it, and for Postgres to answer
     */
    public PostgresDeviceLoader(
            PostgresSettings connectionConfig,
            String slotName,
            String publicationName,
            List<PublishedTable> publishedTables,
            Duration startupTimeout) {
        this.connectionConfig = requireNonNull(connectionConfig, "connectionConfig");
        this.slotName = requireNonNull(slotName, "slotName");
        this.publicationName = requireNonNull(publicationName, "publicationName");
        this.publishedTables = List.copyOf(publishedTables);
        this.startupTimeout = requireNonNull(startupTimeout, "startupTimeout");
    }

    @Override
    public String load(Target target) throws Exception {
        long deadline = System.nanoTime() + startupTimeout.toNanos();
        Backoff backoff = new Backoff();
        while (true) {
            long left = Math.max(0, deadline - System.nanoTime());
            ReplicationSlotAwaiter.await(connectionConfig, slotName, Duration.ofNanos(left));
            try {
                String published = published();
                select(null, new LoggedTarget(target));
                return published;
            } catch (SQLException e) {
                if (!mayPass(e) || System.nanoTime() - deadline >= 0) {
                    throw unreadable(e);
                }
                LOG.warn(
                        "Loading the devices from {} was interrupted; beginning again in {} ms: {}",
                        connectionConfig.address(),
                        backoff.nextPause().toMillis(),
                        e.getMessage());
                backoff.pause();
            }
        }
    }

    @Override
    public List<DeviceChange> lookUp(Set<DeviceName> devices) throws Exception {
        // Postgres' text cannot hold the character, so no device has it in its name; asked for, the
        // query would fail.
        List<DeviceName> possible =
                devices.stream()
                        .filter(name -> !hasNul(name.id()) && !hasNul(name.organizationId()))
                        .toList();
        Backoff backoff = new Backoff();
        while (true) {
            try {
                List<DeviceChange> found = new ArrayList<>();
                select(possible, found::add);
                return found;
            } catch (SQLException e) {
                if (!mayPass(e)) {
                    throw unreadable(e);
                }
                LOG.warn(
                        "{} unknown devices cannot be looked up on {}; trying again in {} ms: {}",
                        possible.size(),
                        connectionConfig.address(),
                        backoff.nextPause().toMillis(),
                        e.getMessage());
                backoff.pause();
            }
        }
    }

    private static boolean hasNul(String text) {
        return text != null && text.indexOf('\0') >= 0;
    }

    private String published() throws SQLException {
        try (Connection connection = connectionConfig.connect()) {
            return PublicationState.observe(connection, publicationName, publishedTables)
                    .fingerprint();
        }
    }

    private static boolean mayPass(SQLException error) {
        return PostgresErrors.classify(error) != PostgresErrors.Kind.PERMANENT;
    }

    private SQLException unreadable(SQLException error) {
        return new SQLException(
                "Cannot load the devices from "
                        + connectionConfig
                        + ": "
                        + error.getMessage()
                        + ". If a table or column is missing, run the Postgres migrations.",
                error.getSQLState(),
                error);
    }

    /**
     * @param devices null for all
     */
    private void select(List<DeviceName> devices, Target target) throws Exception {
        try (Connection connection = connectionConfig.connect()) {
            // One snapshot, so that no device is seen without its organization or definition; a
            // cursor needs a transaction.
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            for (RegistryTable table : RegistryTable.values()) {
                select(connection, table, devices, target);
            }
            connection.commit();
        }
    }

    private static void select(
            Connection connection, RegistryTable table, List<DeviceName> devices, Target target)
            throws Exception {
        String query =
                "SELECT "
                        + Column.select(table.columns())
                        + " FROM "
                        + table.tableName()
                        + (devices == null ? "" : " WHERE " + concernsDevices(table));
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            if (devices != null) {
                List<DeviceName> external =
                        devices.stream().filter(DeviceName::isExternal).toList();
                statement.setArray(
                        1,
                        texts(
                                connection,
                                devices.stream().filter(name -> !name.isExternal()),
                                DeviceName::id));
                statement.setArray(
                        2, texts(connection, external.stream(), DeviceName::organizationId));
                statement.setArray(3, texts(connection, external.stream(), DeviceName::id));
            }
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet rows = statement.executeQuery()) {
                Row<SQLException> row = new ResultSetRow(rows);
                while (rows.next()) {
                    target.accept(table.upserted(row));
                }
            }
        }
    }

    private static Array texts(
            Connection connection, Stream<DeviceName> names, Function<DeviceName, String> text)
            throws SQLException {
        return connection.createArrayOf("text", names.map(text).toArray(String[]::new));
    }

    /**
     * Which rows are those of some devices, or what these refer to. The parameters are the devices'
     * ids, and the organizations and external ids of others, all of them arrays. Each part finds
     * its devices by an index; one condition with OR would look at every device.
     */
    private static String concernsDevices(RegistryTable table) {
        String theseDevices =
                EndDeviceRow.DEVICE_ID
                        + " IN (SELECT unnest(?::text[]) UNION ALL SELECT "
                        + EndDeviceRow.DEVICE_ID
                        + " FROM unnest(?::text[], ?::text[]) AS named ("
                        + EndDeviceRow.ORGANIZATION_ID
                        + ", "
                        + EndDeviceRow.EXTERNAL_ID
                        + ") JOIN "
                        + EndDeviceRow.TABLE
                        + " USING ("
                        + EndDeviceRow.ORGANIZATION_ID
                        + ", "
                        + EndDeviceRow.EXTERNAL_ID
                        + ") WHERE "
                        + EndDeviceRow.TABLE
                        + "."
                        + EndDeviceRow.EXTERNAL_ID
                        + " IS NOT NULL AND "
                        + RowColumns.DELETED_AT
                        + " IS NULL)";
        return switch (table) {
            case DEVICES -> theseDevices;
            case DEFINITIONS -> table.id() + referredTo(EndDeviceRow.DEFINITION_ID, theseDevices);
            case ORGANIZATIONS ->
                    table.id() + referredTo(EndDeviceRow.ORGANIZATION_ID, theseDevices);
        };
    }

    private static String referredTo(Column column, String theseDevices) {
        return " IN (SELECT "
                + column
                + " FROM "
                + EndDeviceRow.TABLE
                + " WHERE "
                + theseDevices
                + ")";
    }

    /** Says how far loading is, where it takes long. */
    private static final class LoggedTarget implements Target {
        private final Target target;
        private long rows;
        private long nextProgress = System.nanoTime() + PROGRESS_INTERVAL.toNanos();

        LoggedTarget(Target target) {
            this.target = target;
        }

        @Override
        public void accept(DeviceChange change) throws Exception {
            target.accept(change);
            if (++rows % FETCH_ROWS == 0 && System.nanoTime() - nextProgress >= 0) {
                nextProgress += PROGRESS_INTERVAL.toNanos();
                LOG.info("Loaded {} rows of organizations, definitions and devices so far", rows);
            }
        }
    }
}
