package io.ponix.cli.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixProcess;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code registry verify}, on a database that is written by hand, with its triggers and without.
 */
class RegistryVerifyITCase {

    private static EmbeddedPostgres postgres;
    private static PonixProcess ponix;

    @BeforeAll
    static void start(@TempDir Path home) throws Exception {
        postgres = EmbeddedPostgres.builder().home(home).build();
        postgres.start();
        ponix =
                new PonixProcess(home)
                        .with("PONIX_POSTGRES_HOST", postgres.host())
                        .with("PONIX_POSTGRES_PORT", String.valueOf(postgres.port()))
                        .with("PONIX_POSTGRES_DATABASE", postgres.database())
                        .with("PONIX_POSTGRES_USERNAME", postgres.username())
                        .with("PONIX_POSTGRES_PASSWORD", postgres.password());
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static void execute(String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static PonixProcess.Outcome verify(String... options) throws Exception {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "registry";
        arguments[1] = "verify";
        System.arraycopy(options, 0, arguments, 2, options.length);
        return ponix.run(arguments);
    }

    @Test
    void whatSomebodyWroteBesideTheTriggersIsShown() throws Exception {
        PonixProcess.Outcome without = verify();
        assertThat(without.status()).as(without.toString()).isEqualTo(1);
        assertThat(without.errors()).contains("keeps no history yet: ./ponix migrate up postgres");

        PonixProcess.Outcome migrated = ponix.run("migrate", "up", "postgres");
        assertThat(migrated.status()).as(migrated.toString()).isZero();
        execute(
                "INSERT INTO organizations (id, name) VALUES ('o', 'Acme')",
                "INSERT INTO end_devices (device_id, organization_id, name)"
                        + " SELECT 'd' || i, 'o', 'device' FROM generate_series(1, 9) AS i",
                "UPDATE end_devices SET name = 'renamed', payload_conversion = '{}'",
                // A time is the same in whatever zone it was written.
                "SET TIME ZONE 'Asia/Kolkata'",
                "UPDATE end_devices SET deleted_at = now() WHERE device_id = 'd1'",
                "UPDATE end_devices SET deleted_at = NULL WHERE device_id = 'd1'",
                "DELETE FROM end_devices WHERE device_id = 'd9'",
                "INSERT INTO end_device_definitions (id, organization_id, name, contracts)"
                        + " VALUES ('k', 'o', 'kind', '[{\"match_expression\": \"true\"}]')",
                "UPDATE end_device_definitions SET contracts = '[2]'",
                "INSERT INTO gateways (gateway_id, organization_id, name, gateway_type)"
                        + " VALUES ('g', 'o', 'Roof', 'emqx')");
        PonixProcess.Outcome agreeing = verify();
        assertThat(agreeing.status()).as(agreeing.toString()).isZero();
        assertThat(agreeing.output())
                .isEqualTo("The registry agrees with its history: 11 rows, 34 events\n");

        execute(
                "SET session_replication_role = replica",
                "UPDATE end_devices SET name = 'tampered' WHERE device_id = 'd2'",
                "UPDATE end_devices SET revision = 7 WHERE device_id = 'd3'",
                "DELETE FROM end_devices WHERE device_id = 'd4'",
                "INSERT INTO end_devices (device_id, organization_id, name, version)"
                        + " VALUES ('d5b', 'o', 'unheard of', 0)",
                "DELETE FROM registry_events WHERE resource_id = 'd6' AND resource_version = 2",
                "DELETE FROM registry_events WHERE resource_id = 'd7' AND resource_version = 1",
                "UPDATE end_device_definitions SET contracts = '[1]'");
        PonixProcess.Outcome differing = verify();
        assertThat(differing.status()).as(differing.toString()).isEqualTo(1);
        assertThat(differing.output().lines().map(line -> line.replaceAll(" {2,}", " | ")))
                .contains(
                        "TYPE | ID | FIELD | ROW HAS | EVENTS SAY",
                        "end_device | d2 | name | \"tampered\" | \"renamed\"",
                        "end_device | d3 | revision | 7 | 3",
                        "end_device | d4 | (row) | no row | not deleted",
                        "end_device | d5b | (events) | a row | no event",
                        "end_device | d6 | (versions) | - | 2 events of the versions 1 to 3",
                        "end_device | d6 | name | \"renamed\" | \"device\"",
                        "end_device | d7 | (versions) | - | 2 events of the versions 2 to 3",
                        "end_device_definition | k | contracts | [1] | [2]")
                .last()
                .asString()
                .startsWith(
                        "The registry differs from its history: 7 of 11 rows and 32 events, in ");

        PonixProcess.Outcome cut = verify("--limit", "2");
        assertThat(cut.status()).isEqualTo(1);
        assertThat(cut.output().lines()).hasSize(5);
        assertThat(cut.output()).containsPattern("(?m)^and [0-9]+ more$");
    }
}
