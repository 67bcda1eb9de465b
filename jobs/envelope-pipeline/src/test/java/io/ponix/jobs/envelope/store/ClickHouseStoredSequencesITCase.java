package io.ponix.jobs.envelope.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.migrations.ClickHouseMigrations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClickHouseStoredSequencesITCase {

    /** Rows of the table that is large in comparison with what is asked for. */
    private static final long STORED_ROWS = Long.getLong("ponix.test.stored-rows", 4_000_000);

    private static final int ORGANIZATIONS = 20;
    private static final int MONTHS = 12;
    private static final int GRANULE = 8192;

    /** The parts that hold the rows of one time: what one insert, or several at once, wrote. */
    private static final int PARTS_OF_A_PLACE = 4;

    private static final String TABLE = "processed_envelopes";
    private static final long RECEIVED_AT = 1_760_000_000_000L;
    private static final long YEAR_MILLIS = Duration.ofDays(360).toMillis();

    private EmbeddedClickHouse server;
    private ClickHouseSettings connection;
    private ClickHouseStoredSequences stored;

    @BeforeEach
    void start(@TempDir Path home) throws Exception {
        server = EmbeddedClickHouse.builder().home(home).build();
        server.start();
        ClickHouseMigrations.builder()
                .settings(ClickHouseSettings.fromEnvironment(server.address().environment()))
                .build()
                .up();
        connection = ClickHouseSettings.fromEnvironment(server.address().environment());
        stored = new ClickHouseStoredSequences(connection, TABLE, "raw");
    }

    @AfterEach
    void stop() {
        stored.close();
        server.stop();
    }

    /**
     * The engine's own replicated table, without the Keeper that tells whether it is behind:
     * attached, as it could not be created.
     */
    @Test
    void aReplicaThatCannotCatchUpIsNotTakenForOneWithoutRows() throws Exception {
        try (ClickHouseClient client = new ClickHouseClient(connection)) {
            client.query(
                    "ATTACH TABLE replicated UUID '"
                            + UUID.randomUUID()
                            + "' (stream String, stream_sequence UInt64, received_at"
                            + " DateTime64(3)) ENGINE = ReplicatedMergeTree('/tables/replicated',"
                            + " 'r1') ORDER BY stream",
                    Map.of());
        }
        try (ClickHouseStoredSequences replicated =
                new ClickHouseStoredSequences(connection, "replicated", "raw")) {
            replicated.open();
            FutureTask<Boolean> look = new FutureTask<>(() -> replicated.contains(1, RECEIVED_AT));
            Thread thread = new Thread(look);
            thread.start();
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !look.isDone());
            thread.interrupt();
            thread.join();
        }
    }

    @Test
    void messagesOfTheNewestStreamAreFoundBesideRowsOfOneThatWasDeleted() throws Exception {
        // In either order of insertion, whatever the order they are read in.
        insert("raw", 1, RECEIVED_AT - 1000);
        insert("raw", 1, RECEIVED_AT);
        insert("raw", 2, RECEIVED_AT);
        insert("raw", 2, RECEIVED_AT - 1000);
        insert("raw", 3, RECEIVED_AT - 1000);
        insert("other", 4, RECEIVED_AT);
        stored.open();

        assertThat(stored.contains(1, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(2, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(2, RECEIVED_AT - 1000)).as("one that went back").isTrue();
        assertThat(stored.contains(3, RECEIVED_AT)).as("only the old stream's").isFalse();
        assertThat(stored.contains(4, RECEIVED_AT)).as("only another stream's").isFalse();
    }

    @Test
    void sequencesWithoutRowsBetweenOthersAreSkippedAndThoseBeyondAreFound() throws Exception {
        long beyond = 40L << 20;
        long farBeyond = 1L << 50;
        insert("raw", 1, RECEIVED_AT);
        insert("other", 5L << 20, RECEIVED_AT);
        insert("raw", beyond, RECEIVED_AT);
        insert("raw", farBeyond, RECEIVED_AT);
        stored.open();

        assertThat(stored.contains(1, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(3L << 20, RECEIVED_AT)).isFalse();
        assertThat(stored.contains(5L << 20, RECEIVED_AT)).isFalse();
        assertThat(stored.contains(beyond, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(beyond + (1L << 20), RECEIVED_AT)).isFalse();
        assertThat(stored.contains(farBeyond, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(farBeyond + (1L << 20), RECEIVED_AT)).isFalse();
        assertThat(stored.contains(4L << 20, RECEIVED_AT)).as("back where nothing is").isFalse();
        assertThat(stored.contains(beyond, RECEIVED_AT)).as("back where something is").isTrue();
    }

    @Test
    void ofAnEnvelopeThatIsStoredInPartTheRowsAreNamed() throws Exception {
        insert("raw", 1, RECEIVED_AT, 0, 1);
        insert("raw", 2, RECEIVED_AT, 0, 3);
        insert("raw", 2, RECEIVED_AT, 2, 3);
        // Of the same sequence of a stream that was deleted and made anew.
        insert("raw", 2, RECEIVED_AT - 1000, 1, 2);
        insert("raw", 2, RECEIVED_AT - 1000, 0, 2);
        insert("other", 2, RECEIVED_AT, 1, 3);
        insert("raw", 3, RECEIVED_AT, 1, 2);
        insert("raw", 3, RECEIVED_AT, 0, 2);
        stored.open();

        assertThat(stored.contains(1, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(2, RECEIVED_AT)).isFalse();
        assertThat(stored.rows(2, RECEIVED_AT)).containsExactlyInAnyOrder(0, 2);
        assertThat(stored.contains(2, RECEIVED_AT - 1000)).isTrue();
        assertThat(stored.rows(2, RECEIVED_AT - 1000)).isEmpty();
        assertThat(stored.contains(3, RECEIVED_AT)).isTrue();
        assertThat(stored.rows(1, RECEIVED_AT)).isEmpty();
        assertThat(stored.contains(4, RECEIVED_AT)).isFalse();
        assertThat(stored.rows(4, RECEIVED_AT)).isEmpty();
    }

    @Test
    void aRangeOfNothingButPartsOfEnvelopesIsNotEmpty() throws Exception {
        insert("raw", 7, RECEIVED_AT, 1, 2);
        stored.open();

        assertThat(stored.contains(1, RECEIVED_AT)).isFalse();
        assertThat(stored.contains(7, RECEIVED_AT)).isFalse();
        assertThat(stored.rows(7, RECEIVED_AT)).containsExactly(1);
    }

    private enum Readings {
        /** Occurring as they are received. */
        IN_ORDER,
        /** Of any month before, as devices send them that were away for long. */
        MIXED
    }

    /**
     * How much of a large table the questions read: that grows with what is read of the stream and
     * with the number of parts, never with the table. {@code -Dponix.test.stored-rows} makes it as
     * large as wanted, and asks for the time, too.
     *
     * <p>A range of 200 million rows whose readings come mixed, of 24 months in 169 parts, took 4.5
     * s without the projection (125 million rows read), and 32 ms with it (0.24 million).
     */
    @ParameterizedTest
    @EnumSource(Readings.class)
    void noQuestionReadsTheWholeTable(Readings readings) throws Exception {
        fill(STORED_ROWS, readings);
        long middle = STORED_ROWS / 2;
        // Of each part the granules that the range begins and ends in, and those between.
        long granules = 2 * MONTHS * PARTS_OF_A_PLACE + StoredRange.SEQUENCES / GRANULE;
        try (RecordingProxy proxy = new RecordingProxy(server.url());
                ClickHouseStoredSequences asked =
                        new ClickHouseStoredSequences(
                                ClickHouseSettings.of(
                                        proxy.url(),
                                        server.database(),
                                        server.username(),
                                        server.password()),
                                TABLE,
                                "raw")) {
            asked.open();
            assertThat(proxy.rowsRead()).as("before an envelope is read").isZero();

            // Goes on where it was, as after every failure.
            assertThat(asked.contains(STORED_ROWS, receivedAt(STORED_ROWS))).isTrue();
            assertThat(asked.contains(STORED_ROWS + 1, receivedAt(STORED_ROWS + 1))).isFalse();
            report("where it was", proxy, granules * GRANULE);

            // A backlog, of which nothing is stored.
            for (long sequence = STORED_ROWS + 1; sequence < STORED_ROWS + 5_000_000; sequence++) {
                assertThat(asked.contains(sequence, RECEIVED_AT)).isFalse();
            }
            assertThat(proxy.questions()).as("of a backlog of 5 million").isLessThan(10);
            report("a backlog", proxy, 0);

            // From an older savepoint.
            assertThat(asked.contains(middle, receivedAt(middle))).isTrue();
            assertThat(asked.contains(middle + 1, receivedAt(middle + 1))).isTrue();
            assertThat(asked.contains(middle, receivedAt(middle) + 1)).isFalse();
            report("an older savepoint", proxy, granules * GRANULE);
        }
        // Another stream, from its beginning.
        try (RecordingProxy proxy = new RecordingProxy(server.url());
                ClickHouseStoredSequences asked =
                        new ClickHouseStoredSequences(
                                ClickHouseSettings.of(
                                        proxy.url(),
                                        server.database(),
                                        server.username(),
                                        server.password()),
                                TABLE,
                                "another")) {
            asked.open();
            assertThat(asked.contains(1, RECEIVED_AT)).isFalse();
            report("another stream", proxy, 2 << 20);
        }
    }

    @Test
    void aServerThatIsAwayIsWaitedFor() throws Exception {
        insert("raw", 1, RECEIVED_AT);
        stored.open();
        server.stop();
        FutureTask<Boolean> answer = new FutureTask<>(() -> stored.contains(1, RECEIVED_AT));
        Thread task = new Thread(answer);
        task.start();
        try {
            server.start();
            assertThat(answer.get(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            task.interrupt();
        }
    }

    /** Messages at a steady rate, over a year, as the job stores them. */
    private void fill(long rows, Readings readings) throws Exception {
        String occurredAt =
                switch (readings) {
                    case IN_ORDER -> "received";
                    case MIXED ->
                            "fromUnixTimestamp64Milli(toInt64("
                                    + RECEIVED_AT
                                    + " - cityHash64(number, 1) % "
                                    + YEAR_MILLIS
                                    + "))";
                };
        try (ClickHouseClient client =
                new ClickHouseClient(
                        new ClickHouseSettings(
                                List.of(server.url()),
                                server.database(),
                                server.username(),
                                server.password(),
                                ClickHouseSettings.DEFAULT_CONNECT_TIMEOUT,
                                Duration.ofHours(1)))) {
            client.query(
                    "INSERT INTO "
                            + TABLE
                            + " (organization_id, end_device_id, occurred_at, processed_at, data,"
                            + " stream, stream_sequence, received_at) SELECT 'org-' ||"
                            + " toString(cityHash64(number) % "
                            + ORGANIZATIONS
                            + "), 'device-' || toString(number % 1000), "
                            + occurredAt
                            + ", received, '{}'::JSON, 'raw', number + 1,"
                            + " fromUnixTimestamp64Milli(toInt64("
                            + RECEIVED_AT
                            + " + intDiv(number * "
                            + YEAR_MILLIS
                            + ", "
                            + rows
                            + "))) AS received FROM numbers("
                            + rows
                            + ")",
                    Map.of("max_insert_threads", "1"));
            if (System.getProperty("ponix.test.stored-rows") == null) {
                // The fewer parts, the more of the stream is in each.
                client.query("OPTIMIZE TABLE " + TABLE + " FINAL", Map.of());
            }
        }
    }

    private static long receivedAt(long sequence) {
        return RECEIVED_AT + (sequence - 1) * YEAR_MILLIS / STORED_ROWS;
    }

    private static void report(String what, RecordingProxy proxy, long mostRows) {
        System.out.printf(
                "%-20s %d questions, %,d rows read of %,d, %,d ms%n",
                what, proxy.questions(), proxy.rowsRead(), STORED_ROWS, proxy.elapsed().toMillis());
        assertThat(proxy.rowsRead()).as(what).isLessThanOrEqualTo(mostRows);
        if (System.getProperty("ponix.test.stored-rows") != null) {
            assertThat(proxy.elapsed()).as(what).isLessThan(Duration.ofSeconds(1));
        }
        proxy.reset();
    }

    private void insert(String stream, long sequence, long receivedAt) throws Exception {
        insert(stream, sequence, receivedAt, 0, 1);
    }

    private void insert(String stream, long sequence, long receivedAt, int index, int count)
            throws Exception {
        try (ClickHouseClient client = new ClickHouseClient(connection)) {
            client.query(
                    "INSERT INTO "
                            + TABLE
                            + " (organization_id, end_device_id, occurred_at, processed_at, data,"
                            + " stream, stream_sequence, received_at, row_index, row_count)"
                            + " SELECT 'org', 'device',"
                            + " now64(3), now64(3), '{}', '"
                            + stream
                            + "', "
                            + sequence
                            + ", fromUnixTimestamp64Milli(toInt64("
                            + receivedAt
                            + ")), "
                            + index
                            + ", "
                            + count,
                    Map.of());
        }
    }
}
