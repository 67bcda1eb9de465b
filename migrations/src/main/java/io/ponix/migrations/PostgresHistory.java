package io.ponix.migrations;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The record of what is applied: goose's own table {@code goose_db_version}, so that goose and this
 * runner may follow each other in any order. Two columns are ours, {@code description} and {@code
 * checksum}; goose leaves them as they are by default.
 *
 * <p>The first releases had a table {@code schema_migrations} instead. Its rows are taken over, and
 * a view of that name takes its place: a release of then, to which somebody went back, finds what
 * is applied, and what it applies or undoes is in the one record.
 */
final class PostgresHistory {

    private static final String TABLE = "goose_db_version";
    private static final String TABLE_OF_FIRST_RELEASES = "schema_migrations";

    private final Connection connection;

    private PostgresHistory(Connection connection) {
        this.connection = connection;
    }

    /** Opens the record, creating the table or taking over the old one if need be. */
    static PostgresHistory open(Connection connection) throws SQLException {
        PostgresHistory history = new PostgresHistory(connection);
        connection.setAutoCommit(false);
        try {
            history.createTable();
            history.takeOverTableOfFirstReleases();
            connection.commit();
        } catch (SQLException exception) {
            connection.rollback();
            throw exception;
        } finally {
            connection.setAutoCommit(true);
        }
        return history;
    }

    /** Returns what is recorded, oldest first, wherever it is; changes nothing. */
    static List<MigrationPlan.Recorded> read(Connection connection) throws SQLException {
        PostgresHistory history = new PostgresHistory(connection);
        if (history.hasOurColumns()) {
            return history.recorded();
        }
        List<String> sources = new ArrayList<>();
        if (history.kind(TABLE).isPresent()) {
            sources.add(
                    "SELECT version_id, '' AS description, is_applied, tstamp, NULL AS checksum, id"
                            + " FROM "
                            + TABLE);
        }
        if (history.kind(TABLE_OF_FIRST_RELEASES).isPresent()) {
            sources.add(
                    "SELECT id AS version_id, description, true AS is_applied, applied_at AS tstamp,"
                            + " NULL AS checksum, 0 AS id FROM "
                            + TABLE_OF_FIRST_RELEASES);
        }
        return sources.isEmpty()
                ? List.of()
                : history.recorded("(" + String.join(" UNION ALL ", sources) + ") AS record");
    }

    /** Returns what is recorded, oldest first. */
    List<MigrationPlan.Recorded> recorded() throws SQLException {
        return recorded(TABLE);
    }

    private List<MigrationPlan.Recorded> recorded(String source) throws SQLException {
        // The last line of a version tells: an undone one may be marked in place of deleted.
        try (Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery(
                                "SELECT DISTINCT ON (version_id) version_id, description, is_applied,"
                                        + " tstamp::timestamptz, checksum FROM "
                                        + source
                                        + " WHERE version_id > 0 ORDER BY version_id, id DESC")) {
            List<MigrationPlan.Recorded> recorded = new ArrayList<>();
            while (result.next()) {
                if (result.getBoolean(3)) {
                    recorded.add(
                            new MigrationPlan.Recorded(
                                    result.getLong(1),
                                    result.getString(2),
                                    MigrationStatus.State.APPLIED,
                                    result.getTimestamp(4).toInstant(),
                                    Optional.ofNullable(result.getString(5))));
                }
            }
            return recorded;
        }
    }

    /** Records that the migration was applied or undone, in the transaction that is open. */
    void record(Migration migration, Direction direction) throws SQLException {
        switch (direction) {
            case UP -> {
                try (PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO "
                                        + TABLE
                                        + " (version_id, is_applied, description, checksum)"
                                        + " VALUES (?, true, ?, ?)")) {
                    insert.setLong(1, migration.id());
                    insert.setString(2, migration.description());
                    insert.setString(3, migration.checksum());
                    insert.executeUpdate();
                }
            }
            case DOWN -> {
                try (PreparedStatement delete =
                        connection.prepareStatement(
                                "DELETE FROM " + TABLE + " WHERE version_id = ?")) {
                    delete.setLong(1, migration.id());
                    delete.executeUpdate();
                }
            }
        }
    }

    /**
     * Gives what goose or a first release applied the words and the checksum of its file, by which
     * a later change of the file is noticed.
     */
    void describe(List<Migration> files) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE "
                                + TABLE
                                + " SET description = ?, checksum = ? WHERE version_id = ? AND"
                                + " checksum IS NULL")) {
            for (Migration migration : files) {
                update.setString(1, migration.description());
                update.setString(2, migration.checksum());
                update.setLong(3, migration.id());
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private void createTable() throws SQLException {
        if (kind(TABLE).isEmpty()) {
            execute(
                    "CREATE TABLE "
                            + TABLE
                            + " (id INTEGER PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, version_id"
                            + " BIGINT NOT NULL, is_applied BOOLEAN NOT NULL, tstamp TIMESTAMPTZ NOT"
                            + " NULL DEFAULT now())");
            // As goose does: without it, it takes the table for one that was never set up.
            execute("INSERT INTO " + TABLE + " (version_id, is_applied) VALUES (0, true)");
        }
        if (!hasOurColumns()) {
            execute(
                    "ALTER TABLE "
                            + TABLE
                            + " ADD COLUMN description TEXT NOT NULL DEFAULT '', ADD COLUMN checksum"
                            + " TEXT, ALTER COLUMN is_applied SET DEFAULT true");
        }
    }

    private void takeOverTableOfFirstReleases() throws SQLException {
        Optional<String> kind = kind(TABLE_OF_FIRST_RELEASES);
        if (kind.equals(Optional.of("r"))) {
            execute(
                    "INSERT INTO "
                            + TABLE
                            + " (version_id, is_applied, tstamp, description) SELECT id, true,"
                            + " applied_at, description FROM "
                            + TABLE_OF_FIRST_RELEASES
                            + " WHERE id NOT IN (SELECT version_id FROM "
                            + TABLE
                            + ") ORDER BY id");
            execute("DROP TABLE " + TABLE_OF_FIRST_RELEASES);
            kind = Optional.empty();
        }
        if (kind.isEmpty()) {
            execute(
                    "CREATE VIEW "
                            + TABLE_OF_FIRST_RELEASES
                            + " AS SELECT version_id AS id, description, tstamp::timestamptz AS"
                            + " applied_at FROM "
                            + TABLE
                            + " WHERE version_id > 0 AND is_applied");
        }
    }

    /** Returns the kind of the relation, "r" for a table and "v" for a view, if there is one. */
    private Optional<String> kind(String name) throws SQLException {
        return first("SELECT relkind::text FROM pg_class WHERE oid = to_regclass('" + name + "')");
    }

    private boolean hasOurColumns() throws SQLException {
        return first(
                        "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass('"
                                + TABLE
                                + "') AND attname = 'checksum'")
                .isPresent();
    }

    private Optional<String> first(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
