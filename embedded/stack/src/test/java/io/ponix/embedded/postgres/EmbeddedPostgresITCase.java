package io.ponix.embedded.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresITCase {

    @TempDir Path home;

    @Test
    void committedRowsAndSlotsSurviveKillAndStop() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build()) {
            postgres.start();
            int port = postgres.port();
            execute(
                    postgres,
                    "CREATE TABLE readings(id INT PRIMARY KEY)",
                    "INSERT INTO readings VALUES (1)");
            execute(postgres, "SELECT pg_create_logical_replication_slot('a_slot', 'pgoutput')");

            postgres.kill();
            assertThat(postgres.isRunning()).isFalse();
            postgres.start();
            execute(postgres, "INSERT INTO readings VALUES (2)");

            postgres.stop();
            assertThat(postgres.isRunning()).isFalse();
            postgres.start();

            assertThat(postgres.port()).isEqualTo(port);
            assertThat(query(postgres, "SELECT count(*) FROM readings")).isEqualTo("2");
            assertThat(query(postgres, "SELECT slot_name FROM pg_replication_slots"))
                    .isEqualTo("a_slot");
        }
    }

    @Test
    void aNewHomeHasAPasswordOfItsOwn() throws Exception {
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().home(home).passwordOfTheHome().build()) {
            postgres.start();
            Path file = home.resolve("postgres/password");
            String password = Files.readString(file).strip();
            assertThat(password).hasSize(32);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(postgres.address().password()).isEqualTo(password);
            assertThatThrownBy(
                            () -> DriverManager.getConnection(postgres.jdbcUrl(), "ponix", "ponix"))
                    .hasMessageContaining("password authentication failed");

            postgres.stop();
            postgres.start();
            assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
            assertThat(query(postgres, "SELECT rolpassword FROM pg_authid WHERE rolname = 'ponix'"))
                    .startsWith("SCRAM-SHA-256$");
        }
    }

    @Test
    void aHomeFromBeforePasswordsWereOfHomesGoesOnWithItsFormer() throws Exception {
        try (EmbeddedPostgres before = EmbeddedPostgres.builder().home(home).build()) {
            before.start();
        }
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().home(home).passwordOfTheHome().build()) {
            postgres.start();
            assertThat(postgres.password()).isEqualTo("ponix");
            assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
            assertThat(home.resolve("postgres/password")).doesNotExist();
        }
    }

    @Test
    void aWrongPasswordIsRefused() {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build()) {
            postgres.start();
            assertThatThrownBy(
                            () -> DriverManager.getConnection(postgres.jdbcUrl(), "ponix", "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void aLockFileWhosePidIsSomeoneElsesByNowDoesNotPreventTheStart() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build()) {
            postgres.start();
            postgres.kill();
            // The pid was given to another program, here this very test, and Postgres's own check
            // would call the server running.
            Path lock = home.resolve("postgres/data/postmaster.pid");
            List<String> lines = Files.readAllLines(lock);
            lines.set(0, Long.toString(ProcessHandle.current().pid()));
            Files.write(lock, lines);

            postgres.start();
            assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aStandbyHasWhatThePrimaryHasAndTakesItsPlace() throws Exception {
        try (EmbeddedPostgres primary =
                EmbeddedPostgres.builder().home(home.resolve("primary")).build()) {
            primary.start();
            assertThatThrownBy(() -> primary.copyAsStandby(home.resolve("standby"), primary.port()))
                    .hasMessageContaining("stop it before its data is copied");
            primary.stop();
            try (EmbeddedPostgres standby =
                    primary.copyAsStandby(home.resolve("standby"), primary.port())) {
                primary.start();
                execute(
                        primary,
                        "SELECT pg_create_physical_replication_slot('"
                                + EmbeddedPostgres.STANDBY_SLOT
                                + "')",
                        "CREATE TABLE readings(id INT PRIMARY KEY)",
                        "INSERT INTO readings VALUES (1)");
                standby.start();
                await().ignoreExceptions()
                        .untilAsserted(
                                () ->
                                        assertThat(query(standby, "SELECT count(*) FROM readings"))
                                                .isEqualTo("1"));
                primary.kill();
                execute(standby, "SELECT pg_promote()", "INSERT INTO readings VALUES (2)");
                assertThat(query(standby, "SELECT count(*) FROM readings")).isEqualTo("2");
            }
        }
    }

    static void execute(EmbeddedPostgres postgres, String... statements) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.username(), postgres.password());
    }
}
