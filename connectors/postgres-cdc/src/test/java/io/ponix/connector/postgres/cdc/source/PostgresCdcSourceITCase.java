package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.TestCluster;
import io.ponix.connector.postgres.cdc.TestDatabase;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.client.program.ClusterClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What arrives, in which order, and what is confirmed. */
@ExtendWith({TestDatabase.Extension.class, TestCluster.class})
class PostgresCdcSourceITCase {

    @TempDir Path folder;

    @Test
    void changesArriveInTheOrderOfTheirCommits(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).start()) {
            job.awaitSlot();
            database.execute(
                    "INSERT INTO " + job.table + " VALUES (1, 'a'), (2, NULL)",
                    "UPDATE " + job.table + " SET name = 'b' WHERE id = 1",
                    "DELETE FROM " + job.table + " WHERE id = 2");
            try (Connection first = database.connect();
                    Connection second = database.connect();
                    Statement firstStatement = first.createStatement();
                    Statement secondStatement = second.createStatement()) {
                first.setAutoCommit(false);
                second.setAutoCommit(false);
                firstStatement.execute("INSERT INTO " + job.table + " VALUES (3, 'begun first')");
                secondStatement.execute(
                        "INSERT INTO " + job.table + " VALUES (4, 'committed first')");
                firstStatement.execute("INSERT INTO " + job.table + " VALUES (5, 'begun first')");
                second.commit();
                first.commit();
            }
            database.execute(
                    "UPDATE " + job.table + " SET id = 40 WHERE id = 4",
                    "TRUNCATE " + job.table,
                    "ALTER TABLE " + job.table + " ADD COLUMN flag BOOLEAN DEFAULT true",
                    "INSERT INTO " + job.table + " VALUES (6, 'f', false)");

            job.awaitReceived(
                    List.of(
                            "INSERT readings -> {id=1, name=a}",
                            "INSERT readings -> {id=2, name=null}",
                            "UPDATE readings {id=1, name=a} -> {id=1, name=b}",
                            "DELETE readings {id=2, name=null}",
                            "INSERT readings -> {id=4, name=committed first}",
                            "INSERT readings -> {id=3, name=begun first}",
                            "INSERT readings -> {id=5, name=begun first}",
                            // A changed key is two changes.
                            "DELETE readings {id=4, name=committed first}",
                            "INSERT readings -> {id=40, name=committed first}",
                            "TRUNCATE readings",
                            "INSERT readings -> {id=6, name=f, flag=false}"));
        }
    }

    @Test
    void aLargeValueTheUpdateDidNotTouchIsThereWithReplicaIdentityFull(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        String large = "x".repeat(50_000) + "y".repeat(50_000);
        try (CdcJob job = new CdcJob(database, client, folder)) {
            database.execute(
                    "ALTER TABLE " + job.table + " ADD COLUMN other INT",
                    // Stored out of line as it is: a compressed value this regular would stay in
                    // the row.
                    "ALTER TABLE " + job.table + " ALTER COLUMN name SET STORAGE EXTERNAL");
            job.start().awaitSlot();
            database.execute(
                    "INSERT INTO " + job.table + " VALUES (1, '" + large + "', 1)",
                    "UPDATE " + job.table + " SET other = 2",
                    "ALTER TABLE " + job.table + " REPLICA IDENTITY DEFAULT",
                    "UPDATE " + job.table + " SET other = 3");

            String shown = "100000 characters, hash " + large.hashCode();
            job.awaitReceived(
                    List.of(
                            "INSERT readings -> {id=1, name=" + shown + ", other=1}",
                            "UPDATE readings {id=1, name="
                                    + shown
                                    + ", other=1} -> {id=1, name="
                                    + shown
                                    + ", other=2}",
                            // Without FULL the log does not have it, and the placeholder says so.
                            "UPDATE readings -> {id=1, name="
                                    + PostgresChange.UNAVAILABLE_VALUE
                                    + ", other=3}"));
        }
    }

    @Test
    void onlyTheCheckpointedPositionIsConfirmed(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).start()) {
            job.awaitSlot();
            WalPosition atStart = database.confirmed(job.slot);
            job.insert(1, 3);
            WalPosition afterFirst = database.endOfWal();
            job.awaitReceived(CdcJob.inserted(1, 3));
            assertThat(database.confirmed(job.slot)).isEqualTo(atStart);

            job.checkpoint();
            await().untilAsserted(
                            () -> assertThat(database.confirmed(job.slot)).isGreaterThan(atStart));
            WalPosition confirmed = database.confirmed(job.slot);
            assertThat(confirmed).isLessThanOrEqualTo(afterFirst);

            // Read, and looked at by the monitor several times, but in no checkpoint.
            job.insert(4, 6);
            job.awaitReceived(CdcJob.inserted(1, 6));
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () -> assertThat(database.confirmed(job.slot)).isEqualTo(confirmed));

            WalPosition beforeSavepoint = database.endOfWal();
            job.stopWithSavepoint();
            // What the savepoint holds is confirmed before the connection closes.
            await().untilAsserted(
                            () ->
                                    assertThat(database.slot(job.slot).orElseThrow().active())
                                            .isFalse());
            assertThat(database.confirmed(job.slot))
                    .isGreaterThan(confirmed)
                    .isLessThanOrEqualTo(beforeSavepoint);
        }
    }

    @Test
    void aSavepointIsResumedWithoutLossOrRepetition(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).start()) {
            job.awaitSlot();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            String savepoint = job.stopWithSavepoint();
            job.insert(11, 20);

            job.start(savepoint);
            job.awaitReceived(CdcJob.inserted(1, 20));
            assertThat(job.view().restoredSizes()).containsExactly(10);
            job.insert(21, 21).awaitReceived(CdcJob.inserted(1, 21));
        }
    }

    @Test
    void anOlderSavepointCanBeRestoredAfterLaterCheckpoints(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job =
                new CdcJob(database, client, folder).customize(UnaryOperator.identity()).start()) {
            job.awaitSlot();
            WalPosition atStart = database.confirmed(job.slot);
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            String savepoint = job.savepoint();
            job.insert(11, 20).awaitReceived(CdcJob.inserted(1, 20));
            job.checkpoint();
            job.cancel();
            assertThat(database.confirmed(job.slot)).isEqualTo(atStart);
            job.insert(21, 30);

            job.start(savepoint).awaitReceived(CdcJob.inserted(1, 30));
            assertThat(job.view().restoredSizes()).containsExactly(10);
        }
    }

    @Test
    void aStartWithoutStateBeginsWhereTheSlotWasConfirmed(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder)) {
            database.execute(
                    "SELECT pg_create_logical_replication_slot('" + job.slot + "', 'pgoutput')");
            job.insert(1, 5);
            job.start().awaitReceived(CdcJob.inserted(1, 5));
        }
    }

    @Test
    void unpublishedTablesDoNotPinTheLogAndNoSuperuserIsNeeded(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        String other = database.uniqueName("unpublished");
        String role = database.uniqueName("reader");
        try (CdcJob job =
                new CdcJob(database, client, folder)
                        .checkpointEvery(Duration.ofMillis(200))
                        .customize(
                                builder ->
                                        builder.setHeartbeatWalBytes(1 << 20)
                                                .setRestorableWalBytes(0))) {
            database.execute(
                    "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'read'",
                    "GRANT SELECT ON " + job.table + " TO " + role,
                    "CREATE TABLE " + other + " (text TEXT)");
            PostgresSettings config =
                    PostgresSettings.builder()
                            .host(database.process().host())
                            .port(database.process().port())
                            .database(database.config().database())
                            .username(role)
                            .password("read")
                            .build();
            job.start(null, config).awaitSlot();
            database.execute(
                    "INSERT INTO "
                            + other
                            + " SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
            WalPosition written = database.endOfWal();

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () ->
                                    assertThat(database.confirmed(job.slot))
                                            .isGreaterThanOrEqualTo(written));
            assertThat(job.view().received()).isEmpty();
            job.insert(1, 1).awaitReceived(CdcJob.inserted(1, 1));
        } finally {
            database.execute("DROP TABLE IF EXISTS " + other, "DROP ROLE IF EXISTS " + role);
        }
    }

    @Test
    void thePasswordIsInNoLog(TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).start()) {
            job.awaitSlot();
            job.insert(1, 1).awaitReceived(CdcJob.inserted(1, 1));
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("target", "test.log")));
        // Debezium writes its configuration: the check would be worthless if it did not reach this
        // file.
        assertThat(lines).anyMatch(line -> line.contains("database.password"));
        assertThat(lines).noneMatch(line -> line.contains(database.process().password()));
    }
}
