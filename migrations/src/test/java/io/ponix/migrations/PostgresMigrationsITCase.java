package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.migrations.MigrationStatus.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class PostgresMigrationsITCase {

    /** Files that the first release had. */
    private static final int OF_THE_FIRST_RELEASE = 5;

    @TempDir private static Path home;

    private static EmbeddedPostgres postgres;

    @TempDir private Path folder;

    private String database;

    @BeforeAll
    static void startPostgres() {
        postgres = EmbeddedPostgres.builder().home(home).build();
        postgres.start();
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void createDatabase(TestInfo test) throws SQLException {
        database = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database);
        }
    }

    @Test
    void upAndDownToNothingAndUpAgain() throws SQLException {
        Migrations migrations = packaged().build();
        assertThat(states(migrations)).containsOnly(State.PENDING);

        List<Migration> applied = migrations.up();
        assertThat(applied).hasSizeGreaterThanOrEqualTo(OF_THE_FIRST_RELEASE);
        assertThat(states(migrations)).containsOnly(State.APPLIED);
        assertThat(migrations.up()).isEmpty();

        execute(
                "INSERT INTO organizations (id, name) VALUES ('org-001', 'Acme')",
                "INSERT INTO end_devices (device_id, organization_id, name, payload_conversion)"
                        + " VALUES ('d', 'org-001', 'Sensor', 'x')",
                "INSERT INTO gateways (gateway_id, organization_id, gateway_type, status)"
                        + " VALUES ('g', 'org-001', 'emqx', 'error')",
                "UPDATE end_devices SET gateway_id = 'g'");
        // What the older schema can hold survives the way down to it and up again.
        for (int index = applied.size() - 1; index >= OF_THE_FIRST_RELEASE; index--) {
            migrations.down();
        }
        assertThat(query("SELECT string_agg(name || payload_conversion, '') FROM end_devices"))
                .isEqualTo("Sensorx");
        migrations.up();
        assertThat(query("SELECT string_agg(name || payload_conversion, '') FROM end_devices"))
                .isEqualTo("Sensorx");
        assertThat(query("SELECT gateway_type || ' ' || status FROM gateways"))
                .as("a gateway from before there was a status")
                .isEqualTo("emqx active");
        assertThatThrownBy(() -> execute("UPDATE gateways SET status = 'broken'"))
                .hasMessageContaining("gateways_status");
        assertThat(query("SELECT count(*) FROM end_devices WHERE external_id IS NULL"))
                .isEqualTo("1");

        for (int index = applied.size() - 1; index >= 0; index--) {
            assertThat(migrations.down()).contains(applied.get(index));
        }
        assertThat(migrations.down()).isEmpty();
        assertThat(
                        query(
                                "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'S', 'i')"
                                        + " AND relnamespace = 'public'::regnamespace"))
                .as("what is left besides the record")
                .isEqualTo("goose_db_version,goose_db_version_id_seq,goose_db_version_pkey");
        assertThat(migrations.up()).isEqualTo(applied);
    }

    @Test
    void theChangeStreamCarriesWholeRowsOfThePublishedTables() throws SQLException {
        packaged().build().up();

        assertThat(
                        query(
                                "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_publication_tables"
                                        + " WHERE pubname = 'ponix_cdc_publication'"))
                .isEqualTo("end_device_definitions,end_devices,gateways,organizations");
        assertThat(
                        query(
                                "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relreplident = 'f'"))
                .isEqualTo("end_device_definitions,end_devices,gateways,organizations");
    }

    @Test
    void anExternalIdIsThatOfOneDeviceOfAnOrganizationInItsNormalForm() throws SQLException {
        packaged().build().up();
        execute(
                "INSERT INTO organizations (id, name) VALUES ('o', 'first'), ('p', 'other')",
                "INSERT INTO end_devices (device_id, organization_id, name, external_id, deleted_at) VALUES"
                        + " ('a', 'o', '', 'abc1', NULL), ('b', 'p', '', 'abc1', NULL),"
                        + " ('c', 'o', '', 'Meter 7', NULL), ('d', 'o', '', 'abc1', now()),"
                        + " ('e', 'o', '', NULL, NULL), ('f', 'o', '', NULL, NULL)");
        assertThatThrownBy(
                        () ->
                                execute(
                                        "UPDATE end_devices SET external_id = 'abc1' WHERE device_id = 'c'"))
                .hasMessageContaining("end_devices_by_external_id");
        for (String other : List.of("ABC1", "aBc", "FF", "")) {
            assertThatThrownBy(
                            () ->
                                    execute(
                                            "UPDATE end_devices SET external_id = '"
                                                    + other
                                                    + "' WHERE device_id = 'c'"))
                    .hasMessageContaining("end_devices_external_id");
        }
        execute("UPDATE end_devices SET external_id = 'aBc-1' WHERE device_id = 'c'");
    }

    @Test
    void versionsGrowWithEveryChange() throws Exception {
        packaged().build().up();
        execute("INSERT INTO organizations (id, name) VALUES ('o', 'first'), ('p', 'other')");
        assertThat(query("SELECT count(DISTINCT version) FROM organizations")).isEqualTo("2");

        // Every update sees the version it replaces, under the row's lock: it must be the smaller
        // one.
        execute(
                "CREATE TABLE steps (before BIGINT, after BIGINT)",
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO steps VALUES (OLD.version, NEW.version); RETURN NULL; END'",
                "CREATE TRIGGER note AFTER UPDATE ON organizations FOR EACH ROW EXECUTE FUNCTION note()");
        concurrently(
                8,
                () -> {
                    for (int update = 0; update < 25; update++) {
                        execute("UPDATE organizations SET name = name || 'x' WHERE id = 'o'");
                    }
                    return null;
                });

        assertThat(query("SELECT count(*) FROM steps WHERE before < after")).isEqualTo("200");
        assertThat(
                        query(
                                "SELECT version > (SELECT max(before) FROM steps) FROM organizations WHERE id = 'o'"))
                .isEqualTo("t");
    }

    @Test
    void runnersThatStartAtOnceApplyEverythingOnce() throws Exception {
        List<List<Migration>> runs = concurrently(4, () -> packaged().build().up());

        assertThat(runs.stream().mapToInt(List::size).sum())
                .isEqualTo(MigrationFiles.packaged("postgres").size());
        assertThat(runs).filteredOn(run -> !run.isEmpty()).hasSize(1);
    }

    @Test
    void aBrokenFileNamesItsStatementAndLeavesNothing() throws Exception {
        write("20260101000000_good.sql", "CREATE TABLE good (a INT);", "DROP TABLE good;");
        write(
                "20260102000000_broken.sql",
                "CREATE TABLE kept (a INT);\n\nCREATE TABEL broken (a INT);",
                "");
        Migrations migrations = packaged().directory(folder).build();

        assertThatThrownBy(migrations::up)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining(
                        "20260102000000_broken.sql line 4: statement 2 of 2 failed while applying")
                .hasMessageContaining("CREATE TABEL broken")
                .hasMessageContaining("syntax error");
        assertThat(states(migrations)).containsExactly(State.APPLIED, State.PENDING);
        assertThat(query("SELECT to_regclass('good') IS NOT NULL")).isEqualTo("t");
        assertThat(query("SELECT to_regclass('kept') IS NULL")).isEqualTo("t");

        write("20260102000000_broken.sql", "CREATE TABLE kept (a INT);", "DROP TABLE missing;");
        assertThat(migrations.up()).hasSize(1);
        assertThatThrownBy(migrations::down)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("failed while undoing")
                .hasMessageContaining("\"missing\" does not exist");
        assertThat(states(migrations)).containsExactly(State.APPLIED, State.APPLIED);
    }

    @Test
    void theCommandTellsByItsExitStatus() throws IOException {
        write("20260101000000_good.sql", "CREATE TABLE good (a INT);", "DROP TABLE good;");
        Map<String, String> environment = environment();

        assertThat(command(environment, "status", "postgres"))
                .startsWith("0 20260101000000  pending");
        Map<String, String> misspelled = new HashMap<>(environment);
        misspelled.put("PONIX_POSTGRES_MIGRATION_DIR", "x");
        assertThat(command(misspelled, "status", "postgres"))
                .startsWith(
                        "0 PONIX_POSTGRES_MIGRATION_DIR is set, but nothing reads it; the nearest that is"
                                + " read is PONIX_POSTGRES_MIGRATIONS_DIR\n20260101000000  pending");
        assertThat(command(environment, "up", "postgres"))
                .isEqualTo("0 applied 20260101000000_good.sql\n");
        assertThat(command(environment, "up", "postgres")).isEqualTo("0 up to date\n");
        assertThat(command(environment, "status", "postgres"))
                .startsWith("0 20260101000000  applied");
        assertThat(command(environment, "down", "postgres"))
                .isEqualTo("0 undid 20260101000000_good.sql\n");
        assertThat(command(environment, "down", "postgres")).isEqualTo("0 nothing is applied\n");
        write("20260101000000_good.sql", "nonsense;", "");
        assertThat(command(environment, "up", "postgres"))
                .startsWith("1 20260101000000_good.sql line 2");
        assertThat(command(environment, "up", "mysql")).startsWith("2 Unknown database: mysql");
        assertThat(command(environment, "sideways", "postgres"))
                .startsWith("2 Unknown operation: sideways");
        assertThat(command(environment, "up", "postgres", "--from", "1"))
                .startsWith("2 Unknown argument: --from 1");
        assertThat(command(environment, "down", "postgres", "--to", "20260101000000"))
                .startsWith("2 Unknown argument: --to 20260101000000");
        assertThat(command(environment, "up", "postgres", "--to", "12"))
                .startsWith("2 --to is '12': the 14 digits");
        Map<String, String> withoutFile = new HashMap<>(environment);
        withoutFile.put("PONIX_POSTGRES_PASSWORD_FILE", "/nowhere/password");
        assertThat(command(withoutFile, "status", "postgres"))
                .isEqualTo(
                        "1 PONIX_POSTGRES_PASSWORD_FILE names /nowhere/password, which is not there\n");
        assertThat(command(environment, "up", "postgres", "--postgres-password", "s3cret"))
                .startsWith("2 --postgres-password is given as an argument")
                .doesNotContain("s3cret");
        assertThat(command(environment)).startsWith("2 Usage");
        assertThat(command(environment, "--help")).startsWith("0 Usage");
    }

    @Test
    void upGoesNoFurtherThanItIsTold() throws IOException {
        write("20260101000000_one.sql", "CREATE TABLE one (a INT);", "DROP TABLE one;");
        write("20260102000000_two.sql", "CREATE TABLE two (a INT);", "DROP TABLE two;");
        Map<String, String> environment = environment();

        assertThat(command(environment, "up", "postgres", "--to", "20260101000000"))
                .isEqualTo("0 applied 20260101000000_one.sql\n");
        assertThat(command(environment, "up", "postgres", "--to", "20260101000000"))
                .isEqualTo("0 nothing to apply up to 20260101000000\n");
        assertThat(command(environment, "up", "postgres", "--to", "20260103000000"))
                .startsWith("1 There is no migration 20260103000000 to go up to");
        assertThat(command(environment, "validate", "postgres"))
                .isEqualTo("0 valid: 1 applied, 1 pending\n");
        assertThat(command(environment, "up", "postgres"))
                .isEqualTo("0 applied 20260102000000_two.sql\n");
    }

    @Test
    void validateNoticesAFileThatWasChangedOrIsGone() throws IOException {
        write("20260101000000_one.sql", "CREATE TABLE one (a INT);", "DROP TABLE one;");
        write("20260102000000_two.sql", "CREATE TABLE two (a INT);", "DROP TABLE two;");
        Map<String, String> environment = environment();
        command(environment, "up", "postgres");

        write("20260101000000_one.sql", "-- new\n  CREATE TABLE one\n(a INT);", "DROP TABLE one;");
        assertThat(command(environment, "validate", "postgres"))
                .isEqualTo("0 valid: 2 applied, 0 pending\n");
        write("20260101000000_one.sql", "CREATE TABLE one (a BIGINT);", "DROP TABLE one;");
        Files.delete(folder.resolve("20260102000000_two.sql"));
        assertThat(command(environment, "validate", "postgres"))
                .isEqualTo(
                        "1 20260101000000_one.sql was changed after it was applied: give it back what it was,"
                                + " and make the change in a new file\n"
                                + "The database has the migration 20260102000000 (two), for which there is no"
                                + " file: it belongs to a newer release\n");
        write("20260101000000_one.sql", "CREATE TABLE one (a BIGINT)", "");
        assertThat(command(environment, "validate", "postgres"))
                .startsWith(
                        "1 20260101000000_one.sql line 2 begins a statement that has no semicolon");
    }

    /** What a release of before goose's format left, which recorded in a table of its own. */
    @Test
    void aDatabaseOfAFirstReleaseGoesOn() throws SQLException {
        List<Migration> files = MigrationFiles.packaged("postgres");
        for (Migration migration : files.subList(0, OF_THE_FIRST_RELEASE)) {
            for (SqlStatement statement : migration.statements(Direction.UP)) {
                execute(statement.sql());
            }
        }
        execute(
                "CREATE TABLE schema_migrations (id BIGINT PRIMARY KEY, description TEXT NOT NULL,"
                        + " applied_at TIMESTAMPTZ NOT NULL DEFAULT now())");
        for (Migration migration : files.subList(0, OF_THE_FIRST_RELEASE)) {
            execute(
                    "INSERT INTO schema_migrations VALUES ("
                            + migration.id()
                            + ", '"
                            + migration.description()
                            + "', '2026-11-21 09:00:00+00')");
        }
        Migrations migrations = packaged().build();
        assertThat(states(migrations).subList(0, OF_THE_FIRST_RELEASE)).containsOnly(State.APPLIED);
        assertThat(migrations.report().problems()).isEmpty();
        assertThat(query("SELECT to_regclass('goose_db_version') IS NULL"))
                .as("status changes nothing")
                .isEqualTo("t");

        assertThat(migrations.up()).isEqualTo(files.subList(OF_THE_FIRST_RELEASE, files.size()));
        assertThat(migrations.up()).isEmpty();
        assertThat(migrations.status().get(0).recordedAt())
                .contains(Instant.parse("2026-11-21T09:00:00Z"));
        assertThat(migrations.report().problems()).isEmpty();

        // Somebody goes back to that release, which has other files: what it executes, to the word.
        assertThat(query("SELECT to_regclass('schema_migrations') IS NOT NULL")).isEqualTo("t");
        assertThat(
                        query(
                                "SELECT count(*) FROM (SELECT id, description, applied_at FROM schema_migrations"
                                        + " ORDER BY id) AS applied"))
                .isEqualTo(String.valueOf(files.size()));
        Migration newest = files.get(files.size() - 1);
        for (SqlStatement statement : newest.statements(Direction.DOWN)) {
            execute(statement.sql());
        }
        execute(
                "DELETE FROM schema_migrations WHERE id = " + newest.id(),
                "INSERT INTO schema_migrations (id, description) VALUES (20991231000000, 'another')");
        assertThat(migrations.report().statuses())
                .extracting(MigrationStatus::state)
                .endsWith(State.APPLIED, State.PENDING, State.APPLIED_WITHOUT_FILE);
        execute("DELETE FROM schema_migrations WHERE id = 20991231000000");
        assertThat(migrations.up()).containsExactly(newest);
    }

    /** The statements are goose's own, of its dialect of Postgres. */
    @Test
    void gooseAndThisRunnerFollowEachOther() throws IOException, SQLException {
        write("20260101000000_one.sql", "CREATE TABLE one (a INT);", "DROP TABLE one;");
        write("20260102000000_two.sql", "CREATE TABLE two (a INT);", "DROP TABLE two;");
        write("20260103000000_three.sql", "CREATE TABLE three (a INT);", "DROP TABLE three;");
        Migrations migrations = packaged().directory(folder).build();

        // goose was first.
        execute(
                "CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,"
                        + " version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT"
                        + " NULL DEFAULT now())",
                "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true)",
                "CREATE TABLE one (a INT)",
                "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260101000000, true)");
        assertThat(states(migrations)).containsExactly(State.APPLIED, State.PENDING, State.PENDING);
        assertThat(migrations.upTo(20260102000000L)).hasSize(1);

        // goose goes on and back.
        assertThat(query("SELECT version_id FROM goose_db_version ORDER BY id DESC LIMIT 1"))
                .isEqualTo("20260102000000");
        execute(
                "CREATE TABLE three (a INT)",
                "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260103000000, true)");
        assertThat(migrations.up()).isEmpty();
        execute(
                "DROP TABLE three",
                "DELETE FROM goose_db_version WHERE version_id=20260103000000",
                "DROP TABLE two",
                "DELETE FROM goose_db_version WHERE version_id=20260102000000");
        assertThat(migrations.up()).hasSize(2);
        assertThat(migrations.down()).isPresent();
        assertThat(migrations.down()).isPresent();
        assertThat(
                        query(
                                "SELECT string_agg(version_id || ' ' || is_applied, ',' ORDER BY id) FROM goose_db_version"))
                .isEqualTo("0 true,20260101000000 true");
    }

    @Test
    void aFileMaySayThatItRunsWithoutATransaction() throws IOException, SQLException {
        write(
                "20260101000000_index.sql",
                "-- +goose NO TRANSACTION\nCREATE TABLE IF NOT EXISTS t (a INT);\n"
                        + "CREATE INDEX CONCURRENTLY i ON t (b);",
                "DROP TABLE t;");
        Migrations migrations = packaged().directory(folder).build();

        assertThatThrownBy(migrations::up)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("statement 2 of 2 failed")
                .hasMessageContaining("The statements before it are done, since the file says");
        assertThat(query("SELECT to_regclass('t') IS NOT NULL")).isEqualTo("t");
        write(
                "20260101000000_index.sql",
                "-- +goose NO TRANSACTION\nCREATE TABLE IF NOT EXISTS t (a INT);\n"
                        + "CREATE INDEX CONCURRENTLY i ON t (a);",
                "DROP TABLE t;");
        assertThat(migrations.up()).hasSize(1);
        assertThat(query("SELECT to_regclass('i') IS NOT NULL")).isEqualTo("t");
    }

    @Test
    void whatKeepsARunOutNamesTheSetting() {
        assertThatThrownBy(() -> migrations(server().password("wrong")).build().up())
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("PONIX_POSTGRES_USERNAME, PONIX_POSTGRES_PASSWORD");
        assertThatThrownBy(() -> migrations(server().database(database + "_not")).build().up())
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("PONIX_POSTGRES_DATABASE");
        assertThatThrownBy(() -> migrations(server().port(1)).build().up())
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("PONIX_POSTGRES_HOST, PONIX_POSTGRES_PORT");
    }

    private Map<String, String> environment() {
        return Map.of(
                // Nothing listens at the first.
                "PONIX_POSTGRES_HOST",
                postgres.host() + ":1," + postgres.host(),
                "PONIX_POSTGRES_PORT",
                String.valueOf(postgres.port()),
                "PONIX_POSTGRES_DATABASE",
                database,
                "PONIX_POSTGRES_MIGRATIONS_DIR",
                folder.toString());
    }

    private PostgresMigrations.Builder packaged() {
        return migrations(server());
    }

    private static PostgresMigrations.Builder migrations(PostgresSettings.Builder server) {
        return PostgresMigrations.builder().settings(server.build());
    }

    private PostgresSettings.Builder server() {
        return PostgresSettings.builder()
                .host(postgres.host())
                .port(postgres.port())
                .database(database)
                .username(postgres.username())
                .password(postgres.password());
    }

    private void write(String name, String up, String down) throws IOException {
        Files.writeString(
                folder.resolve(name), "-- +goose Up\n" + up + "\n-- +goose Down\n" + down + "\n");
    }

    private static List<State> states(Migrations migrations) {
        return migrations.status().stream().map(MigrationStatus::state).toList();
    }

    private static String command(Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        int status = MigrationsMain.runAlone(List.of(arguments), environment, stream, stream);
        return status + " " + printed.toString(StandardCharsets.UTF_8);
    }

    private Connection connect() throws SQLException {
        return server().build().connect();
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
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
