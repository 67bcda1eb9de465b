package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.connector.clickhouse.SharedClickHouse;
import io.ponix.connector.clickhouse.sink.BatchInserter.Outcome;
import io.ponix.connector.clickhouse.table.PreflightException;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Batches against a real ClickHouse: one block each, at most once, and never lost. */
@ExtendWith(SharedClickHouse.class)
class BatchInserterITCase {

    private static final long NOVEMBER = 1_795_219_200_000L;
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private static EmbeddedClickHouse server;

    private static final String JOB = "00000000000000000000000000000001";

    private final RowsKept rejected = new RowsKept();
    private final MetricListener metrics = new MetricListener();
    private ReadingsTable table;
    private long nextSequence = 1_000_000;
    private int nextRecord;

    @BeforeAll
    static void share(EmbeddedClickHouse shared) {
        server = shared;
    }

    @BeforeEach
    void createTable() throws Exception {
        table = ReadingsTable.create(server);
    }

    @AfterEach
    void dropTable() throws Exception {
        table.drop();
    }

    @Test
    void fiftyThousandRowsAreOnePartAndARepeatIsDropped() throws Exception {
        ClickHouseCommittable batch = batch(1, 50_000);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            assertThat(inserter.insert(batch, false)).isEqualTo(Outcome.STORED);
            assertThat(inserter.insert(batch, false)).isEqualTo(Outcome.STORED);
        }
        assertThat(table.rows()).isEqualTo(50_000);
        assertThat(table.distinctRows()).isEqualTo(50_000);
        assertThat(
                        table.sql(
                                "SELECT count(), sum(rows) FROM system.parts WHERE database ="
                                        + " 'ponix' AND level = 0 AND table = '"
                                        + table.name()
                                        + "'"))
                .containsExactly(List.of("1", "50000"));
        assertThat(table.number("sum(data.temperature_1.:Float64) > 0")).isEqualTo(1);
    }

    @Test
    void aBatchOverTwoMonthsBecomesOneBlockPerPartition() throws Exception {
        BatchBuffer<Reading> buffer = table.buffer();
        for (long sequence = 1; sequence <= 1_000; sequence++) {
            buffer.add(Reading.of(10_000 + sequence, NOVEMBER + sequence % 2 * 30 * 86_400_000L));
        }
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            for (ClickHouseCommittable batch : buffer.close()) {
                inserter.insert(batch, false);
                inserter.insert(batch, false);
            }
        }
        assertThat(table.rows()).isEqualTo(1_000);
        assertThat(table.number("uniqExact(_partition_id)")).isEqualTo(2);
    }

    @Test
    void theRowsOfManyMonthsAreOneInsertAndARepeatIsDropped() throws Exception {
        ClickHouseCommittable batch = batchOfMonths(30, 3);
        assertThat(batch.partitions()).hasSize(30);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            assertThat(inserter.insert(batch, false)).isEqualTo(Outcome.STORED);
            assertThat(inserter.insert(batch, false)).isEqualTo(Outcome.STORED);
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
        }
        assertThat(counted(ClickHouseSinkMetrics.BATCHES)).isEqualTo(2);
        assertEachOnce(90);
        assertThat(table.number("uniqExact(_partition_id)")).isEqualTo(30);
    }

    @Test
    void aServerThatDiedBetweenTheMonthsOfABatchGetsTheOthers() throws Exception {
        ClickHouseCommittable batch = batchOfMonths(20, 2);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(firstPartitions(batch, 7), false);
            assertThat(table.rows()).isEqualTo(14);
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.STORED);
            assertEachOnce(40);
        }
    }

    @Test
    void monthsWhoseTokenOutlivedTheirRowsAreInsertedAllTheSame() throws Exception {
        ClickHouseCommittable batch = batchOfMonths(20, 2);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            table.sql(
                    "ALTER TABLE "
                            + table.name()
                            + " DELETE WHERE stream_sequence IN (SELECT stream_sequence FROM "
                            + table.name()
                            + " WHERE toMonth(occurred_at) IN (3, 4, 9)) SETTINGS mutations_sync"
                            + " = 1");
            assertThat(table.rows()).isLessThan(36);
            inserter.insert(batch, true);
            assertEachOnce(40);
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
            assertEachOnce(40);
        }
    }

    @Test
    void monthsOfAnOldBatchAreLookedForOneByOne() throws Exception {
        forgetQuickly();
        ClickHouseCommittable batch = batchOfMonths(20, 3);
        try (BatchInserter young = inserter(TEN_MINUTES);
                BatchInserter old = inserter(AT_ONCE)) {
            young.insert(firstPartitions(batch, 7), false);
            insertOthers(young, 101);
            assertThat(old.insert(batch, true)).isEqualTo(Outcome.STORED);
            assertEachOnce(60 + 101);
            insertOthers(young, 101);
            assertThat(old.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
            assertEachOnce(60 + 202);
        }
    }

    @Test
    void rowsOfABatchOfMonthsThatCannotBeStoredAreHandedOver() throws Exception {
        BatchBuffer<Reading> buffer = table.buffer();
        for (int i = 0; i < 200; i++) {
            Reading reading = Reading.of(nextSequence++, monthsBefore(i % 20));
            reading.json = i == 30 || i == 157 ? "[" + i + "]" : reading.json;
            buffer.add(reading);
        }
        for (int i = 1; i <= 4; i++) {
            buffer.add(Reading.of(nextSequence++, monthsBefore(-i)));
        }
        ClickHouseCommittable batch = buffer.close().get(4);
        assertThat(batch.partitions()).hasSize(20);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            assertEachOnce(198);
            assertThat(rejected.rows).hasSize(2);
            inserter.insert(batch, true);
            assertEachOnce(198);
            assertThat(rejected.rows).hasSize(2);
        }
    }

    @Test
    void allRowsOfARecordAreStoredOrNoneAndOneLetterIsHandedOver() throws Exception {
        BatchBuffer<List<Reading>> buffer = table.buffer(new ReadingsEncoder());
        for (int record = 0; record < 40; record++) {
            List<Reading> readings = new ArrayList<>();
            for (int row = 0; row < 1 + record % 5; row++) {
                // Rows of records lie between each other in the order of the table.
                Reading reading =
                        Reading.of(nextSequence++, NOVEMBER + (record * 7919 + row * 613) % 1_000);
                boolean isRefused = record == 12 && row == 2 || record == 34 && row == 0;
                reading.json = isRefused ? "[1]" : reading.json;
                readings.add(reading);
            }
            buffer.add(readings);
        }
        ClickHouseCommittable batch = buffer.close().get(0);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            assertEachOnce(120 - 3 - 5);
            assertThat(rejected.rows)
                    .extracting(RejectedRow::rowsOfRecord)
                    .containsExactlyInAnyOrder(3, 5);
            // Which of its rows it was: in the order of the record.
            assertThat(rejected.rows)
                    .anySatisfy(row -> assertThat(row.errorMessage()).contains("(at row 3)"));
            assertThat(counted(ClickHouseSinkMetrics.REJECTED_ROWS)).isEqualTo(8);

            inserter.insert(batch, true);
            assertEachOnce(112);
        }
        try (BatchInserter old = inserter(AT_ONCE)) {
            assertThat(old.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
            assertEachOnce(112);
        }
    }

    @Test
    void aBatchOfRecordsThatStoppedHalfwayIsCompletedAndNotDoubled() throws Exception {
        for (int refused : new int[] {0, 7, 19}) {
            rejected.rows.clear();
            ClickHouseCommittable batch = recordsOfTwoMonths(20, refused);
            long before = table.rows();
            rejected.failing = true;
            try (BatchInserter inserter = inserter(TEN_MINUTES)) {
                assertThatThrownBy(() -> inserter.insert(batch, false))
                        .hasMessageContaining("could not be handed over: the queue is full");
            }
            assertNoRecordInPart();
            rejected.failing = false;
            try (BatchInserter inserter = inserter(AT_ONCE)) {
                inserter.insert(batch, true);
                assertThat(table.rows()).isEqualTo(before + 19 * 4);
                inserter.insert(batch, true);
            }
            assertEachOnce(before + 19 * 4);
            assertNoRecordInPart();
            assertThat(rejected.rows).extracting(RejectedRow::rowsOfRecord).containsOnly(4);
        }
    }

    @Test
    void aServerThatDiedBetweenTheMonthsOfRecordsGetsTheOthers() throws Exception {
        ClickHouseCommittable batch = recordsOfTwoMonths(10, -1);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(firstPartitions(batch, 1), false);
            assertThat(table.rows()).isEqualTo(20);
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.STORED);
            assertEachOnce(40);
        }
        ClickHouseCommittable forgotten = recordsOfTwoMonths(10, -1);
        forgetQuickly();
        try (BatchInserter young = inserter(TEN_MINUTES);
                BatchInserter old = inserter(AT_ONCE)) {
            young.insert(firstPartitions(forgotten, 1), false);
            insertOthers(young, 101);
            assertThat(old.insert(forgotten, true)).isEqualTo(Outcome.STORED);
            assertEachOnce(40 + 40 + 101);
            insertOthers(young, 101);
            assertThat(old.insert(forgotten, true)).isEqualTo(Outcome.ALREADY_STORED);
            assertEachOnce(40 + 40 + 202);
        }
    }

    /** A record of four rows, two in each of two months, for each number; one may be refused. */
    private ClickHouseCommittable recordsOfTwoMonths(int records, int refused) {
        BatchBuffer<List<Reading>> buffer = table.buffer(new ReadingsEncoder());
        for (int record = 0; record < records; record++) {
            List<Reading> readings = new ArrayList<>();
            for (int row = 0; row < 4; row++) {
                Reading reading = Reading.of(nextSequence++, monthsBefore(row % 2) + record);
                reading.device = "record-" + nextRecord;
                reading.json = record == refused && row == 3 ? "{" : reading.json;
                readings.add(reading);
            }
            nextRecord++;
            buffer.add(readings);
        }
        List<ClickHouseCommittable> batches = buffer.close();
        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).partitions()).hasSize(2);
        return batches.get(0);
    }

    private void assertNoRecordInPart() throws Exception {
        assertThat(
                        table.sql(
                                "SELECT end_device_id, count() FROM "
                                        + table.name()
                                        + " WHERE end_device_id LIKE 'record-%' GROUP BY 1 HAVING"
                                        + " count() != 4"))
                .isEmpty();
    }

    private void assertEachOnce(long rows) throws Exception {
        assertThat(table.distinctRows()).isEqualTo(rows);
        assertThat(table.rows()).isEqualTo(rows);
    }

    /** Rows of months that share a batch. */
    private ClickHouseCommittable batchOfMonths(int months, int rowsOfEach) {
        BatchBuffer<Reading> buffer = table.buffer();
        // The highest four have batches of their own.
        for (int month = -4; month < months; month++) {
            for (int row = 0; row < rowsOfEach; row++) {
                buffer.add(Reading.of(nextSequence++, monthsBefore(month)));
            }
        }
        return buffer.close().get(4);
    }

    private static long monthsBefore(int months) {
        return Instant.ofEpochMilli(NOVEMBER)
                .atZone(ZoneOffset.UTC)
                .minusMonths(months)
                .toInstant()
                .toEpochMilli();
    }

    /** What a server has of a batch that died after as many partitions. */
    private static ClickHouseCommittable firstPartitions(ClickHouseCommittable batch, int count)
            throws IOException {
        int rows = batch.partitionEnds()[count - 1];
        int[] offsets = batch.rowOffsets();
        RowBinaryOutput lengths = new RowBinaryOutput();
        for (int row = 0; row < rows; row++) {
            lengths.writeUnsignedLeb128(offsets[row + 1] - offsets[row]);
        }
        return new ClickHouseCommittable(
                batch.format(),
                batch.token(),
                batch.database(),
                batch.table(),
                batch.columns(),
                batch.witnessColumns(),
                batch.partitions().subList(0, count),
                batch.createdAtMillis(),
                batch.writerRestoredFrom(),
                rows,
                offsets[rows],
                lengths.toByteArray(),
                Bundles.NONE,
                Lz4Frames.compress(batch.rows(), 0, offsets[rows]));
    }

    private void forgetQuickly() throws Exception {
        table.sql(
                "ALTER TABLE "
                        + table.name()
                        + " MODIFY SETTING non_replicated_deduplication_window = 100");
    }

    private void insertOthers(BatchInserter inserter, int count) throws Exception {
        for (int other = 0; other < count; other++) {
            inserter.insert(batch(nextSequence++, 1), false);
        }
    }

    @Test
    void aBatchWhoseTokenIsForgottenIsFoundByItsRows() throws Exception {
        forgetQuickly();
        ClickHouseCommittable batch = batch(1, 500);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            insertOthers(inserter, 101);
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
            assertThat(table.rows()).isEqualTo(601);

            inserter.insert(batch, false);
            assertThat(table.rows()).as("without the look it would be doubled").isEqualTo(1_101);
        }
    }

    @Test
    void rowsWhoseTokenOutlivedThemAreInsertedAllTheSame() throws Exception {
        ClickHouseCommittable batch = batch(1, 500);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            // What a server leaves that dies between writing down a token and committing the part.
            table.sql(
                    "ALTER TABLE "
                            + table.name()
                            + " DELETE WHERE true SETTINGS mutations_sync = 1");
            assertThat(table.rows()).isZero();

            inserter.insert(batch, false);
            assertThat(table.rows()).as("the server takes it for a repeat").isZero();

            inserter.insert(batch, true);
            assertThat(table.rows()).isEqualTo(500);
            inserter.insert(batch, true);
            assertThat(table.rows()).isEqualTo(500);
        }
    }

    @Test
    void anOldBatchIsLookedForThoughItWasNotRestored() throws Exception {
        ClickHouseCommittable batch = batch(1, 500);
        try (BatchInserter young = inserter(TEN_MINUTES);
                BatchInserter old = inserter(AT_ONCE)) {
            assertThat(young.insert(batch, false)).isEqualTo(Outcome.STORED);
            await().until(() -> System.currentTimeMillis() > batch.createdAtMillis() + 1);
            assertThat(old.insert(batch, false)).isEqualTo(Outcome.ALREADY_STORED);
        }
        assertThat(table.rows()).isEqualTo(500);
    }

    @Test
    void rowsThatCannotBeStoredAreHandedOverAndTheirNeighboursArrive() throws Exception {
        BatchBuffer<Reading> buffer = table.buffer();
        for (long sequence = 1; sequence <= 1_000; sequence++) {
            Reading reading = Reading.of(sequence, NOVEMBER + sequence);
            if (sequence == 17) {
                reading.json = "{\"not\": json}";
            } else if (sequence == 500) {
                reading.json = "[1,2]";
            }
            // 666 violates the table's constraint.
            buffer.add(reading);
        }
        ClickHouseCommittable batch = buffer.close().get(0);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            assertThat(inserter.insert(batch, false)).isEqualTo(Outcome.STORED);
            assertThat(table.rows()).isEqualTo(997);
            assertThat(table.distinctRows()).isEqualTo(997);
            assertThat(rejected.sequences()).containsExactlyInAnyOrder(17L, 500L, 666L);
            assertThat(counted(ClickHouseSinkMetrics.ROWS)).isEqualTo(997);
            assertThat(counted(ClickHouseSinkMetrics.REJECTED_ROWS)).isEqualTo(3);
            assertThat(rejected.rows)
                    .extracting(RejectedRow::errorCode)
                    .containsExactlyInAnyOrder(117, 117, 469);
            assertThat(rejected.rows)
                    .allSatisfy(row -> assertThat(row.table()).endsWith(table.name()))
                    .anySatisfy(row -> assertThat(row.errorMessage()).contains("not_666"))
                    .anySatisfy(row -> assertThat(row.value("data")).isEqualTo("{\"not\": json}"));

            inserter.insert(batch, true);
            assertThat(table.rows()).as("again, from a checkpoint").isEqualTo(997);
            assertThat(rejected.sequences()).as("handed over already").hasSize(3);
        }
    }

    @Test
    void aBatchThatStoppedHalfwayIsCompletedAndNotDoubled() throws Exception {
        BatchBuffer<Reading> buffer = table.buffer();
        for (long sequence = 1; sequence <= 100; sequence++) {
            Reading reading = Reading.of(3 * sequence, NOVEMBER + sequence);
            reading.json = sequence == 60 ? "{" : reading.json;
            buffer.add(reading);
        }
        ClickHouseCommittable batch = buffer.close().get(0);
        rejected.failing = true;
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            assertThatThrownBy(() -> inserter.insert(batch, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("could not be handed over: the queue is full");
        }
        assertThat(table.rows()).as("left of the refused row").isBetween(50L, 59L);

        rejected.failing = false;
        try (BatchInserter inserter = inserter(AT_ONCE)) {
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.STORED);
        }
        assertThat(table.rows()).isEqualTo(99);
        assertThat(table.distinctRows()).isEqualTo(99);
        assertThat(rejected.sequences()).containsExactly(180L);
    }

    @Test
    void aCommitThatIsRepeatedAfterARestartFindsItsBatchesStored() throws Exception {
        List<Request> requests = List.of(new Request(batch(1, 300)), new Request(batch(301, 300)));
        InsertConfig config = table.insertConfig(rejected, TEN_MINUTES);
        try (ClickHouseCommitter first =
                new ClickHouseCommitter(
                        config, insertMetrics(), JOB, ClickHouseCommittable.NOT_RESTORED)) {
            first.commit(List.copyOf(requests));
        }
        assertThat(requests).allSatisfy(request -> assertThat(request.signals).isEmpty());
        assertThat(counted(ClickHouseSinkMetrics.ROWS)).isEqualTo(600);
        assertThat(counted(ClickHouseSinkMetrics.BATCHES)).isEqualTo(2);
        assertThat(counted(ClickHouseSinkMetrics.BYTES)).isPositive();
        assertThat(counted(ClickHouseSinkMetrics.ALREADY_STORED)).isZero();
        assertThat(measured(ClickHouseSinkMetrics.SECONDS_SINCE_LAST_COMMIT))
                .isInstanceOfSatisfying(
                        Long.class, seconds -> assertThat(seconds).isBetween(0L, 60L));

        try (ClickHouseCommitter restored =
                new ClickHouseCommitter(config, insertMetrics(), JOB, 7)) {
            restored.commit(List.copyOf(requests));
        }
        assertThat(requests)
                .allSatisfy(
                        request ->
                                assertThat(request.signals).containsExactly("already committed"));
        assertThat(table.rows()).isEqualTo(600);
    }

    @Test
    void aDownServerIsWaitedFor() throws Exception {
        ClickHouseCommittable batch = batch(1, 1_000);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            server.kill();
            Future<Outcome> insert = executor.submit(() -> inserter.insert(batch, false));
            assertThat(insert).isNotDone();
            server.start();
            assertThat(insert.get(60, TimeUnit.SECONDS)).isEqualTo(Outcome.STORED);
            assertThat(counted(ClickHouseSinkMetrics.RETRIES_NETWORK)).isPositive();
            assertThat(counted(ClickHouseSinkMetrics.RETRIES_SERVER)).isZero();
            inserter.insert(batch, false);
        } finally {
            executor.shutdownNow();
        }
        assertThat(table.rows()).isEqualTo(1_000);
    }

    @Test
    void aServerWithTooMuchToMergeIsWaitedFor() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch(1, 10), false);
            setPartsToThrowInsert(1);
            Future<Outcome> insert = executor.submit(() -> inserter.insert(batch(100, 10), false));
            await().until(() -> counted(ClickHouseSinkMetrics.RETRIES_SERVER) > 2);
            assertThat(insert).isNotDone();
            setPartsToThrowInsert(3_000);
            assertThat(insert.get(60, TimeUnit.SECONDS)).isEqualTo(Outcome.STORED);
        } finally {
            executor.shutdownNow();
        }
        assertThat(counted(ClickHouseSinkMetrics.RETRIES_NETWORK)).isZero();
        assertThat(rejected.rows).isEmpty();
        assertThat(table.rows()).isEqualTo(20);
    }

    @Test
    void anErrorOfNoClassIsRepeatedBeforeItIsBlamedOnARow() throws Exception {
        // 36 BAD_ARGUMENTS for one row; elsewhere a setting can give it, which may be mended.
        table.sql(
                "ALTER TABLE "
                        + table.name()
                        + " ADD CONSTRAINT unusual CHECK parseTimeDelta(if(stream_sequence = 3,"
                        + " 'never', '1s')) > 0");
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            assertThat(inserter.insert(batch(1, 4), false)).isEqualTo(Outcome.STORED);
        }
        assertThat(counted(ClickHouseSinkMetrics.RETRIES_UNCLASSIFIED)).isPositive();
        assertThat(rejected.sequences()).containsExactly(3L);
        assertThat(rejected.rows).extracting(RejectedRow::errorCode).containsExactly(36);
        assertThat(table.rows()).isEqualTo(3);
    }

    private void setPartsToThrowInsert(int parts) throws Exception {
        table.sql(
                "ALTER TABLE "
                        + table.name()
                        + " MODIFY SETTING parts_to_delay_insert = "
                        + parts
                        + ", parts_to_throw_insert = "
                        + parts);
    }

    @Test
    void anInterruptEndsAnInsertAtOnceThoughTheServerHangs() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        CompletableFuture<Thread> inserting = new CompletableFuture<>();
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch(1, 10), false);
            server.freeze();
            Future<Outcome> insert =
                    executor.submit(
                            () -> {
                                inserting.complete(Thread.currentThread());
                                return inserter.insert(batch(100, 10), false);
                            });
            Thread thread = inserting.get();
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            executor.shutdownNow();
            assertThat(executor.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(insert::get).hasCauseInstanceOf(InterruptedException.class);
        } finally {
            server.resume();
        }
    }

    @Test
    void theFenceIsAskedBeforeEveryInsertAndEveryRepeat() throws Exception {
        ClickHouseCommittable batch = batch(1, 100);
        Semaphore permissions = new Semaphore(0);
        AtomicInteger asked = new AtomicInteger();
        CommitFence.Gate gate =
                () -> {
                    asked.incrementAndGet();
                    permissions.acquire();
                };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        InsertConfig config = table.insertConfig(rejected, TEN_MINUTES);
        try (InsertProxy proxy = InsertProxy.before(server.url());
                BatchInserter inserter =
                        new BatchInserter(
                                new InsertConfig(
                                        ReadingsTable.connection(server, proxy.url()),
                                        true,
                                        1,
                                        TEN_MINUTES,
                                        config.firstBackoff(),
                                        config.longestBackoff(),
                                        rejected,
                                        CommitFence.NONE),
                                insertMetrics(),
                                gate)) {
            proxy.next(InsertProxy.Fault.CUT_BEFORE_THE_INSERT);
            Future<Outcome> outcome = thread.submit(() -> inserter.insert(batch, false));
            await().until(() -> asked.get() == 1);
            assertThat(proxy.requestsByToken()).isEmpty();

            permissions.release();
            await().until(() -> asked.get() == 2);
            assertThat(outcome).isNotDone();
            assertThat(table.rows()).isZero();

            permissions.release();
            assertThat(outcome.get()).isEqualTo(Outcome.STORED);
            assertThat(table.rows()).isEqualTo(100);
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void whatAPersonMustMendStopsTheInsertWithAdvice() throws Exception {
        ClickHouseCommittable batch = batch(1, 10);
        InsertConfig config = table.insertConfig(rejected, TEN_MINUTES);
        InsertConfig wrongPassword =
                new InsertConfig(
                        ClickHouseSettings.of(server.url(), "ponix", "ponix", "wrong"),
                        true,
                        1,
                        TEN_MINUTES,
                        config.firstBackoff(),
                        config.longestBackoff(),
                        rejected,
                        CommitFence.NONE);
        try (BatchInserter inserter = inserter(wrongPassword)) {
            assertThatThrownBy(() -> inserter.insert(batch, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("AUTHENTICATION_FAILED")
                    .hasMessageContaining("password")
                    .hasMessageContaining("stays in Flink's state");
        }
        table.sql("ALTER TABLE " + table.name() + " RENAME COLUMN data TO renamed");
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            assertThatThrownBy(() -> inserter.insert(batch(100, 10), false))
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining("column data is missing");
        }
        assertThat(rejected.rows).isEmpty();
    }

    @Test
    void aColumnChangedUnderARunningJobIsNotBlamedOnTheRows() throws Exception {
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch(1, 10), false);
            table.sql("ALTER TABLE " + table.name() + " MODIFY COLUMN stream_sequence UInt32");
            assertThatThrownBy(() -> inserter.insert(batch(100, 10), false))
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining("stream_sequence is UInt32, but UInt64 is written");
        }
        assertThat(rejected.rows).isEmpty();
        assertThat(table.rows()).isEqualTo(10);
    }

    @Test
    void aMaterializedViewCountsEveryRowOnce() throws Exception {
        table.createView();
        ClickHouseCommittable batch = batch(1, 3_000);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            inserter.insert(batch, false);
            inserter.insert(batch, true);
            assertThat(table.rows()).isEqualTo(3_000);
            assertThat(table.viewedRows()).isEqualTo(3_000);
        }
    }

    @Test
    void aViewOfATableThatHasForgottenABatchDoesNotMakeItComeTwice() throws Exception {
        table.createView();
        forgetQuickly();
        ClickHouseCommittable batch = batch(1, 500);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            insertOthers(inserter, 101);
            assertThat(inserter.insert(batch, true)).isEqualTo(Outcome.ALREADY_STORED);
        }
        assertEachOnce(601);
        assertThat(table.viewedRows()).isEqualTo(601);
    }

    @Test
    void aViewThatHasForgottenABatchDoesNotGetItTwice() throws Exception {
        table.createView();
        table.sql(
                "ALTER TABLE "
                        + table.name()
                        + "_counts MODIFY SETTING non_replicated_deduplication_window = 100");
        ClickHouseCommittable batch = batch(1, 500);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            insertOthers(inserter, 101);
            inserter.insert(batch, true);
        }
        assertEachOnce(601);
        assertThat(table.viewedRows()).isEqualTo(601);
    }

    @Test
    void aViewThatAServerDidNotComeToGetsTheBatchByItsRepeat() throws Exception {
        ClickHouseCommittable batch = batch(1, 500);
        ClickHouseCommittable months = batchOfMonths(20, 2);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch, false);
            inserter.insert(firstPartitions(months, 7), false);
        }
        // As if the server had died between the table and the view.
        table.createView();
        try (BatchInserter restored = inserter(TEN_MINUTES)) {
            restored.insert(batch, true);
            restored.insert(months, true);
            assertEachOnce(540);
            assertThat(table.viewedRows()).isEqualTo(540);
            restored.insert(batch, true);
            restored.insert(months, true);
        }
        assertEachOnce(540);
        assertThat(table.viewedRows()).isEqualTo(540);
    }

    @Test
    void aViewThatRefusesARowDoesNotMakeTheOthersComeTwice() throws Exception {
        table.createView("throwIf(stream_sequence = 3) = 0");
        ClickHouseCommittable months = batchOfMonths(20, 2);
        try (BatchInserter inserter = inserter(TEN_MINUTES)) {
            inserter.insert(batch(1, 10), false);
            inserter.insert(batch(100, 10), false);
            inserter.insert(months, false);
        }
        assertEachOnce(60);
        assertThat(rejected.rows).as("the table has the row").isEmpty();
        assertThat(table.viewedRows()).isEqualTo(50);
    }

    private ClickHouseCommittable batch(long firstSequence, int rows) {
        BatchBuffer<Reading> buffer = table.buffer();
        for (long sequence = firstSequence; sequence < firstSequence + rows; sequence++) {
            buffer.add(Reading.of(sequence == 666 ? 999_666 : sequence, NOVEMBER + sequence));
        }
        return buffer.close().get(0);
    }

    private BatchInserter inserter(Duration maxTokenAge) {
        return inserter(table.insertConfig(rejected, maxTokenAge));
    }

    private BatchInserter inserter(InsertConfig config) {
        return new BatchInserter(config, insertMetrics(), () -> {});
    }

    private InsertMetrics insertMetrics() {
        return new InsertMetrics(metrics.getMetricGroup().addGroup(ClickHouseSinkMetrics.GROUP));
    }

    private long counted(String name) {
        return metrics.getCounter(ClickHouseSinkMetrics.GROUP, name).orElseThrow().getCount();
    }

    private Object measured(String name) {
        return metrics.getGauge(ClickHouseSinkMetrics.GROUP, name).orElseThrow().getValue();
    }

    /** A request as Flink makes it, which keeps what the committer says. */
    private static final class Request implements Committer.CommitRequest<ClickHouseCommittable> {

        private final ClickHouseCommittable batch;
        private final List<String> signals = new ArrayList<>();

        private Request(ClickHouseCommittable batch) {
            this.batch = batch;
        }

        @Override
        public ClickHouseCommittable getCommittable() {
            return batch;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {
            signals.add("dropped");
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {
            signals.add("failed");
        }

        @Override
        public void retryLater() {
            signals.add("later");
        }

        @Override
        public void updateAndRetryLater(ClickHouseCommittable committable) {
            signals.add("other later");
        }

        @Override
        public void signalAlreadyCommitted() {
            signals.add("already committed");
        }
    }

    /** Keeps what it is given, or fails. */
    private static final class RowsKept implements RejectedRowHandler {

        private final transient List<RejectedRow> rows = new ArrayList<>();
        private boolean failing;

        @Override
        public void handle(RejectedRow row) throws IOException {
            if (failing) {
                throw new IOException("the queue is full");
            }
            rows.add(row);
        }

        List<Long> sequences() {
            return rows.stream()
                    .map(row -> ((BigInteger) row.value("stream_sequence")).longValueExact())
                    .toList();
        }
    }
}
