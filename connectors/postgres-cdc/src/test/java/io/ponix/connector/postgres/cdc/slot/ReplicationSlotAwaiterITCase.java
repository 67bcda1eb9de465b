package io.ponix.connector.postgres.cdc.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabase.Extension.class)
class ReplicationSlotAwaiterITCase {

    @Test
    void waitsUntilTheSlotCanBeReadAndNotOnlyUntilItIsListed(TestDatabase database)
            throws Exception {
        String slot = database.uniqueName("slot");
        CompletableFuture<WalPosition> awaited =
                awaitInBackground(database.config(), slot, Duration.ofSeconds(30));
        CompletableFuture<Void> created;
        try (Connection busy = database.connect();
                Statement statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            // A transaction with an id: the creation of a slot waits for it.
            statement.execute("SELECT pg_current_xact_id()");
            created =
                    CompletableFuture.runAsync(
                            () -> {
                                try (Connection connection = database.connect()) {
                                    ReplicationSlot.create(connection, slot);
                                } catch (Exception e) {
                                    throw new CompletionException(e);
                                }
                            });
            await().until(() -> database.slot(slot).isPresent());
            await().during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> !database.slot(slot).orElseThrow().isReady() && !awaited.isDone());
            busy.commit();
        }
        created.get(10, TimeUnit.SECONDS);
        assertThat(awaited.get(10, TimeUnit.SECONDS)).isEqualTo(database.confirmed(slot));
        database.execute("SELECT pg_drop_replication_slot('" + slot + "')");
    }

    @Test
    void aSlotIsCreatedForStandbysToKeepACopyOf(TestDatabase database) throws Exception {
        String slot = database.uniqueName("slot");
        try (Connection connection = database.connect()) {
            ReplicationSlot.create(connection, slot);
        }
        assertThat(
                        database.query(
                                "SELECT failover FROM pg_replication_slots WHERE slot_name = '"
                                        + slot
                                        + "'"))
                .isEqualTo("t");
        database.execute("SELECT pg_drop_replication_slot('" + slot + "')");
    }

    @Test
    void waitsForAServerThatIsNotUpYet(TestDatabase database) throws Exception {
        String slot = database.uniqueName("slot");
        PostgresSettings config = database.config();
        database.process().stop();
        CompletableFuture<WalPosition> awaited =
                awaitInBackground(config, slot, Duration.ofSeconds(60));
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(5))
                .until(() -> !awaited.isDone());
        database.process().start();
        database.execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        assertThat(awaited.get(10, TimeUnit.SECONDS)).isEqualTo(database.confirmed(slot));
        database.execute("SELECT pg_drop_replication_slot('" + slot + "')");
    }

    @Test
    void tellsWhatItWaitedForInVain(TestDatabase database) {
        assertThatThrownBy(
                        () ->
                                ReplicationSlotAwaiter.await(
                                        database.config(), "never_created", Duration.ofMillis(500)))
                .isInstanceOfSatisfying(
                        PostgresCdcException.class,
                        e -> assertThat(e.problem()).isEqualTo(Problem.SLOT_NOT_CREATED_IN_TIME))
                .hasMessageContaining("'never_created'")
                .hasMessageContaining("was not ready within PT0.5S: the slot does not exist yet")
                .hasMessageContaining("JobManager's log");
    }

    @Test
    void doesNotWaitForAServerThatRefusesTheUser(TestDatabase database) {
        PostgresSettings config =
                PostgresSettings.builder()
                        .host(database.process().host())
                        .port(database.process().port())
                        .database("no_such_database")
                        .username(database.config().username())
                        .password(database.config().password())
                        .build();
        assertThatThrownBy(
                        () -> ReplicationSlotAwaiter.await(config, "a_slot", Duration.ofMinutes(5)))
                .isInstanceOfSatisfying(
                        PostgresCdcException.class,
                        e -> assertThat(e.problem()).isEqualTo(Problem.ACCESS_REFUSED))
                .hasMessageContaining("no_such_database");
    }

    private static CompletableFuture<WalPosition> awaitInBackground(
            PostgresSettings config, String slot, Duration timeout) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return ReplicationSlotAwaiter.await(config, slot, timeout);
                    } catch (InterruptedException e) {
                        throw new CompletionException(e);
                    }
                });
    }
}
