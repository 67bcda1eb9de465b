package io.ponix.connector.postgres.cdc.slot;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A replication slot as {@code pg_replication_slots} shows it, with the end of the server's log at
 * the same moment.
 *
 * @param name of the slot
 * @param plugin output plugin; null for a physical slot
 * @param database the database of a logical slot; null for a physical one
 * @param active whether a connection streams from it
 * @param activePid process of that connection; 0 if there is none
 * @param lost whether WAL that the slot still needs has been removed
 * @param invalidationReason why, where the server says so (from Postgres 17); otherwise null
 * @param failover whether standbys keep a copy of it; null where the server has no such slots
 *     (before Postgres 17)
 * @param awaitedByStandby whether a standby cannot begin its copy: the slot still needs what that
 *     standby does not have, until more of it is confirmed
 * @param confirmedPosition everything before it was confirmed by the consumer; null while the slot
 *     is being created
 * @param serverPosition end of the server's write-ahead log
 * @param serverTimeline the timeline of that log, from 1; 0 for a standby
 * @param unconfirmedBytes WAL between the confirmed position and the end; -1 where not known
 * @param retainedBytes WAL the server keeps because of the slot; -1 where not known
 */
@PublicEvolving
public record ReplicationSlot(
        String name,
        String plugin,
        String database,
        boolean active,
        int activePid,
        boolean lost,
        String invalidationReason,
        Boolean failover,
        boolean awaitedByStandby,
        WalPosition confirmedPosition,
        WalPosition serverPosition,
        int serverTimeline,
        long unconfirmedBytes,
        long retainedBytes) {

    /** The output plugin this connector reads; part of Postgres itself. */
    public static final String PLUGIN = "pgoutput";

    private static final int FIRST_WITH_FAILOVER = 17;

    // The columns wal_status (13), invalidation_reason and failover (17) came later than the view:
    // through JSON an absent one is null. The name of a file of the log begins with its timeline. A
    // standby reports, with its feedback, the oldest transaction its own copies need: where that is
    // younger than what the slot needs, it has begun a copy too late for the slot, and waits.
    private static final String FIND =
            """
            SELECT s.plugin, s.database, s.active, coalesce(s.active_pid, 0), to_jsonb(s) ->> 'wal_status',
                   to_jsonb(s) ->> 'invalidation_reason', (to_jsonb(s) ->> 'failover')::boolean,
                   coalesce((to_jsonb(s) ->> 'failover')::boolean, false)
                     AND EXISTS (SELECT FROM pg_replication_slots p
                                  WHERE p.slot_type = 'physical' AND age(p.catalog_xmin) < age(s.catalog_xmin)),
                   s.confirmed_flush_lsn::text, w.lsn::text,
                   CASE WHEN w.is_standby THEN '0' ELSE left(pg_walfile_name(w.lsn), 8) END,
                   coalesce(pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn), -1),
                   coalesce(pg_wal_lsn_diff(w.lsn, s.restart_lsn), -1)
              FROM pg_replication_slots s,
                   (SELECT r.is_standby,
                           CASE WHEN r.is_standby THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn
                      FROM (SELECT pg_is_in_recovery() AS is_standby) r) w
             WHERE s.slot_name = ?
            """;

    /** The slot of that name, or empty. */
    public static Optional<ReplicationSlot> find(Connection connection, String name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String confirmed = row.getString(9);
                return Optional.of(
                        new ReplicationSlot(
                                name,
                                row.getString(1),
                                row.getString(2),
                                row.getBoolean(3),
                                row.getInt(4),
                                "lost".equals(row.getString(5)),
                                row.getString(6),
                                row.getObject(7, Boolean.class),
                                row.getBoolean(8),
                                confirmed == null ? null : WalPosition.parse(confirmed),
                                WalPosition.parse(row.getString(10)),
                                Integer.parseInt(row.getString(11), 16),
                                row.getLong(12),
                                row.getLong(13)));
            }
        }
    }

    /**
     * Creates the slot. Returns when Postgres has reached a point from which it can decode, which
     * takes as long as the longest transaction that is open at the moment of the call. An
     * interruption takes the creation back.
     *
     * <p>From Postgres 17 on it is a failover slot: a standby with {@code sync_replication_slots}
     * keeps a copy of it, from which reading can go on after the standby was promoted.
     *
     * @throws SQLException with SQLSTATE 42710 if it exists
     */
    public static void create(Connection connection, String name)
            throws SQLException, InterruptedException {
        // Unlike other statements this one may rightly take longer than any timeout of the
        // connection.
        connection.setNetworkTimeout(Runnable::run, 0);
        try (PreparedStatement statement =
                connection.prepareStatement(
                        connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_FAILOVER
                                ? "SELECT pg_create_logical_replication_slot(?, ?, failover => true)"
                                : "SELECT pg_create_logical_replication_slot(?, ?)")) {
            statement.setString(1, name);
            statement.setString(2, PLUGIN);
            // In a thread of its own, because no interruption reaches one that waits for the
            // server.
            CompletableFuture<Void> created = new CompletableFuture<>();
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    statement.execute();
                                    created.complete(null);
                                } catch (SQLException | RuntimeException e) {
                                    created.completeExceptionally(e);
                                }
                            },
                            "create-replication-slot-" + name);
            thread.setDaemon(true);
            thread.start();
            try {
                created.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof SQLException refused) {
                    throw refused;
                }
                throw new IllegalStateException(
                        "Replication slot '" + name + "' could not be created", e.getCause());
            } catch (InterruptedException e) {
                // Without this the server would go on, and keep its log for a slot nobody reads.
                statement.cancel();
                throw e;
            }
        }
    }

    /**
     * Fails unless the publication exists. It has to exist before the slot: Postgres looks it up as
     * of the moment of each change, and a slot older than its publication cannot be read.
     */
    public static void requirePublication(
            PostgresSettings connectionConfig, Connection connection, String publication)
            throws SQLException {
        if (!publicationExists(connection, publication)) {
            throw new PostgresCdcException(
                    Problem.PUBLICATION_MISSING,
                    String.format(
                            "Publication '%1$s' does not exist on %2$s. It belongs to the database's schema and this source"
                                    + " never creates it: run the schema migrations that contain CREATE PUBLICATION %1$s FOR"
                                    + " TABLE ..., or configure the name of an existing one.",
                            publication, connectionConfig.address()));
        }
    }

    /** Whether there is a publication of that name. */
    public static boolean publicationExists(Connection connection, String publication)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_publication WHERE pubname = ?")) {
            statement.setString(1, publication);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * Whether streaming can begin: a slot that is still being created has no confirmed position.
     */
    public boolean isReady() {
        return confirmedPosition != null;
    }

    /** Fails if the slot can never be streamed from. */
    public void requireUsable(PostgresSettings connectionConfig) {
        if (!PLUGIN.equals(plugin) || !Objects.equals(database, connectionConfig.database())) {
            throw new PostgresCdcException(
                    Problem.SLOT_NOT_USABLE,
                    String.format(
                            "Replication slot '%s' on %s cannot be used: it is %s, but a logical slot of the plugin %s in database"
                                    + " '%s' is needed. Configure another slot name.",
                            name,
                            connectionConfig.address(),
                            plugin == null
                                    ? "a physical slot"
                                    : "a slot of the plugin "
                                            + plugin
                                            + " in database '"
                                            + database
                                            + "'",
                            PLUGIN,
                            connectionConfig.database()));
        }
        if (lost || invalidationReason != null) {
            throw new PostgresCdcException(
                    Problem.SLOT_INVALIDATED,
                    String.format(
                            "Replication slot '%1$s' on %2$s has been invalidated%3$s: the server removed log that was not read yet,"
                                    + " so changes are lost. Drop it (SELECT pg_drop_replication_slot('%1$s')) and start the job without"
                                    + " state, or with resnapshot, so that tables are loaded again; to prevent it, raise max_slot_wal_keep_size%4$s.",
                            name,
                            connectionConfig.address(),
                            invalidationReason == null ? "" : " (" + invalidationReason + ")",
                            "idle_timeout".equals(invalidationReason)
                                    ? " and idle_replication_slot_timeout"
                                    : ""));
        }
    }

    /**
     * Fails if streaming from the slot would not continue exactly at the position.
     *
     * @param position up to where changes were read
     */
    public void requireContinues(PostgresSettings connectionConfig, WalPosition position) {
        if (isReady() && confirmedPosition.isAfter(position)) {
            throw new PostgresCdcException(
                    Problem.SLOT_AHEAD_OF_STATE,
                    String.format(
                            "Replication slot '%1$s' on %2$s is confirmed up to %3$s, beyond the restored state at %4$s: changes in"
                                    + " between can no longer be read. The state is older than the job's last checkpoint (or the slot was"
                                    + " used by something else). Restore the newest checkpoint or savepoint; if there is none, start the"
                                    + " job without state, or with resnapshot, so that tables are loaded again. To be able to restore older ones, raise"
                                    + " restorableWalBytes.",
                            name, connectionConfig.address(), confirmedPosition, position));
        }
        if (position.isAfter(serverPosition)) {
            throw new PostgresCdcException(
                    Problem.STATE_AHEAD_OF_SERVER,
                    String.format(
                            "The restored state continues at %s, but the log of Postgres at %s ends at %s: this is not the server the"
                                    + " state was taken from, a standby was promoted that had not received all of it, or a backup was restored. Start the job without state, or with resnapshot, so"
                                    + " that tables are loaded again, after dropping the slot: SELECT pg_drop_replication_slot('%s').",
                            position, connectionConfig.address(), serverPosition, name));
        }
    }

    /**
     * Fails if what was read up to the position is not what this server's log has there: a standby
     * that had not received all of it was promoted.
     *
     * @param position up to where changes were read
     * @param timeline of the log they were read from; 0 if that is not known, as of states of
     *     earlier releases: then nothing is compared
     * @throws SQLException with SQLSTATE 57P03 if the server is one that was failed over from, and
     *     came back
     */
    public void requireSameHistory(
            PostgresSettings connectionConfig, WalPosition position, int timeline)
            throws SQLException {
        if (timeline == 0 || timeline == serverTimeline) {
            return;
        }
        if (timeline > serverTimeline) {
            throw new SQLException(
                    String.format(
                            "Postgres at %s is on timeline %d, but another server was promoted since, whose timeline %d was read:"
                                    + " stop this one",
                            connectionConfig.address(), serverTimeline, timeline),
                    PostgresErrors.CANNOT_CONNECT_NOW);
        }
        WalPosition end =
                TimelineHistory.read(connectionConfig, serverTimeline).endOf(timeline).orElse(null);
        if (end == null || position.isAfter(end)) {
            throw new PostgresCdcException(
                    Problem.STATE_AHEAD_OF_SERVER,
                    String.format(
                            "Changes were read up to %s, but Postgres at %s goes on from %s of what was read (its timeline is %d, that"
                                    + " one was %d): a standby was promoted that had not received them, or a backup was restored. Changes may"
                                    + " be missing from here on: start the job without state, or with resnapshot, so that tables are loaded again. To"
                                    + " prevent it, name the slot of the standby in synchronized_standby_slots of the primary.",
                            position,
                            connectionConfig.address(),
                            end == null ? "an earlier part" : end,
                            serverTimeline,
                            timeline));
        }
    }

    /**
     * Has standbys keep a copy of a slot that was created without. It must not be in use; from
     * Postgres 17 on.
     *
     * @throws SQLException with SQLSTATE 55006 if it is in use
     */
    public static void enableFailover(PostgresSettings connectionConfig, String name)
            throws SQLException {
        try (Connection connection = connectionConfig.connectForReplication();
                Statement statement = connection.createStatement()) {
            statement.execute(failoverCommand(name));
        }
    }

    /** What {@link #enableFailover} does, for a person: a command of the replication protocol. */
    public static String failoverCommand(String name) {
        return "ALTER_REPLICATION_SLOT " + name + " (FAILOVER true)";
    }

    /** The error for a slot that is gone while its consumer has a position in it. */
    public static PostgresCdcException missing(
            PostgresSettings connectionConfig, String name, WalPosition position) {
        return new PostgresCdcException(
                Problem.SLOT_MISSING,
                String.format(
                        "Replication slot '%s' does not exist on %s, but the job's state continues from %s. Someone dropped it, a standby was"
                                + " promoted that had no copy of it, or this is another server. It is not recreated, because changes made meanwhile would be lost without notice: start"
                                + " the job without state, or with resnapshot (both create the slot, and tables are loaded again).",
                        name,
                        connectionConfig.address(),
                        position == null ? "an earlier one" : "position " + position));
    }

    /** The error for a slot that stays in use by another connection. */
    public static PostgresCdcException activeElsewhere(
            PostgresSettings connectionConfig, String name, String waited, Throwable cause) {
        return new PostgresCdcException(
                Problem.SLOT_ACTIVE_ELSEWHERE,
                String.format(
                        "Replication slot '%s' on %s is in use by another connection, for %s now: %s. Two jobs cannot share a slot:"
                                + " stop the other one or give this one its own slot name. If it is a connection left over by a lost machine,"
                                + " Postgres frees the slot after wal_sender_timeout, or at once with SELECT pg_terminate_backend(pid).",
                        name, connectionConfig.address(), waited, PostgresErrors.messageOf(cause)),
                cause);
    }
}
