package io.ponix.deviceservice.snapshot;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Restoration;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tables {@code registry_snapshots} and {@code registry_snapshot_entries}. Where an
 * organization is given to look for, snapshots of others, and of all, are not found; an empty one
 * stands for any.
 */
public final class SnapshotRepository {

    static final Column TYPE = text("resource_type");
    static final Column ID = text("resource_id");
    static final Column ORGANIZATION_ID = text("organization_id");
    static final Column VERSION = text("resource_version");
    static final Column STATE = text("state");

    private static final Column SNAPSHOT_ID = text("snapshot_id");
    private static final Column NAME = text("name");
    private static final Column ORIGIN = text("origin");
    private static final Column CREATED_BY = text("created_by");
    private static final Column ENTRY_COUNT = text("entry_count");
    private static final Column IS_COMPLETE = text("is_complete");

    private static final DateTimeFormatter NAME_OF_TIME =
            DateTimeFormatter.ofPattern("'snapshot-'yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private static final String SELECT = "SELECT * FROM registry_snapshots";

    private static final String OF_THE_CALLER = " AND ? IN ('', coalesce(organization_id, ''))";

    /** What is in a snapshot of now: one statement, and so one moment. */
    private static final String KEEP =
            Stream.of(RegisteredKind.values())
                    .map(
                            kind ->
                                    ("SELECT ?::text, '%s', %s, %s, revision,"
                                                    + " to_jsonb(registered) - '{version,revision,gateway_keys}'::text[]"
                                                    + " FROM %s AS registered WHERE ? IN ('', %s)%s")
                                            .formatted(
                                                    kind.type(),
                                                    kind.id(),
                                                    kind.organization(),
                                                    kind.table(),
                                                    kind.organization(),
                                                    kind.marksDeleted()
                                                            ? " AND deleted_at IS NULL"
                                                            : ""))
                    .collect(
                            Collectors.joining(
                                    " UNION ALL ", "INSERT INTO registry_snapshot_entries ", ""));

    private SnapshotRepository() {}

    private static Column text(String name) {
        return new Column(name, name, "?");
    }

    /** Why there is a snapshot, as its row says. */
    enum Origin {
        MANUAL,
        SCHEDULED,
        BEFORE_RESTORE,
        IMPORTED;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A snapshot, without what is in it.
     *
     * @param organizationId empty: of all
     * @param isComplete whether no more of an import is to come
     */
    record SnapshotRow(
            String snapshotId,
            String name,
            String organizationId,
            Origin origin,
            Instant createdAt,
            String createdBy,
            long entryCount,
            boolean isComplete) {

        static SnapshotRow read(Row<SQLException> row) throws SQLException {
            return new SnapshotRow(
                    row.text(SNAPSHOT_ID),
                    row.text(NAME),
                    row.text(ORGANIZATION_ID),
                    Origin.valueOf(row.text(ORIGIN).toUpperCase(Locale.ROOT)),
                    row.time(RowColumns.CREATED_AT),
                    row.text(CREATED_BY),
                    row.number(ENTRY_COUNT),
                    row.text(IS_COMPLETE).equals("t"));
        }
    }

    /** A resource in a snapshot. */
    record Entry(
            String resourceType,
            String resourceId,
            String organizationId,
            long resourceVersion,
            String state) {

        static Entry read(Row<SQLException> row) throws SQLException {
            return new Entry(
                    row.text(TYPE),
                    row.text(ID),
                    row.text(ORGANIZATION_ID),
                    row.number(VERSION),
                    row.text(STATE));
        }
    }

    /** Adds a snapshot with nothing in it. */
    static void add(Connection connection, SnapshotRow snapshot) throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO registry_snapshots (snapshot_id, name, organization_id, origin,"
                        + " created_at, created_by)"
                        + " VALUES (?, ?, NULLIF(?, ''), ?, ?, NULLIF(?, ''))",
                snapshot.snapshotId(),
                snapshot.name().isEmpty()
                        ? NAME_OF_TIME.format(snapshot.createdAt())
                        : snapshot.name(),
                snapshot.organizationId(),
                snapshot.origin().text(),
                snapshot.createdAt(),
                snapshot.createdBy());
    }

    /** Adds a snapshot of what is registered now. */
    static void keep(Connection connection, SnapshotRow snapshot) throws SQLException {
        add(connection, snapshot);
        Object[] parameters = new Object[2 * RegisteredKind.values().length];
        for (int i = 0; i < parameters.length; i += 2) {
            parameters[i] = snapshot.snapshotId();
            parameters[i + 1] = snapshot.organizationId();
        }
        int entries = Database.longer(connection, longer -> Sql.update(longer, KEEP, parameters));
        count(connection, snapshot.snapshotId(), entries, true);
    }

    private static void count(Connection connection, String id, int more, boolean isComplete)
            throws SQLException {
        Sql.update(
                connection,
                "UPDATE registry_snapshots SET entry_count = entry_count + ?, is_complete = ?"
                        + " WHERE snapshot_id = ?",
                more,
                isComplete,
                id);
    }

    /**
     * Returns the snapshot, or empty when there is none.
     *
     * @param lock keeps it from being deleted until the transaction ends
     */
    static Optional<SnapshotRow> find(
            Connection connection, String id, String organizationId, boolean lock)
            throws SQLException {
        return Sql.query(
                        connection,
                        SnapshotRow::read,
                        SELECT
                                + " WHERE snapshot_id = ?"
                                + OF_THE_CALLER
                                + (lock ? " FOR KEY SHARE" : ""),
                        id,
                        organizationId)
                .stream()
                .findFirst();
    }

    /**
     * Returns snapshots, newest first, as far as they are asked for.
     *
     * @param organizationId the only one of which they are; empty: all
     */
    static List<SnapshotRow> list(Connection connection, String organizationId, Paging paging)
            throws SQLException {
        return Sql.newestFirst(
                connection,
                SnapshotRow::read,
                SELECT + " WHERE true" + OF_THE_CALLER,
                List.of(organizationId),
                SNAPSHOT_ID,
                paging);
    }

    /** Deletes the snapshot and returns true, or returns false when there is none. */
    static boolean delete(Connection connection, String id, String organizationId)
            throws SQLException {
        return deleted(
                        connection,
                        "DELETE FROM registry_snapshots WHERE snapshot_id = ?" + OF_THE_CALLER,
                        id,
                        organizationId)
                == 1;
    }

    /** What is in them goes with them. */
    private static int deleted(Connection connection, String sql, Object... parameters)
            throws SQLException {
        return Database.longer(connection, longer -> Sql.update(longer, sql, parameters));
    }

    /**
     * Passes on what is in a snapshot after an entry, by type and id, until no more is wanted. In a
     * transaction only some of it is in memory.
     */
    static void entries(
            Connection connection,
            String id,
            String afterType,
            String afterId,
            int limit,
            Predicate<Entry> taker)
            throws SQLException {
        Sql.each(
                connection,
                row -> taker.test(Entry.read(row)),
                "SELECT * FROM registry_snapshot_entries WHERE snapshot_id = ?"
                        + " AND (resource_type, resource_id) > (?, ?)"
                        + " ORDER BY resource_type, resource_id LIMIT ?",
                id,
                afterType,
                afterId,
                limit);
    }

    /**
     * Adds entries to a snapshot.
     *
     * @param isComplete whether no more are to come
     * @throws RequestException INVALID_ARGUMENT when one is there already, or its state is none
     */
    static void addEntries(
            Connection connection, String id, List<Entry> entries, boolean isComplete)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO registry_snapshot_entries VALUES (?, ?, ?, ?, ?, ?::jsonb)")) {
            for (Entry entry : entries) {
                statement.setString(1, id);
                statement.setString(2, entry.resourceType());
                statement.setString(3, entry.resourceId());
                statement.setString(4, entry.organizationId());
                statement.setLong(5, entry.resourceVersion());
                statement.setString(6, entry.state());
                statement.addBatch();
            }
            statement.executeBatch();
            count(connection, id, entries.size(), isComplete);
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            if (state.equals("23505")) {
                throw RequestException.invalidArgument(
                        "entries", "A resource is in the snapshot twice: " + e.getMessage());
            }
            if (state.equals("23514") || state.startsWith("22")) {
                throw RequestException.invalidArgument(
                        "entries", "A state_json is not a JSON object: " + e.getMessage());
            }
            throw e;
        }
    }

    /**
     * Puts what is in a snapshot, or what of it is of an organization, where it is restored from.
     */
    static void want(Connection connection, String id, String organizationId) throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO "
                        + Restoration.WANTED
                        + " SELECT resource_type, resource_id, organization_id, state"
                        + " FROM registry_snapshot_entries WHERE snapshot_id = ?"
                        + " AND ? IN ('', organization_id)",
                id,
                organizationId);
    }

    /**
     * Deletes the scheduled snapshots that are older, and returns how many. Those that somebody
     * made, and those before something was restored, stay.
     */
    static int deleteOlder(Connection connection, Duration age) throws SQLException {
        return deleted(
                connection,
                "DELETE FROM registry_snapshots WHERE origin = 'scheduled'"
                        + " AND created_at < clock_timestamp() - make_interval(secs => ?)",
                (double) age.toSeconds());
    }

    /** Deletes all scheduled snapshots but so many of the newest, and returns how many. */
    static int deleteAllBut(Connection connection, int kept) throws SQLException {
        return deleted(
                connection,
                "DELETE FROM registry_snapshots WHERE snapshot_id IN ("
                        + "SELECT snapshot_id FROM registry_snapshots WHERE origin = 'scheduled'"
                        + " ORDER BY created_at DESC, snapshot_id DESC OFFSET ?)",
                kept);
    }

    /** What a restoration has done, or would: the events of its change, one for each resource. */
    record Outcome(
            String resourceType,
            String resourceId,
            String organizationId,
            long resourceVersion,
            String eventType,
            List<String> fields) {}

    // As a subquery: a volatile function would be called for each event that there is.

    /** Returns what the transaction has come to so far, by type and id. */
    static List<Outcome> outcomes(Connection connection, int limit) throws SQLException {
        Column event = text("event_type");
        Column fields = text("fields");
        return Sql.query(
                connection,
                row ->
                        new Outcome(
                                row.text(TYPE),
                                row.text(ID),
                                row.text(ORGANIZATION_ID),
                                row.number(VERSION),
                                row.text(event),
                                row.text(fields).isEmpty()
                                        ? List.of()
                                        : List.of(row.text(fields).split(","))),
                "SELECT resource_type, resource_id, organization_id, resource_version, event_type,"
                        + " CASE WHEN event_type = 'restored' AND was ->> 'deleted_at' IS NULL THEN"
                        + " (SELECT string_agg(key, ',' ORDER BY key) FROM jsonb_each(is_now)"
                        + " WHERE key NOT IN ('updated_at', 'updated_by')"
                        + " AND (was -> key)::text IS DISTINCT FROM value::text) END AS fields"
                        + " FROM (SELECT resource_type, resource_id, min(organization_id) AS organization_id,"
                        + " max(resource_version) AS resource_version,"
                        + " (array_agg(event_type ORDER BY resource_version DESC))[1] AS event_type,"
                        + " (array_agg(old_value ORDER BY resource_version))[1] AS was,"
                        + " (array_agg(new_value ORDER BY resource_version DESC))[1] AS is_now"
                        + " FROM registry_events JOIN (SELECT resource_type, resource_id"
                        + " FROM registry_events WHERE change_id = (SELECT registry_change_id())"
                        + " GROUP BY resource_type, resource_id"
                        + " ORDER BY resource_type COLLATE \"C\", resource_id COLLATE \"C\" LIMIT ?)"
                        + " AS shown USING (resource_type, resource_id)"
                        + " WHERE change_id = (SELECT registry_change_id())"
                        + " GROUP BY resource_type, resource_id) AS resources"
                        + " ORDER BY resource_type COLLATE \"C\", resource_id COLLATE \"C\"",
                limit);
    }

    /** Returns how many resources the transaction has changed so far. */
    static long outcomeCount(Connection connection) throws SQLException {
        Column count = text("resource_count");
        return Sql.query(
                        connection,
                        row -> row.number(count),
                        "SELECT count(*) AS resource_count FROM (SELECT DISTINCT resource_type, resource_id"
                                + " FROM registry_events WHERE change_id = (SELECT registry_change_id())) AS resources")
                .get(0);
    }

    /** When a snapshot was last made by schedule. */
    static Optional<Instant> lastScheduled(Connection connection) throws SQLException {
        return Sql.query(
                        connection,
                        row -> Optional.ofNullable(row.time(RowColumns.CREATED_AT)),
                        "SELECT max(created_at) AS created_at FROM registry_snapshots"
                                + " WHERE origin = 'scheduled'")
                .get(0);
    }

    /** The message that no snapshot has this id. */
    static RequestException notFound(String id) {
        return RequestException.notFound("Snapshot not found: " + id)
                .because("SNAPSHOT_NOT_FOUND", Map.of("snapshot_id", id));
    }
}
