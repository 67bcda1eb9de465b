package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.connector.clickhouse.sink.BatchInserter.Outcome;
import io.ponix.connector.clickhouse.table.CurrentReads;
import io.ponix.connector.clickhouse.table.PreflightException;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Replicas that know of an insert before they have its rows; see {@link ReplicasBehind}. */
class ReplicasITCase {

    private static final long NOVEMBER = 1_795_219_200_000L;

    @TempDir static Path home;
    private static EmbeddedClickHouse first;
    private static EmbeddedClickHouse second;

    private final MetricListener metrics = new MetricListener();
    private ReadingsTable firstTable;
    private ReadingsTable secondTable;
    private ReplicasBehind replicas;

    @BeforeAll
    static void startServers() {
        first = EmbeddedClickHouse.builder().home(home.resolve("first")).build();
        second = EmbeddedClickHouse.builder().home(home.resolve("second")).build();
        first.start();
        second.start();
    }

    @AfterAll
    static void stopServers() {
        first.close();
        second.close();
    }

    @BeforeEach
    void createTables() throws Exception {
        firstTable = ReadingsTable.create(first);
        secondTable = ReadingsTable.copy(firstTable, second);
    }

    @AfterEach
    void tidy() throws Exception {
        replicas.close();
        firstTable.drop();
        secondTable.drop();
    }

    @ParameterizedTest
    @EnumSource(ReplicasBehind.Engine.class)
    void anInsertWhoseAnswerWasLostIsNotDoubledThroughAReplicaThatIsBehind(
            ReplicasBehind.Engine engine) throws Exception {
        replicas = ReplicasBehind.before(engine, first, second);
        replicas.cutAnswersOfTheFirst();
        try (BatchInserter inserter = inserter()) {
            inserter.insert(batch(), false);
        }
        assertEachOnceOnBoth(500);
    }

    @ParameterizedTest
    @EnumSource(ReplicasBehind.Engine.class)
    void aRestoredBatchIsNotDoubledThroughAReplicaThatIsBehind(ReplicasBehind.Engine engine)
            throws Exception {
        replicas = ReplicasBehind.before(engine, first, second);
        ClickHouseCommittable batch = batch();
        try (BatchInserter before = inserter(replicas.urls())) {
            before.insert(batch, false);
        }
        assertThat(secondTable.rows()).isZero();
        try (BatchInserter restored = inserter(replicas.urls().subList(1, 2))) {
            assertThat(restored.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
        }
        assertEachOnceOnBoth(500);
    }

    @Test
    void rowsWhoseTokenKeeperKnowsAndThatNoReplicaHasAreInserted() throws Exception {
        replicas = ReplicasBehind.before(ReplicasBehind.Engine.REPLICATED, first, second);
        ClickHouseCommittable batch = batch();
        replicas.knowToken(batch.token());
        try (BatchInserter inserter = inserter()) {
            inserter.insert(batch, true);
            inserter.insert(batch, true);
        }
        assertEachOnceOnBoth(500);
    }

    @Test
    void aReplicaThatDoesNotCatchUpIsWaitedFor() throws Exception {
        replicas = ReplicasBehind.before(ReplicasBehind.Engine.REPLICATED, first, second);
        replicas.cutAnswersOfTheFirst();
        replicas.syncTimesOut(true);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (BatchInserter inserter = inserter()) {
            // From the second on: the first would be found to have the rows.
            Future<Outcome> insert = executor.submit(() -> inserter.insert(batch(), false));
            await().until(() -> retries() > 3 || insert.isDone());
            replicas.syncTimesOut(false);
            insert.get(60, TimeUnit.SECONDS);
        } finally {
            executor.shutdownNow();
        }
        assertEachOnceOnBoth(500);
    }

    @Test
    void aUserWhoMayNotWaitForAReplicaIsToldWhatToGrant() throws Exception {
        replicas = ReplicasBehind.before(ReplicasBehind.Engine.REPLICATED, first, second);
        replicas.refuseToSync();
        try (BatchInserter inserter = inserter()) {
            assertThatThrownBy(() -> inserter.insert(batch(), false))
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining(
                            "GRANT SYSTEM SYNC REPLICA ON `ponix`.`"
                                    + firstTable.name()
                                    + "` TO `ponix`");
        }
    }

    @ParameterizedTest
    @EnumSource(ReplicasBehind.Engine.class)
    void aCurrentReadSeesWhatAnotherReplicaHasConfirmed(ReplicasBehind.Engine engine)
            throws Exception {
        replicas = ReplicasBehind.before(engine, first, second);
        try (BatchInserter inserter = inserter();
                ClickHouseClient behind =
                        new ClickHouseClient(connection(replicas.urls().subList(1, 2)))) {
            inserter.insert(batch(), false);
            String count = "SELECT count() FROM " + firstTable.name();
            assertThat(behind.query(count, Map.of())).containsExactly(List.of("0"));
            assertThat(CurrentReads.of(behind, "ponix", firstTable.name()).query(count))
                    .containsExactly(List.of("500"));
        }
    }

    private void assertEachOnceOnBoth(long rows) throws Exception {
        replicas.catchUp();
        for (ReadingsTable table : List.of(firstTable, secondTable)) {
            assertThat(table.distinctRows()).isEqualTo(rows);
            assertThat(table.rows()).isEqualTo(rows);
        }
    }

    private ClickHouseCommittable batch() {
        BatchBuffer<Reading> buffer = firstTable.buffer();
        for (long sequence = 1; sequence <= 500; sequence++) {
            buffer.add(Reading.of(sequence, NOVEMBER + sequence));
        }
        return buffer.close().get(0);
    }

    private BatchInserter inserter() {
        return inserter(replicas.urls());
    }

    private BatchInserter inserter(List<String> urls) {
        return new BatchInserter(
                new InsertConfig(
                        connection(urls),
                        true,
                        2,
                        Duration.ofMinutes(10),
                        Duration.ofMillis(20),
                        Duration.ofMillis(200),
                        new FailOnRejectedRow(),
                        CommitFence.NONE),
                new InsertMetrics(metrics.getMetricGroup().addGroup(ClickHouseSinkMetrics.GROUP)),
                () -> {});
    }

    private long retries() {
        return metrics.getCounter(ClickHouseSinkMetrics.GROUP, ClickHouseSinkMetrics.RETRIES_SERVER)
                .map(counter -> counter.getCount())
                .orElse(0L);
    }

    private static ClickHouseSettings connection(List<String> urls) {
        return new ClickHouseSettings(
                urls, "ponix", "ponix", "ponix", Duration.ofSeconds(2), Duration.ofSeconds(20));
    }
}
