package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.PostgresPair;
import io.ponix.connector.postgres.cdc.TestCluster;
import io.ponix.connector.postgres.cdc.TestDatabase;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.ClusterClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The primary is lost, and a standby takes its place. */
@ExtendWith(TestCluster.class)
class PostgresFailoverITCase {

    private static final Duration SHORT_INTERVAL = Duration.ofMillis(100);

    @TempDir Path folder;

    private PostgresPair pair;

    @BeforeEach
    void makePair() throws Exception {
        pair = new PostgresPair(folder.resolve("pair"));
    }

    @AfterEach
    void stopPair() {
        pair.close();
    }

    @Test
    void theJobGoesOnWithWhatThePromotedStandbyHas(ClusterClient<?> client) throws Exception {
        try (CdcJob job =
                new CdcJob(pair.moving(), client, folder).checkpointEvery(SHORT_INTERVAL)) {
            job.start().awaitSlot();
            pair.startStandby();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            pair.awaitCopyOf(job.slot);

            // The standby has it, the job does not when the primary is lost.
            pair.address().stall();
            insert(pair.primary(), job, 11, 20);
            awaitRows(pair.standby(), job, 20);
            // The standby does not have it; so the job must not.
            pair.address().moveTo("127.0.0.1", pair.primary().process().port());
            pair.address().pass();
            job.awaitReceived(CdcJob.inserted(1, 20));
            pair.replication().stall();
            insert(pair.primary(), job, 21, 30);
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> job.view().size() == 20);
            pair.primary().process().kill();

            // An address may lead to the standby before it is promoted.
            pair.standby()
                    .execute("ALTER SYSTEM SET log_connections = on", "SELECT pg_reload_conf()");
            pair.moveAddress();
            // The source is the only one that connects while this waits.
            awaitLines(pair.standby().process().logFile(), "connection authorized", 3);
            assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
            pair.promote();
            job.insert(31, 40);

            List<String> kept = new ArrayList<>(CdcJob.inserted(1, 20));
            kept.addAll(CdcJob.inserted(31, 40));
            job.awaitReceived(kept);

            // What the old primary says once it is back is not believed.
            pair.primary().process().start();
            pair.address().moveTo("127.0.0.1", pair.primary().process().port());
            insert(pair.primary(), job, 41, 50);
            awaitLines(Path.of("target", "test.log"), "another server was promoted since", 3);
            pair.moveAddress();
            job.insert(51, 60);
            kept.addAll(CdcJob.inserted(51, 60));
            job.awaitReceived(kept);
            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();
        }
    }

    @Test
    void changesThatThePromotedStandbyNeverGotFailTheJob(ClusterClient<?> client) throws Exception {
        pair.primary()
                .execute(
                        "ALTER SYSTEM RESET synchronized_standby_slots", "SELECT pg_reload_conf()");
        try (CdcJob job =
                new CdcJob(pair.moving(), client, folder).checkpointEvery(SHORT_INTERVAL)) {
            job.start().awaitSlot();
            pair.startStandby();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            pair.awaitCopyOf(job.slot);
            pair.replication().stall();
            job.insert(11, 20).awaitReceived(CdcJob.inserted(1, 20));
            String savepoint = job.savepoint();
            WalPosition read = pair.primary().endOfWal();
            pair.primary().process().kill();
            pair.promote();
            // The log of the new primary goes beyond what was read of the old one.
            insert(pair.standby(), job, 21, 10_000);
            assertThat(pair.standby().endOfWal()).isGreaterThan(read);
            pair.moveAddress();

            PostgresCdcException error = job.awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.STATE_AHEAD_OF_SERVER);
            assertThat(error)
                    .hasMessageContaining("a standby was promoted that had not received them")
                    .hasMessageContaining("with resnapshot")
                    .hasMessageContaining("synchronized_standby_slots");

            job.customize(builder -> builder.setRestorableWalBytes(0).setResnapshot(true));
            job.start(savepoint);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () ->
                                    assertThat(job.view().received())
                                            .endsWith(
                                                    CdcJob.inserted(21, 10_000)
                                                            .toArray(String[]::new)));
        }
    }

    @Test
    void aTransactionThatWasReadInPartAndThatThePromotedStandbyNeverGotFailsTheJob(
            ClusterClient<?> client) throws Exception {
        pair.primary()
                .execute(
                        "ALTER SYSTEM RESET synchronized_standby_slots", "SELECT pg_reload_conf()");
        try (CdcJob job =
                new CdcJob(pair.moving(), client, folder).checkpointEvery(SHORT_INTERVAL)) {
            job.start().awaitSlot();
            pair.startStandby();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            pair.awaitCopyOf(job.slot);
            awaitRows(pair.standby(), job, 10);
            pair.replication().stall();
            pair.address().stallAfter(200_000);
            insert(pair.primary(), job, 11, 20_000);
            await().atMost(Duration.ofSeconds(30)).until(() -> job.view().size() > 10);
            pair.primary().process().kill();
            pair.promote();
            pair.moveAddress();
            job.insert(20_001, 20_001);

            PostgresCdcException error = job.awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.STATE_AHEAD_OF_SERVER);
            // The new primary has given its id to the next one.
            assertThat(error)
                    .hasMessageContaining("a standby was promoted that had not received them");
        }
    }

    @Test
    void aSlotThatThePromotedStandbyDoesNotHaveFailsTheJobUntilAResnapshot(ClusterClient<?> client)
            throws Exception {
        pair.startStandby();
        pair.standby()
                .execute(
                        "ALTER SYSTEM SET sync_replication_slots = off", "SELECT pg_reload_conf()");
        try (CdcJob job =
                new CdcJob(pair.moving(), client, folder).checkpointEvery(SHORT_INTERVAL)) {
            job.start().awaitSlot();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            String savepoint = job.savepoint();
            awaitRows(pair.standby(), job, 10);
            pair.primary().process().kill();
            pair.promote();
            // Never told: the operators load it by SQL once the slot exists.
            insert(pair.standby(), job, 11, 20);
            pair.moveAddress();

            PostgresCdcException error = job.awaitFailure();
            assertThat(error.problem()).isEqualTo(Problem.SLOT_MISSING);
            assertThat(error)
                    .hasMessageContaining("a standby was promoted that had no copy of it")
                    .hasMessageContaining("with resnapshot");

            job.customize(builder -> builder.setRestorableWalBytes(0).setResnapshot(true));
            job.start(savepoint).awaitSlot();
            job.insert(21, 30);
            List<String> told = new ArrayList<>(CdcJob.inserted(1, 10));
            told.addAll(CdcJob.inserted(21, 30));
            job.awaitReceived(told);
        }
    }

    @Test
    void ofSeveralHostsThePrimaryIsReadWhicheverItIs(ClusterClient<?> client) throws Exception {
        try (CdcJob job =
                new CdcJob(pair.moving(), client, folder).checkpointEvery(SHORT_INTERVAL)) {
            pair.startStandby();
            job.start(null, pair.bothHosts()).awaitSlot();
            job.insert(1, 10).awaitReceived(CdcJob.inserted(1, 10));
            pair.awaitCopyOf(job.slot);
            awaitRows(pair.standby(), job, 10);
            pair.primary().process().kill();
            pair.promote();
            pair.moveAddress();
            job.insert(11, 20).awaitReceived(CdcJob.inserted(1, 20));
            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();
        }
    }

    @Test
    void aStandbyThatComesLaterGetsItsCopyAlthoughOlderStatesCanBeRestored(ClusterClient<?> client)
            throws Exception {
        pair.primary()
                .execute(
                        "ALTER SYSTEM RESET synchronized_standby_slots", "SELECT pg_reload_conf()");
        try (CdcJob job =
                new CdcJob(pair.moving(), client, folder)
                        .customize(UnaryOperator.identity())
                        .checkpointEvery(SHORT_INTERVAL)) {
            job.start().awaitSlot();
            for (int id = 1; id <= 20; id++) {
                job.insert(id, id);
            }
            job.awaitReceived(CdcJob.inserted(1, 20));
            pair.startStandby();
            pair.awaitCopyOf(job.slot);
        }
    }

    private static void insert(TestDatabase database, CdcJob job, int fromId, int toId)
            throws Exception {
        database.execute(
                String.format(
                        "INSERT INTO %s SELECT i, 'n' || i FROM generate_series(%d, %d) i",
                        job.table, fromId, toId));
    }

    private static void awaitRows(TestDatabase database, CdcJob job, int count) {
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () ->
                                Integer.toString(count)
                                        .equals(
                                                database.query(
                                                        "SELECT count(*) FROM " + job.table)));
    }

    private static void awaitLines(Path log, String text, int more) {
        long before = lines(log, text);
        await().atMost(Duration.ofSeconds(60)).until(() -> lines(log, text) >= before + more);
    }

    private static long lines(Path log, String text) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
