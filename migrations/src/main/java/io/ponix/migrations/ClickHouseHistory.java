package io.ponix.migrations;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The record of how far each migration got, in the table {@code schema_migrations}: a line for
 * every statement that was completed, never changed. The line with the highest position tells the
 * state of its migration.
 *
 * <p>Beside it goose's own table {@code goose_db_version} is kept in step, which knows whole
 * migrations only, so that goose and this runner may follow each other in any order:
 *
 * <ul>
 *   <li>While a migration is partly done, ours tells.
 *   <li>goose's is changed before the line that completes ours is written. So a run that is killed
 *       in between leaves a migration that is partly done, or, where it has one statement, one that
 *       goose's table tells the truth of.
 *   <li>Where the two differ otherwise, goose has run since, and its table tells; unless the newest
 *       line was written by a first release, which knew nothing of goose. Such a line has no
 *       checksum. Telling the two apart matters: a migration that is taken for one that was undone
 *       is executed once more, on rows that have what it adds.
 * </ul>
 */
final class ClickHouseHistory {

    private static final String TABLE = "schema_migrations";
    private static final String GOOSE_TABLE = "goose_db_version";

    /** The checksum of a migration that has no file. */
    private static final String NO_FILE = "-";

    private record Line(
            long id,
            String description,
            Direction direction,
            int completed,
            int statements,
            Instant at,
            String checksum) {

        boolean isComplete() {
            return completed == statements;
        }

        boolean isOfFirstReleases() {
            return checksum.isEmpty();
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
    private final Map<Long, Migration> files = new HashMap<>();
    private final Map<Long, Line> newest = new HashMap<>();
    private final Map<Long, Instant> gooses = new HashMap<>();
    private long position;

    private ClickHouseHistory(ClickHouseServer server, List<Migration> files) {
        this.server = server;
        files.forEach(file -> this.files.put(file.id(), file));
    }

    /**
     * Reads the record, creating the tables if need be, and brings both into step. The lock must be
     * held.
     */
    static ClickHouseHistory open(ClickHouseServer server, List<Migration> files) {
        server.execute(
                "CREATE TABLE IF NOT EXISTS "
                        + TABLE
                        + " (position UInt64, id UInt64, description String, direction String, completed UInt32,"
                        + " statements UInt32, recorded_at DateTime64(3, 'UTC') DEFAULT now64(3),"
                        + " checksum String) ENGINE = MergeTree ORDER BY position");
        server.execute("ALTER TABLE " + TABLE + " ADD COLUMN IF NOT EXISTS checksum String");
        server.execute(
                "CREATE TABLE IF NOT EXISTS "
                        + GOOSE_TABLE
                        + " (version_id Int64, is_applied UInt8, date Date DEFAULT now(),"
                        + " tstamp DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY date");
        ClickHouseHistory history = new ClickHouseHistory(server, files);
        boolean empty = !history.readGooses();
        history.readOurs();
        if (empty) {
            // As goose does: without it, it takes the table for one that was never set up.
            history.insertIntoGooses(0);
        }
        for (Line line : history.differences()) {
            history.append(line, "fromUnixTimestamp64Milli(" + line.at().toEpochMilli() + ")");
        }
        return history;
    }

    /** Reads the record, which may not be there yet; changes nothing. */
    static ClickHouseHistory read(ClickHouseServer server, List<Migration> files) {
        ClickHouseHistory history = new ClickHouseHistory(server, files);
        Set<String> tables = new HashSet<>();
        for (List<String> row :
                server.query(
                        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN ('"
                                + TABLE
                                + "', '"
                                + GOOSE_TABLE
                                + "')")) {
            tables.add(row.get(0));
        }
        if (tables.contains(TABLE)) {
            history.readOurs();
        }
        if (tables.contains(GOOSE_TABLE)) {
            history.readGooses();
            for (Line line : history.differences()) {
                history.newest.put(line.id(), line);
            }
        }
        return history;
    }

    private void readOurs() {
        boolean hasChecksums =
                !server.query(
                                "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '"
                                        + TABLE
                                        + "' AND name = 'checksum'")
                        .isEmpty();
        for (List<String> row :
                server.query(
                        "SELECT position, id, description, direction, completed, statements,"
                                + " toUnixTimestamp64Milli(recorded_at) AS recorded, "
                                + (hasChecksums ? "checksum" : "'' AS checksum")
                                + " FROM "
                                + TABLE
                                + " ORDER BY position")) {
            position = Long.parseLong(row.get(0));
            Line line =
                    new Line(
                            Long.parseLong(row.get(1)),
                            row.get(2),
                            Direction.valueOf(row.get(3)),
                            Integer.parseInt(row.get(4)),
                            Integer.parseInt(row.get(5)),
                            Instant.ofEpochMilli(Long.parseLong(row.get(6))),
                            row.get(7));
            newest.put(line.id(), line);
        }
    }

    /** Returns false when goose's table is empty: it was never set up. */
    private boolean readGooses() {
        List<List<String>> rows =
                server.query(
                        "SELECT version_id AS id, toUnixTimestamp(max(tstamp)) AS at,"
                                + " argMax(is_applied, tstamp) AS applied FROM "
                                + GOOSE_TABLE
                                + " GROUP BY version_id");
        for (List<String> row : rows) {
            long id = Long.parseLong(row.get(0));
            if (id > 0 && row.get(2).equals("1")) {
                gooses.put(id, Instant.ofEpochSecond(Long.parseLong(row.get(1))));
            }
        }
        return !rows.isEmpty();
    }

    /** Returns the lines that ours lacks. */
    private List<Line> differences() {
        Set<Long> ids = new HashSet<>(newest.keySet());
        ids.addAll(gooses.keySet());
        List<Line> lines = new ArrayList<>();
        for (long id : ids.stream().sorted().toList()) {
            Optional<Line> line = Optional.ofNullable(newest.get(id));
            if (line.isPresent() && !line.get().isComplete()) {
                continue;
            }
            boolean applied = line.filter(done -> done.direction() == Direction.UP).isPresent();
            boolean ofFirstReleases = line.filter(Line::isOfFirstReleases).isPresent();
            if (ofFirstReleases) {
                lines.add(whole(id, line, applied, line.get().at()));
            } else if (applied != gooses.containsKey(id)) {
                lines.add(whole(id, line, !applied, gooses.getOrDefault(id, Instant.now())));
            }
        }
        return lines;
    }

    private Line whole(long id, Optional<Line> before, boolean applied, Instant at) {
        Optional<Migration> file = Optional.ofNullable(files.get(id));
        Direction direction = applied ? Direction.UP : Direction.DOWN;
        int statements =
                file.map(migration -> migration.statements(direction).size())
                        .orElseGet(() -> before.map(Line::statements).orElse(0));
        return new Line(
                id,
                file.map(Migration::description)
                        .orElseGet(() -> before.map(Line::description).orElse("")),
                direction,
                statements,
                statements,
                at,
                file.map(Migration::checksum).orElse(NO_FILE));
    }

    /** Returns the migrations that the database knows, wholly or partly. */
    List<MigrationPlan.Recorded> recorded() {
        return newest.values().stream()
                .filter(line -> line.direction() == Direction.UP || !line.isComplete())
                .map(
                        line ->
                                new MigrationPlan.Recorded(
                                        line.id(),
                                        line.description(),
                                        line.state(),
                                        line.at(),
                                        Optional.of(line.checksum())
                                                .filter(
                                                        checksum ->
                                                                !line.isOfFirstReleases()
                                                                        && !checksum.equals(
                                                                                NO_FILE))))
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
        append(
                new Line(
                        migration.id(),
                        migration.description(),
                        direction,
                        completed,
                        migration.statements(direction).size(),
                        Instant.now(),
                        migration.checksum()),
                "now64(3)");
    }

    private void append(Line line, String recordedAt) {
        if (line.isComplete()) {
            switch (line.direction()) {
                case UP -> {
                    if (!gooses.containsKey(line.id())) {
                        insertIntoGooses(line.id());
                    }
                    gooses.put(line.id(), line.at());
                }
                case DOWN -> {
                    if (gooses.remove(line.id()) != null) {
                        server.execute(
                                "ALTER TABLE "
                                        + GOOSE_TABLE
                                        + " DELETE WHERE version_id = "
                                        + line.id()
                                        + " SETTINGS mutations_sync = 2");
                    }
                }
            }
        }
        position++;
        server.execute(
                "INSERT INTO "
                        + TABLE
                        + " (position, id, description, direction, completed, statements, recorded_at,"
                        + " checksum) VALUES ("
                        + String.join(
                                ", ",
                                String.valueOf(position),
                                String.valueOf(line.id()),
                                ClickHouseServer.quoted(line.description()),
                                ClickHouseServer.quoted(line.direction().name()),
                                String.valueOf(line.completed()),
                                String.valueOf(line.statements()),
                                recordedAt,
                                ClickHouseServer.quoted(line.checksum()))
                        + ")");
        newest.put(line.id(), line);
    }

    private void insertIntoGooses(long id) {
        server.execute(
                "INSERT INTO " + GOOSE_TABLE + " (version_id, is_applied) VALUES (" + id + ", 1)");
    }
}
