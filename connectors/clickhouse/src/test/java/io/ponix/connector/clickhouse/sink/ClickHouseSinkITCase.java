package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.clickhouse.SharedClickHouse;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The sink in a job: what goes in is in the table once, whatever happens on the way. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@ExtendWith(SharedClickHouse.class)
class ClickHouseSinkITCase {

    private static final long NOVEMBER = 1_795_219_200_000L;
    private static final long READINGS = 20_000;
    private static final int CHECKPOINTS = 8;
    private static final int MANY_MONTHS = 150;
    private static final double PER_SECOND = 10_000;

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static EmbeddedClickHouse server;

    @TempDir Path state;
    private ReadingsTable table;

    @BeforeAll
    static void share(EmbeddedClickHouse shared) {
        server = shared;
    }

    @BeforeEach
    void prepare() throws Exception {
        table = ReadingsTable.create(server);
        FailingMap.failuresLeft.set(0);
        FailingMap.mapped.set(0);
        FailingMap.months.set(2);
        KeepRejected.sequences.clear();
    }

    @AfterEach
    void dropTable() throws Exception {
        table.drop();
    }

    @Test
    void theCommitterIsATaskOfItsOwnAndTheWriterIsChained() {
        StreamExecutionEnvironment environment = environment(1, null);
        build(environment, table.sink().build(), READINGS);
        List<JobVertex> vertices =
                environment
                        .getStreamGraph()
                        .getJobGraph()
                        .getVerticesSortedTopologicallyFromSources();
        assertThat(vertices)
                .extracting(JobVertex::getName)
                .satisfiesExactly(
                        first -> assertThat(first).contains("Source", "rows: Writer"),
                        second -> assertThat(second).isEqualTo("rows: Committer"));
    }

    @Test
    void everyReadingIsARowOnceThoughTheJobFailsBetweenCheckpoints() throws Exception {
        FailingMap.failuresLeft.set(2);
        StreamExecutionEnvironment environment = environment(1, null);
        buildInCheckpoints(environment, table.sink().setMaxBatchRows(1_500).build());
        environment.executeAsync("failing").getJobExecutionResult().get();

        assertThat(FailingMap.failuresLeft).hasValue(0);
        assertEveryReadingOnce(READINGS);
        assertThat(table.number("uniqExact(_partition_id)")).isEqualTo(2);
    }

    @Test
    void readingsOfManyMonthsAreRowsOnceThoughTheJobFails() throws Exception {
        FailingMap.months.set(MANY_MONTHS);
        FailingMap.failuresLeft.set(1);
        StreamExecutionEnvironment environment = environment(1, null);
        buildInCheckpoints(environment, table.sink().build());
        environment.executeAsync("failing").getJobExecutionResult().get();

        assertThat(FailingMap.failuresLeft).hasValue(0);
        assertEveryReadingOnce(READINGS);
        assertThat(table.number("uniqExact(_partition_id)")).isEqualTo(MANY_MONTHS);
    }

    @Test
    void whatASavepointLeavesOpenIsStoredAfterItAtAnotherParallelism() throws Exception {
        FailingMap.months.set(MANY_MONTHS);
        StreamExecutionEnvironment environment = environment(2, null);
        build(environment, table.sink().build(), 3 * READINGS);
        JobClient job = environment.executeAsync("before");
        await().atMost(Duration.ofSeconds(60)).until(() -> table.rows() > 0);
        String savepoint =
                job.stopWithSavepoint(false, state.toString(), SavepointFormatType.CANONICAL).get();
        job.getJobExecutionResult().get();
        assertThat(table.rows()).as("some are left open").isLessThan(FailingMap.mapped.get());

        StreamExecutionEnvironment resumed = environment(1, savepoint);
        build(resumed, table.sink().build(), 3 * READINGS);
        resumed.executeAsync("after").getJobExecutionResult().get();
        assertEveryReadingOnce(3 * READINGS);
    }

    @Test
    void aSavepointFromBeforeTheWriterHadStateIsResumed() throws Exception {
        StreamExecutionEnvironment environment = environment(1, null);
        build(environment, new SinkWithoutWriterState(table.sink().build()), 3 * READINGS);
        JobClient job = environment.executeAsync("before");
        await().atMost(Duration.ofSeconds(60)).until(() -> table.rows() > 0);
        String savepoint =
                job.stopWithSavepoint(false, state.toString(), SavepointFormatType.CANONICAL).get();
        job.getJobExecutionResult().get();
        assertThat(table.rows()).isLessThan(3 * READINGS);

        FailingMap.months.set(MANY_MONTHS);
        StreamExecutionEnvironment resumed = environment(1, savepoint);
        build(resumed, table.sink().build(), 3 * READINGS);
        resumed.executeAsync("after").getJobExecutionResult().get();
        assertEveryReadingOnce(3 * READINGS);
    }

    @Test
    void stopWithSavepointAndResumeAtAnotherParallelism() throws Exception {
        StreamExecutionEnvironment environment = environment(1, null);
        build(environment, table.sink().build(), 3 * READINGS);
        JobClient job = environment.executeAsync("before");
        await().atMost(Duration.ofSeconds(60)).until(() -> table.rows() > 0);
        String savepoint =
                job.stopWithSavepoint(false, state.toString(), SavepointFormatType.CANONICAL).get();
        job.getJobExecutionResult().get();
        assertThat(table.rows()).isEqualTo(table.distinctRows()).isLessThan(3 * READINGS);

        StreamExecutionEnvironment resumed = environment(2, savepoint);
        build(resumed, table.sink().build(), 3 * READINGS);
        resumed.executeAsync("after").getJobExecutionResult().get();
        assertEveryReadingOnce(3 * READINGS);
    }

    @Test
    void batchesThatWaitForClickHouseSurviveARestartOfTheJob() throws Exception {
        server.stop();
        StreamExecutionEnvironment environment = environment(1, null);
        build(environment, table.sink().build(), READINGS);
        JobClient job = environment.executeAsync("before");
        // Nobody took the batches of the first checkpoint: they are in state only.
        await().atMost(Duration.ofSeconds(60)).until(() -> !latestCheckpoint().equals(state));
        String checkpoint = latestCheckpoint().toUri().toString();
        job.cancel().get();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> job.getJobStatus().get().isGloballyTerminalState());
        server.start();
        assertThat(table.rows()).isZero();

        StreamExecutionEnvironment resumed = environment(2, checkpoint);
        build(resumed, table.sink().build(), READINGS);
        resumed.executeAsync("after").getJobExecutionResult().get();
        assertEveryReadingOnce(READINGS);
    }

    @Test
    void recordsFlowDuringAnOutageOfClickHouseAndNoRestartIsNeeded() throws Exception {
        server.stop();
        StreamExecutionEnvironment environment = environment(1, null);
        environment.configure(
                new Configuration().set(RestartStrategyOptions.RESTART_STRATEGY, "none"));
        build(environment, table.sink().build(), READINGS);
        JobClient job = environment.executeAsync("outage");
        await().atMost(Duration.ofSeconds(60)).until(() -> !latestCheckpoint().equals(state));
        long mapped = FailingMap.mapped.get();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> FailingMap.mapped.get() > mapped + PER_SECOND / 2);
        server.start();
        job.getJobExecutionResult().get();
        assertEveryReadingOnce(READINGS);
    }

    @Test
    void aRefusedRowIsHandedOverAndTheOthersArrive() throws Exception {
        StreamExecutionEnvironment environment = environment(1, null);
        environment
                .fromSource(
                        source(1_000, RateLimiterStrategy.perSecond(PER_SECOND)),
                        WatermarkStrategy.noWatermarks(),
                        "readings")
                .map(
                        sequence -> {
                            Reading reading = Reading.of(sequence, NOVEMBER + sequence);
                            reading.json = sequence == 321 ? "{\"a\":" : reading.json;
                            return reading;
                        })
                .returns(Reading.class)
                .sinkTo(table.sink().setRejectedRowHandler(new KeepRejected()).build())
                .uid("rows")
                .name("rows");
        environment.executeAsync("poison").getJobExecutionResult().get();

        assertThat(KeepRejected.sequences).contains(321L, 666L).hasSize(2);
        assertEveryReadingOnce(998);
    }

    @Test
    void atLeastOnceRowsArriveBeforeAnyCheckpoint() throws Exception {
        StreamExecutionEnvironment environment = environment(1, null);
        environment.enableCheckpointing(Duration.ofHours(1).toMillis());
        build(
                environment,
                table.sink()
                        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                        .setWindow(Duration.ofMillis(100))
                        .build(),
                READINGS);
        JobClient job = environment.executeAsync("at least once");
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> table.rows() > 0);
        assertThat(table.rows()).isLessThan(READINGS);
        job.getJobExecutionResult().get();
        assertEveryReadingOnce(READINGS);
    }

    @Test
    void atLeastOnceNothingIsLostThoughTheJobFails() throws Exception {
        FailingMap.failuresLeft.set(2);
        StreamExecutionEnvironment environment = environment(1, null);
        build(
                environment,
                table.sink()
                        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                        .setWindow(Duration.ofMillis(100))
                        .build(),
                READINGS);
        environment.executeAsync("at least once, failing").getJobExecutionResult().get();

        assertThat(FailingMap.failuresLeft).hasValue(0);
        assertThat(table.distinctRows()).isEqualTo(READINGS);
        assertThat(table.rows()).isGreaterThanOrEqualTo(READINGS);
    }

    private void assertEveryReadingOnce(long readings) throws Exception {
        assertThat(table.distinctRows()).isEqualTo(readings);
        assertThat(table.rows()).isEqualTo(readings);
    }

    private StreamExecutionEnvironment environment(int parallelism, String restoreFrom) {
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300));
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, state.toUri().toString());
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 5);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        if (restoreFrom != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, restoreFrom);
        }
        return StreamExecutionEnvironment.getExecutionEnvironment(configuration)
                .setParallelism(parallelism);
    }

    private static DataGeneratorSource<Long> source(long readings, RateLimiterStrategy<?> rate) {
        return new DataGeneratorSource<>(index -> index + 1, readings, rate, Types.LONG);
    }

    private static void build(
            StreamExecutionEnvironment environment, Sink<Reading> sink, long readings) {
        build(environment, sink, readings, RateLimiterStrategy.perSecond(PER_SECOND));
    }

    /** So that there are checkpoints enough to fail after, however long each takes. */
    private static void buildInCheckpoints(
            StreamExecutionEnvironment environment, Sink<Reading> sink) {
        build(
                environment,
                sink,
                READINGS,
                RateLimiterStrategy.perCheckpoint((int) READINGS / CHECKPOINTS));
    }

    private static void build(
            StreamExecutionEnvironment environment,
            Sink<Reading> sink,
            long readings,
            RateLimiterStrategy<?> rate) {
        environment
                .fromSource(source(readings, rate), WatermarkStrategy.noWatermarks(), "readings")
                .uid("readings")
                .map(new FailingMap())
                .uid("map")
                .sinkTo(sink)
                .uid("rows")
                .name("rows");
    }

    private Path latestCheckpoint() throws IOException {
        try (Stream<Path> files = Files.walk(state, 3)) {
            return files.filter(file -> file.endsWith("_metadata"))
                    .map(Path::getParent)
                    .max(Comparator.comparing(ClickHouseSinkITCase::checkpointNumber))
                    .orElse(state);
        }
    }

    private static int checkpointNumber(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().replace("chk-", ""));
    }

    /** Readings of some months; fails some times, right after a checkpoint has completed. */
    private static final class FailingMap
            implements MapFunction<Long, Reading>, CheckpointListener {

        private static final AtomicInteger failuresLeft = new AtomicInteger();
        private static final AtomicLong mapped = new AtomicLong();
        private static final AtomicInteger months = new AtomicInteger();
        private transient int checkpoints;

        @Override
        public Reading map(Long sequence) {
            mapped.incrementAndGet();
            Instant time =
                    Instant.ofEpochMilli(NOVEMBER + sequence)
                            .atZone(ZoneOffset.UTC)
                            .minusMonths(sequence % months.get())
                            .toInstant();
            return Reading.of(sequence == 666 ? 999_666 : sequence, time.toEpochMilli());
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws IOException {
            checkpoints++;
            if (checkpoints == 2 && failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IOException("Failing on purpose after checkpoint " + checkpointId);
            }
        }
    }

    /** As the sink was before its writer had state. */
    private static final class SinkWithoutWriterState
            implements Sink<Reading>,
                    SupportsCommitter<ClickHouseCommittable>,
                    SupportsPreCommitTopology<ClickHouseCommittable, ClickHouseCommittable> {

        private final ClickHouseSink<Reading> sink;

        private SinkWithoutWriterState(ClickHouseSink<Reading> sink) {
            this.sink = sink;
        }

        @Override
        public SinkWriter<Reading> createWriter(WriterInitContext context) {
            return sink.createWriter(context);
        }

        @Override
        public Committer<ClickHouseCommittable> createCommitter(CommitterInitContext context) {
            return sink.createCommitter(context);
        }

        @Override
        public SimpleVersionedSerializer<ClickHouseCommittable> getCommittableSerializer() {
            return sink.getCommittableSerializer();
        }

        @Override
        public SimpleVersionedSerializer<ClickHouseCommittable> getWriteResultSerializer() {
            return sink.getWriteResultSerializer();
        }

        @Override
        public DataStream<CommittableMessage<ClickHouseCommittable>> addPreCommitTopology(
                DataStream<CommittableMessage<ClickHouseCommittable>> batches) {
            return sink.addPreCommitTopology(batches);
        }
    }

    private static final class KeepRejected implements RejectedRowHandler {

        private static final ConcurrentLinkedQueue<Long> sequences = new ConcurrentLinkedQueue<>();

        @Override
        public void handle(RejectedRow row) {
            sequences.add(((BigInteger) row.value("stream_sequence")).longValueExact());
        }
    }
}
