package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.migrations.MigrationStatus.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseMigrationsITCase {

    private static final String ROW_OF_THE_FIRST_SCHEMA =
            "INSERT INTO processed_envelopes (end_device_id, occurred_at, processed_at, data)"
                    + " VALUES ('d', '2025-10-27 12:00:01', '2025-10-27 12:00:02', '{\"temperature\": 27.2}')";

    @TempDir private static Path home;

    private static EmbeddedClickHouse clickHouse;

    @TempDir private Path folder;

    private String database;
    private ClickHouseServer server;

    @BeforeAll
    static void startClickHouse() {
        clickHouse = EmbeddedClickHouse.builder().home(home).build();
        clickHouse.start();
    }

    @AfterAll
    static void stopClickHouse() {
        clickHouse.close();
    }

    @BeforeEach
    void connect(TestInfo test) {
        database = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        server = ClickHouseServer.connect(settings(clickHouse.url(), clickHouse.password()));
    }

    @AfterEach
    void disconnect() {
        server.close();
    }

    @Test
    void rowsExpireAsTheRetentionSaysAndItCanBeChangedAndLifted() {
        packaged().build().up();
        for (String age : List.of("40 DAY", "0 DAY")) {
            server.execute(
                    "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                            + " processed_at, data, received_at) SELECT 'o', '"
                            + age
                            + "', now64(3) - INTERVAL "
                            + age
                            + " AS time, time, '{}', time");
        }

        packaged().rowRetention("90 d").build().up();
        expire();
        assertThat(rows("end_device_id")).containsExactly("0 DAY", "40 DAY");

        packaged().rowRetention("720 h").build().up();
        expire();
        assertThat(rows("end_device_id")).containsExactly("0 DAY");

        packaged().rowRetention("").build().up();
        assertThat(definition()).contains(" TTL toDateTime(received_at)");
        packaged().rowRetention("unlimited").build().up();
        packaged().rowRetention("unlimited").build().up();
        assertThat(definition()).doesNotContain(" TTL ");
    }

    @Test
    void aRetentionThatIsNoneIsRefused() {
        for (String wrong : List.of("soon", "30", "0 d", "10 min", "-1 d")) {
            assertThatThrownBy(() -> packaged().rowRetention(wrong).build())
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("PONIX_ROW_RETENTION is '" + wrong + "'")
                    .hasMessageContaining("90 d");
        }
    }

    /**
     * A question for the sequences of a stream reads the projection, in parts of before it, too.
     */
    @Test
    void rowsOfBeforeAreFoundByTheirSequenceAndRowsCanStillBeDeleted() throws IOException {
        upToBefore("stored_sequences");
        // Readings of all months, mixed, and in parts that know nothing of the projection.
        server.execute(
                "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                        + " processed_at, data, stream, stream_sequence, received_at) SELECT 'o',"
                        + " 'd', fromUnixTimestamp64Milli(toInt64(1760000000000 +"
                        + " cityHash64(number) % 2000000000)) AS time, time, '{}', 'raw', number +"
                        + " 1, time FROM numbers(500000)");
        String question =
                "SELECT arrayStringConcat(groupArray(explain), ' ') FROM (EXPLAIN SELECT"
                        + " stream_sequence, received_at FROM processed_envelopes WHERE stream ="
                        + " 'raw' AND stream_sequence BETWEEN 1000 AND 2000 GROUP BY"
                        + " stream_sequence, received_at)";
        assertThat(query(question)).doesNotContain("ReadFromMergeTree (by_stream_row)");

        packaged().build().up();
        String questionForRows =
                question.replace(
                        "received_at FROM",
                        "received_at, uniqExact(row_index) < max(row_count) FROM");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () ->
                                assertThat(query(questionForRows))
                                        .contains("ReadFromMergeTree (by_stream_row)"));

        server.execute("DELETE FROM processed_envelopes WHERE stream_sequence <= 400000");
        assertThat(query("SELECT count() FROM processed_envelopes")).isEqualTo("100000");
        assertThat(
                        query(
                                "SELECT count() FROM processed_envelopes WHERE"
                                        + " stream = 'raw' AND stream_sequence BETWEEN 399000 AND"
                                        + " 401000"))
                .isEqualTo("1000");
    }

    /** From the layout of before there were several rows of an envelope, and back. */
    @Test
    void rowsOfBeforeAreTheOnlyOnesOfTheirEnvelopes() throws IOException {
        upToBefore("rows_of_envelopes");
        String insertOfBefore =
                "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                        + " processed_at, data, stream, stream_sequence, received_at) SELECT 'o',"
                        + " 'd', now64(3) AS time, time, '{}', 'raw', number + 1, time FROM"
                        + " numbers(10000)";
        server.execute(insertOfBefore);

        packaged().build().up();
        // A job of before the migration still runs.
        server.execute(insertOfBefore.replace("number + 1", "number + 10001"));
        server.execute(
                "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                        + " processed_at, data, stream, stream_sequence, received_at, row_index,"
                        + " row_count) SELECT 'o', 'd', now64(3) AS time, time, '{}', 'raw', 20001,"
                        + " time, number, 3 FROM numbers(3)");
        assertThat(
                        query(
                                "SELECT concat(count(), ' ', uniqExact(stream_sequence, row_index),"
                                        + " ' ', countIf(row_index = 0 AND row_count = 1)) FROM"
                                        + " processed_envelopes"))
                .isEqualTo("20003 20003 20000");
        undoTo("rows_of_envelopes");
        assertThat(query("SELECT count() FROM processed_envelopes")).isEqualTo("20003");
        server.execute(insertOfBefore.replace("number + 1", "number + 30001"));
        packaged().build().up();
        assertThat(query("SELECT countIf(row_index = 0) FROM processed_envelopes"))
                .isEqualTo("30003");
    }

    /** From the layout of before rows said what made them, and back. */
    @Test
    void ofRowsOfBeforeIsNotKnownWhatMadeThem() throws IOException {
        upToBefore("provenance");
        String insertOfBefore =
                "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                        + " processed_at, data, stream, stream_sequence, received_at, row_index,"
                        + " row_count) SELECT 'o', 'd', now64(3) AS time, time, '{}', 'raw', number"
                        + " + 1, time, 0, 1 FROM numbers(10000)";
        server.execute(insertOfBefore);

        packaged().build().up();
        // A job of before the migration still runs.
        server.execute(insertOfBefore.replace("number + 1", "number + 10001"));
        server.execute(
                "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                        + " processed_at, data, stream, stream_sequence, received_at, row_index,"
                        + " row_count, definition_id, contract_index, transform_version, warnings)"
                        + " SELECT 'o', 'd', now64(3) AS time, time, '{}', 'raw', 20001, time, number,"
                        + " 3, 'def', 63, 18446744073709551615, ['low battery', '°'] FROM numbers(3)");
        String made =
                "SELECT DISTINCT concat(definition_id, ' ', contract_index, ' ', transform_version,"
                        + " ' ', toString(warnings)) AS made FROM processed_envelopes ORDER BY made";
        assertThat(server.query(made))
                .containsExactly(
                        List.of(" 0 0 []"),
                        List.of("def 63 18446744073709551615 ['low battery','°']"));
        undoTo("provenance");
        assertThat(query("SELECT count() FROM processed_envelopes")).isEqualTo("20003");
        server.execute(insertOfBefore.replace("number + 1", "number + 30001"));
        packaged().build().up();
        assertThat(server.query(made)).containsExactly(List.of(" 0 0 []"));
    }

    /** Applies all files before the one of this name. */
    private void upToBefore(String name) throws IOException {
        for (Migration migration : MigrationFiles.packaged("clickhouse")) {
            if (migration.fileName().contains(name)) {
                break;
            }
            copyPackaged(migration);
        }
        packaged().directory(folder).build().up();
    }

    /** Undoes all files down to the one of this name, and that. */
    private void undoTo(String name) {
        Optional<Migration> undone;
        do {
            undone = packaged().build().down();
        } while (!undone.orElseThrow().fileName().contains(name));
    }

    /** What the server does by itself, some time. */
    private void expire() {
        server.execute(
                "ALTER TABLE processed_envelopes MATERIALIZE TTL SETTINGS mutations_sync = 1");
        server.execute("OPTIMIZE TABLE processed_envelopes FINAL");
    }

    private String definition() {
        return query(
                "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'processed_envelopes'");
    }

    @Test
    void upAndDownToNothingAndUpAgainWithRowsInTheTable() throws IOException {
        Migrations migrations = packaged().build();
        assertThat(states(migrations)).containsOnly(State.PENDING);
        List<Migration> all = MigrationFiles.packaged("clickhouse");

        // A table as the first release made and filled it.
        copyPackaged(all.get(0));
        packaged().directory(folder).build().up();
        server.execute(ROW_OF_THE_FIRST_SCHEMA);

        assertThat(migrations.up()).isEqualTo(all.subList(1, all.size()));
        assertThat(migrations.up()).isEmpty();
        assertThat(states(migrations)).containsOnly(State.APPLIED);
        assertThat(
                        rows(
                                "organization_id, end_device_id, occurred_at, processed_at, data, stream, stream_sequence"))
                .containsExactly(
                        "|d|2025-10-27 12:00:01.000|2025-10-27 12:00:02.000|{\"temperature\":27.2}||0");
        assertThat(
                        query(
                                "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'processed_envelopes'"))
                .contains("ORDER BY (organization_id, occurred_at, end_device_id)")
                .contains("PARTITION BY toYYYYMM(occurred_at)")
                .contains("non_replicated_deduplication_window = 10000")
                .contains("fsync_after_insert = 1, fsync_part_directory = 1")
                .contains("`occurred_at` DateTime64(3, 'UTC')");

        server.execute(
                "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at, processed_at, data, stream,"
                        + " stream_sequence, received_at) VALUES ('o', 'e', '2026-11-21 12:00:01.250',"
                        + " '2026-11-21 12:00:02.500', '{\"a\": 1}', 'raw_envelopes', 7, '2026-11-21 12:00:02.000')");
        assertThat(migrations.down()).contains(all.get(8));
        assertThat(migrations.down()).contains(all.get(7));
        assertThat(migrations.down()).contains(all.get(6));
        assertThat(migrations.down()).contains(all.get(5));
        assertThat(migrations.down()).contains(all.get(4));
        assertThat(migrations.down()).contains(all.get(3));
        assertThat(migrations.down()).contains(all.get(2));
        assertThat(rows("organization_id, end_device_id, occurred_at, processed_at, data"))
                .containsExactly(
                        "|d|2025-10-27 12:00:01|2025-10-27 12:00:02|{\"temperature\":27.2}",
                        "o|e|2026-11-21 12:00:01|2026-11-21 12:00:02|{\"a\":1}");
        assertThat(migrations.down()).contains(all.get(1));
        assertThat(rows("end_device_id, occurred_at, processed_at, data"))
                .containsExactly(
                        "d|2025-10-27 12:00:01|2025-10-27 12:00:02|{\"temperature\":27.2}",
                        "e|2026-11-21 12:00:01|2026-11-21 12:00:02|{\"a\":1}");
        assertThat(migrations.up()).isEqualTo(all.subList(1, all.size()));
        assertThat(query("SELECT count() FROM processed_envelopes")).isEqualTo("2");

        for (int index = all.size() - 1; index >= 0; index--) {
            assertThat(migrations.down()).contains(all.get(index));
        }
        assertThat(migrations.down()).isEmpty();
        assertThat(
                        query(
                                "SELECT arrayStringConcat(groupArray(name), ',') FROM system.tables WHERE database = currentDatabase()"
                                        + " AND name NOT LIKE 'schema_migrations%' AND name != 'goose_db_version'"))
                .isEmpty();
        assertThat(migrations.up()).isEqualTo(all);
    }

    /**
     * What a run that was killed leaves to the next one: its last statement, perhaps executed, is
     * executed again.
     */
    @Test
    void everyStatementOfThePackagedFilesCanBeRepeated() {
        List<Migration> all = new ArrayList<>(MigrationFiles.packaged("clickhouse"));
        for (Migration migration : all) {
            executeEachTwice(migration, Direction.UP);
            if (migration == all.get(0)) {
                server.execute(ROW_OF_THE_FIRST_SCHEMA);
            }
        }
        assertThat(rows("end_device_id, occurred_at, data"))
                .containsExactly("d|2025-10-27 12:00:01.000|{\"temperature\":27.2}");

        Collections.reverse(all);
        for (Migration migration : all.subList(0, all.size() - 1)) {
            executeEachTwice(migration, Direction.DOWN);
        }
        assertThat(rows("end_device_id, occurred_at, data"))
                .containsExactly("d|2025-10-27 12:00:01|{\"temperature\":27.2}");
    }

    @Test
    void aRunContinuesWhereTheLastOneFailed() throws IOException {
        // Without IF NOT EXISTS the first statement would fail if it were executed again.
        write(
                "CREATE TABLE first (a UInt8) ENGINE = MergeTree ORDER BY a;\nCREATE TABEL second (a UInt8);",
                "DROP TABLE second;\nDROP TABLE missing;\nDROP TABLE first;");
        Migrations migrations = packaged().directory(folder).build();

        assertThatThrownBy(migrations::up)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining(
                        "20260101000000_two.sql line 3: statement 2 of 2 failed while applying")
                .hasMessageContaining("CREATE TABEL second")
                .hasMessageContaining("Code: 62")
                .hasMessageContaining(
                        "The statements before it are done and will not be repeated.");
        assertThat(states(migrations)).containsExactly(State.PARTLY_APPLIED);
        assertThatThrownBy(migrations::down).hasMessageContaining("finish that first with 'up'");

        write(
                "CREATE TABLE first (a UInt8) ENGINE = MergeTree ORDER BY a;\nCREATE TABLE second (a UInt8) ENGINE = MergeTree ORDER BY a;",
                "DROP TABLE second;\nDROP TABLE missing;\nDROP TABLE first;");
        assertThat(migrations.up()).hasSize(1);
        assertThat(states(migrations)).containsExactly(State.APPLIED);

        assertThatThrownBy(migrations::down)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("statement 2 of 3 failed while undoing")
                .hasMessageContaining("DROP TABLE missing");
        assertThat(states(migrations)).containsExactly(State.PARTLY_UNDONE);
        assertThatThrownBy(migrations::up).hasMessageContaining("finish that first with 'down'");

        server.execute("CREATE TABLE missing (a UInt8) ENGINE = MergeTree ORDER BY a");
        assertThat(migrations.down()).isPresent();
        assertThat(states(migrations)).containsExactly(State.PENDING);
    }

    @Test
    void runnersThatStartAtOnceApplyEverythingOnce() throws Exception {
        List<List<Migration>> runs = concurrently(4, () -> packaged().build().up());

        assertThat(runs.stream().mapToInt(List::size).sum())
                .isEqualTo(MigrationFiles.packaged("clickhouse").size());
        assertThat(runs).filteredOn(run -> !run.isEmpty()).hasSize(1);
        assertThat(query("SELECT count() FROM schema_migrations"))
                .as("statements executed")
                .isEqualTo(
                        String.valueOf(
                                MigrationFiles.packaged("clickhouse").stream()
                                        .mapToInt(
                                                migration ->
                                                        migration.statements(Direction.UP).size())
                                        .sum()));
    }

    /** What a release of before goose's format left, in the middle of a migration. */
    @Test
    void aDatabaseOfAFirstReleaseGoesOn() {
        List<Migration> files = MigrationFiles.packaged("clickhouse");
        asAFirstRelease(files.get(0), Direction.UP, 1);
        server.execute(ROW_OF_THE_FIRST_SCHEMA);
        asAFirstRelease(files.get(1), Direction.UP, 3);
        Migrations migrations = packaged().build();
        assertThat(states(migrations))
                .startsWith(State.APPLIED, State.PARTLY_APPLIED, State.PENDING);

        assertThat(migrations.up()).isEqualTo(files.subList(1, files.size()));
        assertThat(
                        query(
                                "SELECT count() FROM schema_migrations WHERE id = "
                                        + files.get(1).id()
                                        + " AND recorded_at > '2026-11-27'"))
                .as("statements of the second that were left to do")
                .isEqualTo("1");
        assertThat(migrations.up()).isEmpty();
        assertThat(migrations.status().get(0).recordedAt())
                .contains(Instant.parse("2026-11-26T09:00:00Z"));
        assertThat(migrations.report().problems()).isEmpty();
        assertThat(rows("end_device_id")).containsExactly("d");

        // Somebody goes back to that release, which undoes the last one and makes it again.
        Migration last = files.get(files.size() - 1);
        asAFirstRelease(last, Direction.DOWN, last.statements(Direction.DOWN).size());
        assertThat(states(migrations)).endsWith(State.APPLIED, State.PENDING);
        asAFirstRelease(last, Direction.UP, last.statements(Direction.UP).size());
        assertThat(states(migrations)).containsOnly(State.APPLIED);
        assertThat(migrations.up()).isEmpty();
        asAFirstRelease(last, Direction.DOWN, last.statements(Direction.DOWN).size());
        assertThat(migrations.up()).containsExactly(last);
        assertThat(gooses()).isEqualTo(files.stream().map(Migration::id).toList());
    }

    /** The statements are goose's own, of its dialect of ClickHouse. */
    @Test
    void gooseAndThisRunnerFollowEachOther() throws IOException {
        String table = " (a UInt8) ENGINE = MergeTree ORDER BY a";
        for (int day = 1; day <= 3; day++) {
            Files.writeString(
                    folder.resolve("2026010" + day + "000000_t.sql"),
                    "-- +goose Up\nCREATE TABLE one_of_"
                            + day
                            + table
                            + ";\nCREATE TABLE two_of_"
                            + day
                            + table
                            + ";\n-- +goose Down\nDROP TABLE one_of_"
                            + day
                            + ";\nDROP TABLE two_of_"
                            + day
                            + ";\n");
        }
        Migrations migrations = packaged().directory(folder).build();

        // goose was first.
        server.execute(
                "CREATE TABLE IF NOT EXISTS goose_db_version (version_id Int64, is_applied UInt8, date"
                        + " Date default now(), tstamp DateTime default now()) ENGINE = MergeTree() ORDER"
                        + " BY (date)");
        asGoose(0);
        server.execute("CREATE TABLE one_of_1" + table);
        server.execute("CREATE TABLE two_of_1" + table);
        asGoose(20260101000000L);
        assertThat(states(migrations)).containsExactly(State.APPLIED, State.PENDING, State.PENDING);
        assertThat(migrations.upTo(20260102000000L)).hasSize(1);
        assertThat(gooses()).containsExactly(20260101000000L, 20260102000000L);

        // goose goes on and back.
        server.execute("CREATE TABLE one_of_3" + table);
        server.execute("CREATE TABLE two_of_3" + table);
        asGoose(20260103000000L);
        assertThat(migrations.up()).isEmpty();
        for (long id : List.of(20260103000000L, 20260102000000L)) {
            char day = String.valueOf(id).charAt(7);
            server.execute("DROP TABLE one_of_" + day);
            server.execute("DROP TABLE two_of_" + day);
            server.execute(
                    "ALTER TABLE goose_db_version DELETE WHERE version_id = "
                            + id
                            + " SETTINGS mutations_sync = 2");
        }
        assertThat(states(migrations)).containsExactly(State.APPLIED, State.PENDING, State.PENDING);
        assertThat(migrations.up()).hasSize(2);
        assertThat(migrations.down()).isPresent();
        assertThat(gooses()).containsExactly(20260101000000L, 20260102000000L);
        assertThat(migrations.report().problems()).isEmpty();
    }

    /** Killed between its last statement's line and goose's: whichever is missing. */
    @Test
    void aRunThatWasKilledBeforeItsLastLineGoesOn() throws IOException {
        write(
                "CREATE TABLE first (a UInt8) ENGINE = MergeTree ORDER BY a;\n"
                        + "CREATE TABLE IF NOT EXISTS second (a UInt8) ENGINE = MergeTree ORDER BY a;",
                "DROP TABLE IF EXISTS second;\nDROP TABLE IF EXISTS first;");
        Migrations migrations = packaged().directory(folder).build();
        migrations.up();

        forgetLastLine();
        assertThat(states(migrations)).containsExactly(State.PARTLY_APPLIED);
        assertThat(migrations.up()).hasSize(1);
        assertThat(gooses()).containsExactly(20260101000000L);

        migrations.down();
        forgetLastLine();
        assertThat(states(migrations)).containsExactly(State.PARTLY_UNDONE);
        assertThat(migrations.down()).isPresent();
        assertThat(migrations.down()).isEmpty();
        assertThat(gooses()).isEmpty();
    }

    private void forgetLastLine() {
        server.execute(
                "ALTER TABLE schema_migrations DELETE WHERE position = (SELECT max(position) FROM"
                        + " schema_migrations) SETTINGS mutations_sync = 2");
    }

    private void asGoose(long id) {
        server.execute(
                "INSERT INTO goose_db_version (version_id, is_applied) VALUES (" + id + ", 1)");
    }

    private List<Long> gooses() {
        return server
                .query("SELECT version_id FROM goose_db_version WHERE version_id > 0 ORDER BY 1")
                .stream()
                .map(row -> Long.parseLong(row.get(0)))
                .toList();
    }

    /** Executes and records the first statements of a part. */
    private void asAFirstRelease(Migration migration, Direction direction, int completed) {
        server.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations (position UInt64, id UInt64, description"
                        + " String, direction String, completed UInt32, statements UInt32, recorded_at"
                        + " DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY position");
        List<SqlStatement> statements = migration.statements(direction);
        for (int index = 0; index < completed; index++) {
            server.execute(statements.get(index).sql());
            server.execute(
                    "INSERT INTO schema_migrations (position, id, description, direction, completed,"
                            + " statements, recorded_at) SELECT max(position) + 1, "
                            + migration.id()
                            + ", '"
                            + migration.description()
                            + "', '"
                            + direction
                            + "', "
                            + (index + 1)
                            + ", "
                            + statements.size()
                            + ", '2026-11-26 09:00:00' FROM schema_migrations");
        }
    }

    @Test
    void theLockOfAKilledRunEnds() {
        server.execute(
                "CREATE TABLE schema_migrations_lock_7 (nothing UInt8) ENGINE = MergeTree ORDER BY tuple() COMMENT 'held until "
                        + (Long.parseLong(query("SELECT toUnixTimestamp64Milli(now64(3))")) + 1_500)
                        + " by process 1 on elsewhere'");

        assertThatThrownBy(
                        () ->
                                ClickHouseLock.acquire(
                                        server, Duration.ofSeconds(30), Duration.ofMillis(100)))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("process 1 on elsewhere");
        try (ClickHouseLock lock =
                ClickHouseLock.acquire(server, Duration.ofSeconds(30), Duration.ofSeconds(30))) {
            lock.ensureHeld();
        }
        assertThat(
                        query(
                                "SELECT arrayStringConcat(groupArray(name), ',') FROM system.tables WHERE database = currentDatabase()"
                                        + " AND name LIKE 'schema_migrations_lock_%'"))
                .isEqualTo("schema_migrations_lock_8");
    }

    @Test
    void aRunThatLivesKeepsItsLock() {
        Duration time = Duration.ofMillis(900);
        try (ClickHouseLock lock = ClickHouseLock.acquire(server, time, time)) {
            assertThatThrownBy(() -> ClickHouseLock.acquire(server, time, time.multipliedBy(3)))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            lock.ensureHeld();
        }
    }

    @Test
    void aRunThatWasOvertakenStops() {
        try (ClickHouseLock lock =
                ClickHouseLock.acquire(server, Duration.ofSeconds(30), Duration.ofSeconds(30))) {
            lock.ensureHeld();
            // As another run would after this one's time was over.
            server.execute(
                    "CREATE TABLE schema_migrations_lock_2 (nothing UInt8) ENGINE = MergeTree ORDER BY tuple()");

            assertThatThrownBy(lock::ensureHeld)
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("another one may have taken over");
        }
    }

    @Test
    void whatKeepsARunOutNamesTheSetting() {
        assertThatThrownBy(() -> migrations(clickHouse.url(), "wrong").build().up())
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("PONIX_CLICKHOUSE_USERNAME, PONIX_CLICKHOUSE_PASSWORD");
        assertThatThrownBy(() -> migrations("http://127.0.0.1:1", "x").build().up())
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("http://127.0.0.1:1 (see PONIX_CLICKHOUSE_URL)");
    }

    private void executeEachTwice(Migration migration, Direction direction) {
        for (SqlStatement statement : migration.statements(direction)) {
            server.execute(statement.sql());
            server.execute(statement.sql());
        }
    }

    private ClickHouseMigrations.Builder packaged() {
        return migrations(clickHouse.url(), clickHouse.password());
    }

    private ClickHouseMigrations.Builder migrations(String url, String password) {
        return ClickHouseMigrations.builder().settings(settings(url, password));
    }

    private ClickHouseSettings settings(String url, String password) {
        return ClickHouseSettings.of(url, database, clickHouse.username(), password);
    }

    private void copyPackaged(Migration migration) throws IOException {
        try (var file = getClass().getResourceAsStream("clickhouse/" + migration.fileName())) {
            Files.copy(
                    Optional.ofNullable(file).orElseThrow(), folder.resolve(migration.fileName()));
        }
    }

    private void write(String up, String down) throws IOException {
        Files.writeString(
                folder.resolve("20260101000000_two.sql"),
                "-- +goose Up\n" + up + "\n-- +goose Down\n" + down + "\n");
    }

    private static List<State> states(Migrations migrations) {
        return migrations.status().stream().map(MigrationStatus::state).toList();
    }

    private List<String> rows(String columns) {
        List<List<String>> rows =
                server.query(
                        "SELECT arrayStringConcat(["
                                + List.of(columns.split(", ")).stream()
                                        .map(column -> "toString(" + column + ")")
                                        .collect(Collectors.joining(", "))
                                + "], '|') AS line FROM processed_envelopes ORDER BY end_device_id");
        return rows.stream().map(row -> row.get(0)).toList();
    }

    private String query(String sql) {
        return server.query(sql).get(0).get(0);
    }

    private static <T> List<T> concurrently(int threads, Callable<T> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(Collections.nCopies(threads, work))) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
