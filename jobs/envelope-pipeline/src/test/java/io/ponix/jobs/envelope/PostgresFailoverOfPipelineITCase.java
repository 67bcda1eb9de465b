package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The job with its defaults while a standby takes the place of Postgres. */
class PostgresFailoverOfPipelineITCase {

    private static final String LPP = "cayenne_lpp_decode(input)";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String LOST =
            "SELECT count() FROM processed_envelopes WHERE data.lost = true";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path home;

    @Test
    void devicesThatAreChangedAndCreatedOnThePromotedStandbyAreKnown() throws Exception {
        try (PipelineStack stack = PipelineStack.start(home)) {
            EmbeddedPostgres primary = stack.postgres();
            stack.organization(ORGANIZATION);
            stack.device("early", ORGANIZATION, LPP);
            primary.stop();
            try (EmbeddedPostgres standby =
                    primary.copyAsStandby(home.resolve("standby"), primary.port())) {
                primary.start();
                query(
                        primary,
                        "SELECT pg_create_physical_replication_slot('"
                                + EmbeddedPostgres.STANDBY_SLOT
                                + "', true)");
                standby.start();
                stack.submit("--postgres-host", address(standby) + "," + address(primary));
                publish(stack, "early");
                awaitRows(stack, "early", 1);
                awaitCopy(standby);
                primary.kill();
                query(standby, "SELECT pg_promote()");

                // Of a device that is known only the changes tell; one that is not is asked for.
                query(
                        standby,
                        "UPDATE end_devices SET payload_conversion = '{\"changed\": true}'"
                                + " WHERE device_id = 'early' RETURNING 1");
                query(
                        standby,
                        "INSERT INTO end_devices (device_id, organization_id, name, payload_conversion)"
                                + " VALUES ('late', '"
                                + ORGANIZATION
                                + "', 'late', '"
                                + LPP
                                + "') RETURNING 1");
                publish(stack, "late");
                awaitRows(stack, "late", 1);
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> {
                                    publish(stack, "early");
                                    assertThat(
                                                    stack.number(
                                                            "SELECT count() FROM processed_envelopes WHERE data.changed = true"))
                                            .isPositive();
                                });
                assertThat(stack.deadLetters()).isEmpty();
                assertThat(stack.lastRestart()).isZero();
            }
        }
    }

    @Test
    void whatWasReadOfThePrimaryAndIsNotOnThePromotedStandbyIsForgotten() throws Exception {
        try (PipelineStack stack = PipelineStack.start(home)) {
            EmbeddedPostgres primary = stack.postgres();
            stack.organization(ORGANIZATION);
            stack.device("early", ORGANIZATION, LPP);
            primary.stop();
            try (EmbeddedPostgres standby =
                    primary.copyAsStandby(home.resolve("standby"), primary.port())) {
                primary.start();
                query(
                        primary,
                        "SELECT pg_create_physical_replication_slot('"
                                + EmbeddedPostgres.STANDBY_SLOT
                                + "', true)");
                execute(
                        primary,
                        "ALTER SYSTEM SET synchronized_standby_slots = '"
                                + EmbeddedPostgres.STANDBY_SLOT
                                + "'");
                query(primary, "SELECT pg_reload_conf()");
                standby.start();
                stack.submit("--postgres-host", address(standby) + "," + address(primary));
                publish(stack, "early");
                awaitRows(stack, "early", 1);
                awaitCopy(standby);

                // The change stream waits for the standby; a start of a task does not.
                standby.stop();
                execute(
                        primary,
                        "UPDATE end_devices SET payload_conversion = '{\"lost\": true}' WHERE device_id = 'early'");
                stack.flink().taskManager(1).kill();
                stack.flink().taskManager(1).start();
                publish(stack, "early");
                awaitRows(stack, "early", 2);
                assertThat(stack.number(LOST)).isEqualTo(1);

                primary.kill();
                standby.start();
                query(standby, "SELECT pg_promote()");
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> {
                                    publish(stack, "early");
                                    assertThat(stack.rows("early") - stack.number(LOST))
                                            .isGreaterThan(1);
                                });
                assertThat(stack.deadLetters()).isEmpty();
            }
        }
    }

    private static void awaitCopy(EmbeddedPostgres standby) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                query(
                                                        standby,
                                                        "SELECT synced AND NOT temporary FROM pg_replication_slots"
                                                                + " WHERE slot_name = 'ponix_cdc_slot'"))
                                        .isEqualTo("t"));
    }

    private static void publish(PipelineStack stack, String device) throws Exception {
        stack.publish(envelope(ORGANIZATION, device, Instant.now()).build());
    }

    private static void awaitRows(PipelineStack stack, String device, long count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stack.rows(device)).isEqualTo(count));
    }

    private static String address(EmbeddedPostgres postgres) {
        return postgres.host() + ":" + postgres.port();
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
