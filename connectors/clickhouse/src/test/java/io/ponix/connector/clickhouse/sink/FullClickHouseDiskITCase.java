package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.clickhouse.sink.BatchInserter.Outcome;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.process.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ClickHouse that has no room on its disk. */
class FullClickHouseDiskITCase {

    private static final int MEBIBYTES = 128;
    private static final int ROWS = 20_000;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final MetricListener metrics = new MetricListener();

    @Test
    void batchesWaitUntilThereIsRoomAndNoneOfTheirRowsIsBlamed(@TempDir Path home)
            throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (SmallDisk disk = new SmallDisk(home.resolve("clickhouse/data"), MEBIBYTES);
                EmbeddedClickHouse server =
                        EmbeddedClickHouse.builder().home(home).disk(disk).build()) {
            server.start();
            ReadingsTable table = ReadingsTable.create(server);
            try (BatchInserter inserter =
                    new BatchInserter(
                            table.insertConfig(new FailOnRejectedRow(), Duration.ofMinutes(10)),
                            new InsertMetrics(
                                    metrics.getMetricGroup().addGroup(ClickHouseSinkMetrics.GROUP)),
                            () -> {})) {
                assertThat(inserter.insert(batch(table, 1), false)).isEqualTo(Outcome.STORED);
                disk.fill();
                Future<Outcome> insert =
                        executor.submit(() -> inserter.insert(batch(table, ROWS + 1), false));
                await().atMost(MINUTE)
                        .until(() -> insert.isDone() || retriesBecauseOfTheServer() > 3);
                assertThat(insert).as("while the disk is full").isNotDone();

                disk.makeRoom();
                assertThat(insert.get(MINUTE.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo(Outcome.STORED);
                assertThat(table.rows()).isEqualTo(2 * ROWS);
                assertThat(table.distinctRows()).isEqualTo(2 * ROWS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private long retriesBecauseOfTheServer() {
        return metrics.getCounter(ClickHouseSinkMetrics.GROUP, ClickHouseSinkMetrics.RETRIES_SERVER)
                .orElseThrow()
                .getCount();
    }

    private static ClickHouseCommittable batch(ReadingsTable table, long first) {
        BatchBuffer<Reading> buffer = table.buffer();
        for (long sequence = first; sequence < first + ROWS; sequence++) {

            buffer.add(Reading.of(1_000_000 + sequence, 1_795_219_200_000L + sequence));
        }
        return buffer.close().get(0);
    }
}
