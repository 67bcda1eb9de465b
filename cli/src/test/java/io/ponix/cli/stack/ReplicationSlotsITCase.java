package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.ServerAddresses;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationSlotsITCase {

    /** Each is 16 MiB. */
    private static final int FILES_OF_LOG = 17;

    @Test
    void theLogThatNobodyReadsIsNamedAndSoIsOneThatIsLost(@TempDir Path home) throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build()) {
            postgres.start();
            ReplicationSlots slots = new ReplicationSlots(addresses(postgres));
            assertThat(slots.all()).isEmpty();

            execute(postgres, "SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput')");
            ReplicationSlots.Slot slot = only(slots);
            assertThat(slot.warning()).as("little is kept").isEmpty();
            assertThat(slot.toString())
                    .matches("replication slot forgotten, not read now, keeps .* of the log");

            for (int file = 0; file < FILES_OF_LOG; file++) {
                execute(
                        postgres,
                        "SELECT pg_logical_emit_message(false, 'test', 'test')",
                        "SELECT pg_switch_wal()");
            }
            slot = only(slots);
            assertThat(slot.kept()).isBetween(16L << 24, 18L << 24);
            assertThat(slot.warning())
                    .hasValueSatisfying(
                            warning ->
                                    assertThat(warning)
                                            .startsWith(
                                                    "nobody reads replication slot forgotten, for which Postgres keeps 2")
                                            .contains(" MB of its log"));

            execute(
                    postgres,
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'",
                    "SELECT pg_reload_conf()");
            // The checkpointer reads the setting when it comes to it.
            await().until(
                            () -> {
                                execute(postgres, "CHECKPOINT");
                                return only(slots).lost();
                            });
            slot = only(slots);
            assertThat(slot.warning())
                    .hasValueSatisfying(
                            warning ->
                                    assertThat(warning)
                                            .contains("is lost", "max_slot_wal_keep_size"));
        }
    }

    private static ReplicationSlots.Slot only(ReplicationSlots slots) {
        List<ReplicationSlots.Slot> all = slots.all();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static void execute(EmbeddedPostgres postgres, String... statements)
            throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static StackAddresses addresses(EmbeddedPostgres postgres) {
        return StackAddresses.of(
                new ServerAddresses(
                        null,
                        PostgresSettings.builder()
                                // Nothing listens at the first.
                                .host(postgres.host() + ":1," + postgres.host())
                                .port(postgres.port())
                                .database(postgres.database())
                                .username(postgres.username())
                                .password(postgres.password())
                                .build(),
                        null));
    }
}
