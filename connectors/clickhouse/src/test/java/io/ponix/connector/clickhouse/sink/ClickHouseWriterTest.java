package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class ClickHouseWriterTest {

    private static final long NOVEMBER = 1_795_219_200_000L;

    private final ManualTimers timers = new ManualTimers();
    private final SinkWriterMetricGroup metrics =
            UnregisteredMetricsGroup.createSinkWriterMetricGroup();
    private final List<Integer> closed = new ArrayList<>();

    @Test
    void aBatchClosesWhenItHasEnoughRows() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(10, 1 << 20, Duration.ZERO)) {
            write(writer, 25);
            assertThat(closed).containsExactly(10, 10);
            writer.flush(false);
            assertThat(closed).containsExactly(10, 10, 5);
            assertThat(writer.prepareCommit()).hasSize(3);
            assertThat(writer.prepareCommit()).isEmpty();
        }
    }

    @Test
    void aBatchClosesWhenItHasEnoughBytes() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(1_000, 200, Duration.ZERO)) {
            write(writer, 10);
            assertThat(closed).isNotEmpty().allMatch(rows -> rows <= 4);
        }
    }

    @Test
    void aBatchClosesWhenItsWindowEnds() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(10, 1 << 20, Duration.ofSeconds(1))) {
            write(writer, 3);
            timers.advance(999);
            assertThat(closed).isEmpty();
            timers.advance(1);
            assertThat(closed).containsExactly(3);
            timers.advance(5_000);
            assertThat(closed).containsExactly(3);
        }
    }

    @Test
    void theWindowOfAFullBatchDoesNotCloseTheNext() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(10, 1 << 20, Duration.ofSeconds(1))) {
            write(writer, 9);
            timers.advance(900);
            write(writer, 3);
            assertThat(closed).containsExactly(10);
            timers.advance(100);
            assertThat(closed).as("opened 100 ms ago").containsExactly(10);
            timers.advance(900);
            assertThat(closed).containsExactly(10, 2);
        }
    }

    @Test
    void withoutAWindowABatchWaitsForTheCheckpoint() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(10, 1 << 20, Duration.ZERO)) {
            write(writer, 3);
            timers.advance(3_600_000);
            assertThat(closed).isEmpty();
            writer.flush(true);
            assertThat(closed).containsExactly(3);
        }
    }

    @Test
    void whatACheckpointLeavesOpenIsPartOfItAndComesBack() throws Exception {
        List<ClickHouseCommittable> leftOpen;
        try (ClickHouseWriter<Reading> writer = writer(1_000, 1 << 20, Duration.ZERO)) {
            for (int month = 0; month < 100; month++) {
                writer.write(Reading.of(month, NOVEMBER - month * 31 * 86_400_000L), null);
            }
            writer.flush(false);
            assertThat(rows(writer.prepareCommit())).isEqualTo(36);
            leftOpen = writer.snapshotState(1);
            assertThat(rows(leftOpen)).isEqualTo(64);
        }
        try (ClickHouseWriter<Reading> restored = writer(1_000, 1 << 20, Duration.ZERO)) {
            restored.pass(leftOpen);
            restored.flush(false);
            assertThat(restored.prepareCommit()).containsExactlyElementsOf(leftOpen);
            assertThat(restored.snapshotState(2)).isEmpty();
        }
    }

    @Test
    void theEndOfTheInputLeavesNothingOpen() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(1_000, 1 << 20, Duration.ZERO)) {
            for (int month = 0; month < 100; month++) {
                writer.write(Reading.of(month, NOVEMBER - month * 31 * 86_400_000L), null);
            }
            writer.flush(true);
            assertThat(rows(writer.prepareCommit())).isEqualTo(100);
            assertThat(writer.snapshotState(1)).isEmpty();
        }
    }

    @Test
    void whatAWindowLeavesOpenIsOfTheNext() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(1_000, 1 << 20, Duration.ofSeconds(1))) {
            for (int month = 0; month < 100; month++) {
                writer.write(Reading.of(month, NOVEMBER - month * 31 * 86_400_000L), null);
            }
            timers.advance(1_000);
            assertThat(rows(writer.prepareCommit())).isEqualTo(36);
            timers.advance(1_000);
            assertThat(rows(writer.prepareCommit())).isEqualTo(36);
            timers.advance(1_000);
            assertThat(rows(writer.prepareCommit())).isEqualTo(28);
        }
    }

    @Test
    void aFullBatchIsClosedWithAllItsPartitions() throws Exception {
        try (ClickHouseWriter<Reading> writer = writer(100, 1 << 20, Duration.ZERO)) {
            for (int month = 0; month < 100; month++) {
                writer.write(Reading.of(month, NOVEMBER - month * 31 * 86_400_000L), null);
            }
            assertThat(rows(writer.prepareCommit())).isEqualTo(100);
        }
    }

    private static int rows(Collection<ClickHouseCommittable> batches) {
        return batches.stream().mapToInt(ClickHouseCommittable::rowCount).sum();
    }

    @Test
    void tooManyPendingBytesSlowTheWriterDownAndDoNotStopIt() throws Exception {
        BatchesForCheckpoint pending = new BatchesForCheckpoint(1, metrics);
        try (ClickHouseWriter<Reading> writer =
                writer(new BatchLimits(1, 1 << 20, Duration.ZERO, 1), pending)) {
            long start = System.nanoTime();
            write(writer, 5);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThan(Duration.ofMillis(5));
            assertThat(writer.prepareCommit()).hasSize(5);
        }
    }

    private ClickHouseWriter<Reading> writer(int rows, int bytes, Duration window) {
        BatchesForCheckpoint pending = new BatchesForCheckpoint(1 << 20, metrics);
        ClosedBatches recording =
                new ClosedBatches() {
                    @Override
                    public void add(ClickHouseCommittable batch) throws InterruptedException {
                        closed.add(batch.rowCount());
                        pending.add(batch);
                    }

                    @Override
                    public void flush() {
                        pending.flush();
                    }

                    @Override
                    public List<ClickHouseCommittable> takeForCommit() {
                        return pending.takeForCommit();
                    }

                    @Override
                    public void close() {
                        pending.close();
                    }
                };
        return writer(new BatchLimits(rows, bytes, window, 1 << 20), recording);
    }

    private ClickHouseWriter<Reading> writer(BatchLimits limits, ClosedBatches batches) {
        ReadingEncoder encoder = new ReadingEncoder();
        TargetTable target =
                new TargetTable("db", "t", encoder.columns(), List.of("stream_sequence"));
        return new ClickHouseWriter<>(
                new BatchBuffer<>(encoder, target, -1, timers::getCurrentProcessingTime),
                limits,
                batches,
                timers,
                metrics);
    }

    private static void write(ClickHouseWriter<Reading> writer, int rows) throws Exception {
        for (int i = 0; i < rows; i++) {
            writer.write(Reading.of(i, NOVEMBER), null);
        }
    }
}
