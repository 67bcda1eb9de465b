package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The replication slots of Postgres. Each keeps the server from removing the log that its reader
 * has not confirmed: with a job that is stopped for long, or gone for good, the log fills the disk.
 */
public final class ReplicationSlots {

    private static final String TIMEOUT_SECONDS = "5";

    private final PostgresSettings settings;

    public ReplicationSlots(StackAddresses addresses) {
        settings =
                addresses
                        .postgres()
                        .as("ponix")
                        .withDriverProperty("connectTimeout", TIMEOUT_SECONDS)
                        .withDriverProperty("socketTimeout", TIMEOUT_SECONDS);
    }

    /**
     * A slot.
     *
     * @param name its name
     * @param isRead whether somebody reads from it now
     * @param kept bytes of the log that the server keeps for it
     * @param lost whether the server has removed log that it needs
     */
    public record Slot(String name, boolean isRead, long kept, boolean lost) {

        private static final long LARGE = 256_000_000;

        /** What somebody has to do about it; nothing for most. */
        public Optional<String> warning() {
            if (lost) {
                return Optional.of(
                        "replication slot %s is lost: Postgres has removed log that was not read (max_slot_wal_keep_size)"
                                .formatted(name));
            }
            if (kept < LARGE) {
                return Optional.empty();
            }
            return Optional.of(
                    isRead
                            ? "the reader of replication slot %s is %s behind"
                                    .formatted(name, DiskForecast.size(kept))
                            : "nobody reads replication slot %s, for which Postgres keeps %s of its log, more with each change: start what reads it, or drop it"
                                    .formatted(name, DiskForecast.size(kept)));
        }

        @Override
        public String toString() {
            return "replication slot %s, %s, keeps %s of the log"
                    .formatted(name, isRead ? "read" : "not read now", DiskForecast.size(kept));
        }
    }

    /**
     * The server's slots, by name.
     *
     * @throws CommandException if Postgres cannot be asked
     */
    public List<Slot> all() {
        List<Slot> slots = new ArrayList<>();
        try (Connection connection = settings.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT slot_name, active, coalesce(pg_wal_lsn_diff("
                                        + "pg_current_wal_lsn(), restart_lsn), 0)::bigint,"
                                        + " coalesce(wal_status, '') = 'lost'"
                                        + " FROM pg_replication_slots ORDER BY slot_name")) {
            while (row.next()) {
                slots.add(
                        new Slot(
                                row.getString(1),
                                row.getBoolean(2),
                                row.getLong(3),
                                row.getBoolean(4)));
            }
            return slots;
        } catch (SQLException e) {
            throw new CommandException(
                    "Postgres does not describe its replication slots (see "
                            + settings.toBlame(e).stream()
                                    .map(PostgresVariable::variable)
                                    .collect(Collectors.joining(", "))
                            + "): "
                            + e.getMessage(),
                    e);
        }
    }
}
