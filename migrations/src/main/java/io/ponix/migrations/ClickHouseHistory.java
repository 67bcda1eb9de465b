package io.ponix.migrations;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The record of how far each migration got, in the table {@code schema_migrations}: a line for
 * every statement that was completed, never changed. The line with the highest position tells the
 * state of its migration.
 */
final class ClickHouseHistory {

    private static final String TABLE = "schema_migrations";

    private record Line(
            long id,
            String description,
            Direction direction,
            int completed,
            int statements,
            Instant at) {

        boolean isComplete() {
            return completed == statements;
        }

        MigrationStatus.State state() {
            return switch (direction) {
                case UP ->
                        isComplete()
                                ? MigrationStatus.State.APPLIED
                                : MigrationStatus.State.PARTLY_APPLIED;
                case DOWN -> MigrationStatus.State.PARTLY_UNDONE;
            };
        }
    }

    private final ClickHouseServer server;
    private final Map<Long, Line> newest = new HashMap<>();
    private long position;

    private ClickHouseHistory(ClickHouseServer server) {
        this.server = server;
    }

    /** Reads the record, creating the table if need be. The lock must be held. */
    static ClickHouseHistory open(ClickHouseServer server) {
        server.execute(
                "CREATE TABLE IF NOT EXISTS "
                        + TABLE
                        + " (position UInt64, id UInt64, description String, direction String, completed UInt32,"
                        + " statements UInt32, recorded_at DateTime64(3, 'UTC') DEFAULT now64(3))"
                        + " ENGINE = MergeTree ORDER BY position");
        return read(server);
    }

    /** Reads the record; there is none before the first run. */
    static ClickHouseHistory read(ClickHouseServer server) {
        ClickHouseHistory history = new ClickHouseHistory(server);
        if (server.query(
                        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name = '"
                                + TABLE
                                + "'")
                .isEmpty()) {
            return history;
        }
        for (List<String> row :
                server.query(
                        "SELECT position, id, description, direction, completed, statements,"
                                + " toUnixTimestamp64Milli(recorded_at) AS recorded FROM "
                                + TABLE
                                + " ORDER BY position")) {
            history.position = Long.parseLong(row.get(0));
            history.newest.put(
                    Long.parseLong(row.get(1)),
                    new Line(
                            Long.parseLong(row.get(1)),
                            row.get(2),
                            Direction.valueOf(row.get(3)),
                            Integer.parseInt(row.get(4)),
                            Integer.parseInt(row.get(5)),
                            Instant.ofEpochMilli(Long.parseLong(row.get(6)))));
        }
        return history;
    }

    /** Returns the migrations that the database knows, wholly or partly. */
    List<MigrationPlan.Recorded> recorded() {
        return newest.values().stream()
                .filter(line -> line.direction() == Direction.UP || !line.isComplete())
                .map(
                        line ->
                                new MigrationPlan.Recorded(
                                        line.id(), line.description(), line.state(), line.at()))
                .toList();
    }

    /**
     * Returns how many statements an earlier run, which stopped, has completed in this direction.
     */
    int completed(Migration migration, Direction direction) {
        Line line = newest.get(migration.id());
        return line != null && line.direction() == direction && !line.isComplete()
                ? line.completed()
                : 0;
    }

    /** Records that the first {@code completed} statements are done. */
    void record(Migration migration, Direction direction, int completed) {
        position++;
        int statements = migration.statements(direction).size();
        server.execute(
                "INSERT INTO "
                        + TABLE
                        + " (position, id, description, direction, completed, statements) VALUES ("
                        + String.join(
                                ", ",
                                String.valueOf(position),
                                String.valueOf(migration.id()),
                                ClickHouseServer.quoted(migration.description()),
                                ClickHouseServer.quoted(direction.name()),
                                String.valueOf(completed),
                                String.valueOf(statements))
                        + ")");
    }
}
