package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.TestCluster;
import io.ponix.connector.postgres.cdc.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.flink.client.program.ClusterClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** What can be wrong with a slot, and what the person is told. */
@ExtendWith({TestDatabase.Extension.class, TestCluster.class})
class PostgresCdcSlotITCase {

    @TempDir Path folder;

    @Test
    void aSlotThatIsGoneIsNotCreatedForARestoredJob(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).restartForEver()) {
            job.customize(builder -> builder.setResnapshot(false, "THE_SETTING=true"));
            String savepoint = savepointAfterOneChange(job);
            dropSlot(database, job);

            PostgresCdcException error = job.start(savepoint).awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.SLOT_MISSING);
            assertThat(error)
                    .hasMessageContaining("Replication slot '" + job.slot + "' does not exist")
                    .hasMessageContaining("start the job without state")
                    .hasMessageEndingWith(
                            "A resnapshot is asked for by THE_SETTING=true, for one start.");
            assertThat(database.slot(job.slot)).isEmpty();
        }
    }

    @Test
    void aResnapshotBeginsWithANewSlotOrWhereItIs(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder)) {
            String savepoint = savepointAfterOneChange(job);
            job.customize(builder -> builder.setRestorableWalBytes(0).setResnapshot(true));
            dropSlot(database, job);
            // Never told: the operators load it by SQL once the slot exists.
            job.insert(2, 2);

            job.start(savepoint).awaitSlot();
            job.insert(3, 3).awaitReceived(inserted(1, 3));
            String second = job.stopWithSavepoint();
            job.insert(4, 4);
            database.execute(
                    "SELECT pg_replication_slot_advance('" + job.slot + "', pg_current_wal_lsn())");
            job.insert(5, 5);
            job.start(second).awaitReceived(inserted(1, 3, 5));

            // Nothing is left out of a state that can be continued.
            String third = job.stopWithSavepoint();
            job.insert(6, 6);
            job.start(third).awaitReceived(inserted(1, 3, 5, 6));
            job.customize(builder -> builder.setRestorableWalBytes(0));
            String fourth = job.stopWithSavepoint();
            job.start(fourth);
            job.insert(7, 7).awaitReceived(inserted(1, 3, 5, 6, 7));
        }
    }

    @Test
    void aSlotDroppedUnderARunningJobIsNotCreatedAgain(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).restartForEver()) {
            job.start().awaitSlot();
            job.insert(1, 1).awaitReceived(CdcJob.inserted(1, 1));
            job.checkpoint();
            dropSlot(database, job);

            assertThat(job.awaitFailure().problem()).isEqualTo(Problem.SLOT_MISSING);
            assertThat(database.slot(job.slot)).isEmpty();
        }
    }

    @Test
    void aSlotBeyondTheStateIsRefused(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).restartForEver()) {
            String savepoint = savepointAfterOneChange(job);
            job.insert(2, 2);
            database.execute(
                    "SELECT pg_replication_slot_advance('" + job.slot + "', pg_current_wal_lsn())");

            PostgresCdcException error = job.start(savepoint).awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.SLOT_AHEAD_OF_STATE);
            assertThat(error)
                    .hasMessageContaining("beyond the restored state")
                    .hasMessageContaining("Restore the newest checkpoint or savepoint");
        }
    }

    @Test
    void anInvalidatedSlotIsRefused(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).restartForEver()) {
            String savepoint = savepointAfterOneChange(job);
            database.execute(
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
            try {
                await().until(() -> "1MB".equals(database.query("SHOW max_slot_wal_keep_size")));
                for (int segment = 0; segment < 3; segment++) {
                    job.insert(100 + segment, 100 + segment);
                    database.execute("SELECT pg_switch_wal()");
                }
                database.execute("CHECKPOINT");
            } finally {
                database.execute(
                        "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
            }

            PostgresCdcException error = job.start(savepoint).awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.SLOT_INVALIDATED);
            assertThat(error)
                    .hasMessageContaining("has been invalidated (wal_removed)")
                    .hasMessageContaining("pg_drop_replication_slot('" + job.slot + "')")
                    .hasMessageContaining("max_slot_wal_keep_size");
        }
    }

    @Test
    void aSlotThatWasMadeWithoutFailoverIsGivenIt(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder)) {
            database.execute(
                    "SELECT pg_create_logical_replication_slot('" + job.slot + "', 'pgoutput')");
            job.insert(1, 5);
            job.start().awaitReceived(CdcJob.inserted(1, 5));
            assertThat(
                            database.query(
                                    "SELECT failover FROM pg_replication_slots WHERE slot_name = '"
                                            + job.slot
                                            + "'"))
                    .isEqualTo("t");
        }
    }

    @Test
    void aSlotInUseIsWaitedFor(TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder)) {
            database.execute(
                    "SELECT pg_create_logical_replication_slot('" + job.slot + "', 'pgoutput')");
            try (Connection other = replicationConnection(database);
                    PGReplicationStream stream = stream(other, job)) {
                assertThat(stream.isClosed()).isFalse();
                job.start();
                job.insert(1, 2);
                await().during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> job.view().received().isEmpty());
            }
            job.awaitReceived(CdcJob.inserted(1, 2));
            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();
        }
    }

    @Test
    void aSlotThatStaysInUseIsReported(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job =
                new CdcJob(database, client, folder)
                        .customize(
                                builder -> builder.setSlotActiveTimeout(Duration.ofMillis(500)))) {
            database.execute(
                    "SELECT pg_create_logical_replication_slot('" + job.slot + "', 'pgoutput')");
            try (Connection other = replicationConnection(database);
                    PGReplicationStream stream = stream(other, job)) {
                assertThat(stream.isClosed()).isFalse();
                PostgresCdcException error = job.start().awaitFailure();
                assertThat(error.problem()).isEqualTo(Problem.SLOT_ACTIVE_ELSEWHERE);
                assertThat(error)
                        .hasMessageContaining("is in use by another connection")
                        .hasMessageContaining("active for PID")
                        .hasMessageContaining("its own slot name");
            }
        }
    }

    @Test
    void aSlotOfAnotherKindIsRefused(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).restartForEver()) {
            database.execute("SELECT pg_create_physical_replication_slot('" + job.slot + "')");
            PostgresCdcException error = job.start().awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.SLOT_NOT_USABLE);
            assertThat(error).hasMessageContaining("it is a physical slot");
        }
    }

    @Test
    void stateOfAnotherSlotIsRefused(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).restartForEver()) {
            String savepoint = savepointAfterOneChange(job);
            String otherSlot = database.uniqueName("slot");
            database.execute(
                    "SELECT pg_create_logical_replication_slot('" + otherSlot + "', 'pgoutput')");
            try {
                job.customize(builder -> builder.setSlotName(otherSlot)).start(savepoint);
                PostgresCdcException error = job.awaitFailure();
                assertThat(error.problem()).isEqualTo(Problem.STATE_FOR_OTHER_SLOT);
                assertThat(error).hasMessageContaining("set slotName back");
            } finally {
                database.execute("SELECT pg_drop_replication_slot('" + otherSlot + "')");
            }
        }
    }

    @Test
    void aJobCancelledWhileItsSlotIsBeingCreatedLeavesNone(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder);
                Connection busy = database.connect();
                Statement statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            statement.execute("SELECT pg_current_xact_id()");
            job.start();
            await().until(() -> database.slot(job.slot).isPresent());

            client.cancel(job.id()).join();
            await().untilAsserted(() -> assertThat(database.slot(job.slot)).isEmpty());
        }
    }

    @Test
    void aMissingPublicationIsReportedBeforeASlotIsCreated(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job =
                new CdcJob(database, client, folder)
                        .customize(builder -> builder.setPublicationName("no_such_publication"))) {
            PostgresCdcException error = job.start().awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.PUBLICATION_MISSING);
            assertThat(error)
                    .hasMessageContaining("Publication 'no_such_publication' does not exist")
                    .hasMessageContaining("run the schema migrations");
            assertThat(database.slot(job.slot)).isEmpty();
        }
    }

    @Test
    void aWrongPasswordIsReported(TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder)) {
            PostgresSettings config = database.config();
            PostgresCdcException error =
                    job.start(
                                    null,
                                    PostgresSettings.builder()
                                            .host(database.process().host())
                                            .port(database.process().port())
                                            .database(config.database())
                                            .username(config.username())
                                            .password("not-the-password")
                                            .build())
                            .awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.ACCESS_REFUSED);
            assertThat(error)
                    .hasMessageContaining("refuses user 'ponix'")
                    .hasMessageContaining("Check username, password and database");
            assertThat(error.getMessage()).doesNotContain("not-the-password");
        }
    }

    private static List<String> inserted(int... ids) {
        return IntStream.of(ids).boxed().flatMap(id -> CdcJob.inserted(id, id).stream()).toList();
    }

    private static String savepointAfterOneChange(CdcJob job) throws Exception {
        job.start().awaitSlot();
        job.insert(1, 1).awaitReceived(CdcJob.inserted(1, 1));
        return job.stopWithSavepoint();
    }

    private static void dropSlot(TestDatabase database, CdcJob job) {
        await().ignoreExceptions()
                .until(
                        () -> {
                            // In one round trip: the job connects again within a fraction of a
                            // second.
                            database.execute(
                                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = '"
                                            + job.slot
                                            + "' AND active; SELECT pg_drop_replication_slot('"
                                            + job.slot
                                            + "')");
                            return true;
                        });
    }

    private static Connection replicationConnection(TestDatabase database) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", database.config().username());
        properties.setProperty("password", database.config().password());
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        return DriverManager.getConnection(database.process().jdbcUrl(), properties);
    }

    private static PGReplicationStream stream(Connection connection, CdcJob job) throws Exception {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(job.slot)
                .withAutomaticFlush(false)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", job.publication)
                .start();
    }
}
