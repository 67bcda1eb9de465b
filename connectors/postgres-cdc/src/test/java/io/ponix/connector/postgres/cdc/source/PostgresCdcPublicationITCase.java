package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.postgres.cdc.TestCluster;
import io.ponix.connector.postgres.cdc.TestDatabase;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.reader.PostgresCdcSourceMetrics;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A publication that leaves out changes while the job runs, and what the job learns of it. */
@ExtendWith({TestDatabase.Extension.class, TestCluster.class})
class PostgresCdcPublicationITCase {

    private static final String PUBLISHED = "PUBLISHED";

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ALTER PUBLICATION %p DROP TABLE %t | ALTER PUBLICATION %p ADD TABLE %t
                    ALTER PUBLICATION %p SET (publish = 'delete') | ALTER PUBLICATION %p SET (publish = 'insert, update, delete, truncate')
                    ALTER PUBLICATION %p SET TABLE %t WHERE (id > 2) | ALTER PUBLICATION %p SET TABLE %t
                    ALTER TABLE %t SET SCHEMA information_schema; ALTER PUBLICATION %p DROP TABLE information_schema.%t | ALTER TABLE information_schema.%t SET SCHEMA public; ALTER PUBLICATION %p ADD TABLE %t
                    """)
    void whatWasLeftOutIsToldOnceEverythingIsPublishedAgain(
            String away,
            String back,
            TestDatabase database,
            ClusterClient<?> client,
            InMemoryReporter metrics)
            throws Exception {
        try (CdcJob job = watching(database, client)) {
            job.start().awaitReceived(List.of(PUBLISHED));
            job.insert(1, 1).awaitReceived(received(PUBLISHED, 1));
            assertThat(problems(metrics, job)).isZero();

            database.execute(statements(away, job));
            await().untilAsserted(() -> assertThat(problems(metrics, job)).isPositive());
            String schema = away.contains("SCHEMA") ? "information_schema." : "";
            database.execute("INSERT INTO " + schema + job.table + " VALUES (2, 'n2')");
            database.execute(statements(back, job));
            job.awaitReceived(received(PUBLISHED, 1, PUBLISHED));
            await().untilAsserted(() -> assertThat(problems(metrics, job)).isZero());

            // Also where nobody has looked in between.
            database.executeTogether(List.of(statements(away, job), statements(back, job)));
            job.awaitReceived(received(PUBLISHED, 1, PUBLISHED, PUBLISHED));
            job.insert(3, 3).awaitReceived(received(PUBLISHED, 1, PUBLISHED, PUBLISHED, 3));
            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();
        }
    }

    @Test
    void changesFromBeforeComeBeforeIt(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = watching(database, client)) {
            job.start().awaitReceived(List.of(PUBLISHED));
            // Long enough to be read while the monitor looks.
            job.insert(1, 200_000);
            database.execute(
                    statements("ALTER PUBLICATION %p DROP TABLE %t", job),
                    statements("ALTER PUBLICATION %p ADD TABLE %t", job));
            List<String> expected = new ArrayList<>(List.of(PUBLISHED));
            expected.addAll(CdcJob.inserted(1, 200_000));
            expected.add(PUBLISHED);
            job.awaitReceived(expected);
        }
    }

    @Test
    void whatATransactionFromBeforeWroteIsMadeUpForToo(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = watching(database, client);
                Connection open = database.connect();
                Statement statement = open.createStatement()) {
            job.start().awaitReceived(List.of(PUBLISHED));
            database.execute(statements("ALTER PUBLICATION %p DROP TABLE %t", job));
            open.setAutoCommit(false);
            statement.execute("INSERT INTO " + job.table + " VALUES (1, 'n1')");
            database.execute(statements("ALTER PUBLICATION %p ADD TABLE %t", job));
            job.awaitReceived(received(PUBLISHED, PUBLISHED));

            open.commit();
            job.awaitReceived(received(PUBLISHED, PUBLISHED, PUBLISHED));
        }
    }

    @Test
    void whatATransactionWroteThatBeganAfterTheChangeAndBeforeItsCommitIsMadeUpForToo(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = watching(database, client);
                Connection change = database.connect();
                Statement changes = change.createStatement();
                Connection open = database.connect();
                Statement statement = open.createStatement()) {
            job.start().awaitReceived(List.of(PUBLISHED));
            database.execute(statements("ALTER PUBLICATION %p DROP TABLE %t", job));
            change.setAutoCommit(false);
            changes.execute(statements("ALTER PUBLICATION %p ADD TABLE %t", job));
            open.setAutoCommit(false);
            statement.execute("INSERT INTO " + job.table + " VALUES (1, 'n1')");
            change.commit();
            job.awaitReceived(received(PUBLISHED, PUBLISHED));

            open.commit();
            job.awaitReceived(received(PUBLISHED, PUBLISHED, PUBLISHED));
            // What is written from now on takes nothing to be read again.
            job.insert(2, 2).awaitReceived(received(PUBLISHED, PUBLISHED, PUBLISHED, 2));
        }
    }

    @Test
    void aConnectionThatIsLostWhileThereIsNoPublicationRestartsNothing(
            TestDatabase database, ClusterClient<?> client, InMemoryReporter metrics)
            throws Exception {
        try (CdcJob job = watching(database, client)) {
            job.start().awaitReceived(List.of(PUBLISHED));
            job.insert(1, 1).awaitReceived(received(PUBLISHED, 1));

            database.execute(
                    "DROP PUBLICATION " + job.publication,
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = '"
                            + job.slot
                            + "'");
            await().untilAsserted(() -> assertThat(problems(metrics, job)).isPositive());
            database.execute(
                    "INSERT INTO " + job.table + " VALUES (2, 'n2')",
                    "CREATE PUBLICATION " + job.publication + " FOR TABLE " + job.table);
            job.awaitReceived(received(PUBLISHED, 1, PUBLISHED));
            job.insert(3, 3).awaitReceived(received(PUBLISHED, 1, PUBLISHED, 3));
            assertThat(job.view().restoredSizes()).as("restarts of the job").isEmpty();
        }
    }

    @Test
    void aJobThatStartsAgainWaitsForItsPublication(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = watching(database, client)) {
            job.start().awaitReceived(List.of(PUBLISHED));
            String savepoint = job.stopWithSavepoint();
            database.execute("DROP PUBLICATION " + job.publication);
            job.start(savepoint);
            await().until(() -> job.view().restoredSizes().size() == 1);
            await().pollDelay(Duration.ofSeconds(3))
                    .untilAsserted(() -> assertThat(job.status()).isEqualTo(JobStatus.RUNNING));

            database.execute("CREATE PUBLICATION " + job.publication + " FOR TABLE " + job.table);
            job.awaitReceived(received(PUBLISHED, PUBLISHED));
            assertThat(job.view().restoredSizes()).as("starts of the job").hasSize(1);
        }
    }

    @Test
    void everyStartTellsThatEverythingIsPublished(TestDatabase database, ClusterClient<?> client)
            throws Exception {
        try (CdcJob job = watching(database, client)) {
            job.start().awaitReceived(List.of(PUBLISHED));
            String savepoint = job.stopWithSavepoint();
            job.start(savepoint).awaitReceived(received(PUBLISHED, PUBLISHED));

            String second = job.stopWithSavepoint();
            database.execute(statements("ALTER PUBLICATION %p DROP TABLE %t", job));
            job.start(second);
            await().until(() -> job.view().restoredSizes().size() == 2);
            database.execute(statements("ALTER PUBLICATION %p ADD TABLE %t", job));
            job.awaitReceived(received(PUBLISHED, PUBLISHED, PUBLISHED));
        }
    }

    @Test
    void aTableOfTheSameNameInAnotherSchemaIsAnotherTable(
            TestDatabase database, ClusterClient<?> client) throws Exception {
        try (CdcJob job = watching(database, client)) {
            database.execute(
                    statements(
                            "CREATE SCHEMA twins; CREATE TABLE twins.%t (LIKE %t INCLUDING ALL);"
                                    + " ALTER PUBLICATION %p ADD TABLE twins.%t",
                            job));
            job.start().awaitReceived(List.of(PUBLISHED));
            database.execute(
                    statements("INSERT INTO twins.%t VALUES (1, 'n1')", job),
                    statements("UPDATE twins.%t SET name = 'n2'", job),
                    statements("TRUNCATE twins.%t", job));
            job.insert(2, 2).awaitReceived(received(PUBLISHED, 2));

            // From now on it is the one that is read by this name.
            database.execute(
                    statements(
                            "CREATE SCHEMA away; ALTER TABLE %t SET SCHEMA away;"
                                    + " ALTER TABLE twins.%t SET SCHEMA public;"
                                    + " ALTER TABLE %t REPLICA IDENTITY FULL",
                            job));
            job.awaitReceived(received(PUBLISHED, 2, PUBLISHED));
            database.execute(statements("INSERT INTO away.%t VALUES (3, 'n3')", job));
            job.insert(4, 4).awaitReceived(received(PUBLISHED, 2, PUBLISHED, 4));
        } finally {
            database.execute(
                    "DROP SCHEMA IF EXISTS twins CASCADE", "DROP SCHEMA IF EXISTS away CASCADE");
        }
    }

    private CdcJob watching(TestDatabase database, ClusterClient<?> client) throws Exception {
        CdcJob job = new CdcJob(database, client, folder);
        return job.customize(
                builder ->
                        builder.setPublishedTables(
                                List.of(new PublishedTable(job.table, "id", "name"))));
    }

    private static String statements(String template, CdcJob job) {
        return template.replace("%p", job.publication).replace("%t", job.table);
    }

    /** Of ids, and of texts as they are. */
    private static List<String> received(Object... what) {
        return Stream.of(what)
                .flatMap(
                        each ->
                                each instanceof Integer id
                                        ? CdcJob.inserted(id, id).stream()
                                        : Stream.of((String) each))
                .toList();
    }

    private static long problems(InMemoryReporter metrics, CdcJob job) {
        return CdcJob.gauge(metrics, job, PostgresCdcSourceMetrics.PUBLICATION_PROBLEMS);
    }
}
