package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.postgres.cdc.TestCluster;
import io.ponix.connector.postgres.cdc.TestDatabase;
import io.ponix.connector.postgres.cdc.source.reader.PostgresCdcSourceMetrics;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** Nothing is lost or doubled when the job or Postgres fails. */
@ExtendWith({TestDatabase.Extension.class, TestCluster.class})
class PostgresCdcFailureITCase {

    /**
     * Changes of a transaction that takes longer to read than many checkpoints: 5,000 once went by
     * between two.
     */
    private static final int LARGE = 100_000;

    @TempDir Path folder;

    @Test
    void aJobThatFailsInTheMiddleOfALargeTransactionGoesOnBehindTheVeryChange(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job =
                new CdcJob(database, client, folder).checkpointEvery(Duration.ofMillis(10))) {
            job.view().failOnceCheckpointedBetween(0, LARGE);
            job.start().awaitSlot();
            insertTogether(database, job.table, 1, 2_000, LARGE);

            job.awaitReceived(CdcJob.inserted(1, LARGE));
            assertThat(job.view().restoredSizes())
                    .as("the state it was restored from lies within the transaction")
                    .singleElement()
                    .satisfies(size -> assertThat(size).isBetween(1, LARGE - 1));
            job.insert(LARGE + 1, LARGE + 1).awaitReceived(CdcJob.inserted(1, LARGE + 1));
        }
    }

    @Test
    void aRestartOfPostgresDoesNotFailTheJob(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job =
                new CdcJob(database, client, folder).checkpointEvery(Duration.ofMillis(100))) {
            job.start().awaitSlot();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));

            database.process().stop();
            // Postgres does not end while a replication client has not confirmed everything, unless
            // the client leaves.
            assertThat(database.process().logFile())
                    .content()
                    .contains("database system is shut down");
            database.process().start();
            job.insert(11, 20).awaitReceived(CdcJob.inserted(1, 20));

            // In the middle of a transaction of 50,000 changes.
            insertTogether(database, job.table, 21, 20_000, 50_020);
            await().pollInterval(Duration.ofMillis(5)).until(() -> job.view().size() > 20);
            database.process().kill();
            assertThat(job.view().size()).isLessThan(50_020);
            database.process().start();
            job.insert(50_021, 50_021).awaitReceived(CdcJob.inserted(1, 50_021));

            database.process().freeze();
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> job.status() == JobStatus.RUNNING);
            database.process().resume();
            job.insert(50_022, 50_022).awaitReceived(CdcJob.inserted(1, 50_022));

            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();
        }
    }

    @Test
    void aLostConnectionIsMadeAgainAndCounted(
            TestDatabase database, ClusterClient<?> client, InMemoryReporter metrics)
            throws Exception {
        try (CdcJob job = new CdcJob(database, client, folder).start()) {
            job.awaitSlot();
            job.insert(1, 3).awaitReceived(CdcJob.inserted(1, 3));
            database.execute(
                    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                            + job.slot
                            + "'");
            job.insert(4, 6).awaitReceived(CdcJob.inserted(1, 6));
            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();

            assertThat(CdcJob.count(metrics, job, PostgresCdcSourceMetrics.RECONNECTS))
                    .isEqualTo(1);
            assertThat(
                            CdcJob.count(
                                    metrics,
                                    job,
                                    "table.public." + job.table + ".operation.insert.changes"))
                    .isEqualTo(6);
            assertThat(
                            CdcJob.count(
                                    metrics,
                                    job,
                                    "table.public." + job.table + ".operation.delete.changes"))
                    .isZero();
            assertThat(CdcJob.gauge(metrics, job, PostgresCdcSourceMetrics.READ_LSN))
                    .isBetween(1L, database.endOfWal().value());
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    CdcJob.gauge(
                                                            metrics,
                                                            job,
                                                            PostgresCdcSourceMetrics
                                                                    .SLOT_LAG_BYTES))
                                            .as("nothing was confirmed, so all changes lag")
                                            .isPositive());
            assertThat(CdcJob.gauge(metrics, job, PostgresCdcSourceMetrics.CONFIRMED_LSN))
                    .isLessThan(CdcJob.gauge(metrics, job, PostgresCdcSourceMetrics.READ_LSN));

            job.checkpoint();
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    CdcJob.gauge(
                                                            metrics,
                                                            job,
                                                            PostgresCdcSourceMetrics.CONFIRMED_LSN))
                                            .isEqualTo(
                                                    CdcJob.gauge(
                                                            metrics,
                                                            job,
                                                            PostgresCdcSourceMetrics.READ_LSN))
                                            .isEqualTo(database.confirmed(job.slot).value()));
        }
    }

    /**
     * One transaction: up to the id between by single rows, then by a COPY, whose rows share
     * positions in the log.
     */
    private static void insertTogether(
            TestDatabase database, String table, int from, int between, int to) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(
                    String.format(
                            "INSERT INTO %s SELECT i, 'n' || i FROM generate_series(%d, %d) i",
                            table, from, between));
            String rows =
                    IntStream.rangeClosed(between + 1, to)
                            .mapToObj(id -> id + "\tn" + id + "\n")
                            .collect(Collectors.joining());
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + table + " FROM STDIN", new StringReader(rows));
            connection.commit();
        }
    }
}
