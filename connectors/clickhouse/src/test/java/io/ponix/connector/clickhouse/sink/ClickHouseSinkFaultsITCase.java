package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.clickhouse.SharedClickHouse;
import io.ponix.connector.clickhouse.sink.InsertProxy.Fault;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The sink under faults at every moment of an insert, between a real Flink cluster and a real
 * ClickHouse with a network in between that a test can cut and hold. Checkpoints are taken by hand,
 * so that none repairs what a fault is about to break.
 *
 * <p>Every test ends with the same account: each reading is a row once, in two partitions, and the
 * materialized view has counted it once; and whatever went out under a token was the same to the
 * last byte each time.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@ExtendWith(SharedClickHouse.class)
class ClickHouseSinkFaultsITCase {

    /** Where a TaskManager dies. */
    enum Moment {
        BEFORE_THE_INSERT,
        BETWEEN_INSERT_AND_ANSWER,
        BETWEEN_ANSWER_AND_NOTIFICATION,
        AGAIN_DURING_RECOVERY
    }

    private static final long NOVEMBER = 1_795_219_200_000L;
    private static final long MANY = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicLong MAPPED = new AtomicLong();
    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(3)
                            .setConfiguration(METRICS.addToConfiguration(new Configuration()))
                            .build());

    private static EmbeddedClickHouse server;
    private static MiniCluster flink;
    private static int taskManager;

    @TempDir Path state;
    private ReadingsTable table;
    private InsertProxy network;
    private JobClient job;

    @BeforeAll
    static void start(@InjectMiniCluster MiniCluster cluster, EmbeddedClickHouse shared) {
        flink = cluster;
        server = shared;
    }

    @BeforeEach
    void prepare() throws Exception {
        table = ReadingsTable.create(server);
        table.createView();
        network = InsertProxy.before(server.url());
        MAPPED.set(0);
    }

    @AfterEach
    void tidy() throws Exception {
        network.close();
        if (!job.getJobStatus().get().isGloballyTerminalState()) {
            cancel();
        }
        table.drop();
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void aTaskManagerIsKilled(Moment moment) throws Exception {
        submit(2, 2 * MANY, null);
        flow(MANY);
        switch (moment) {
            case BEFORE_THE_INSERT, AGAIN_DURING_RECOVERY ->
                    network.always(Fault.HOLD_BEFORE_THE_INSERT);
            case BETWEEN_INSERT_AND_ANSWER -> network.always(Fault.HOLD_BEFORE_THE_ANSWER);
            case BETWEEN_ANSWER_AND_NOTIFICATION -> network.always(Fault.NONE);
        }
        checkpoint();
        switch (moment) {
            case BEFORE_THE_INSERT -> eventually(() -> network.held() > 0);
            case BETWEEN_INSERT_AND_ANSWER ->
                    eventually(() -> network.held() > 0 && table.rows() > 0);
            // No later checkpoint notes down that the batches are in.
            case BETWEEN_ANSWER_AND_NOTIFICATION ->
                    eventually(() -> counter(ClickHouseSinkMetrics.ROWS) == MANY);
            case AGAIN_DURING_RECOVERY -> {
                eventually(() -> network.held() > 0);
                int held = network.held();
                killTaskManager();
                eventually(() -> network.held() > held);
            }
        }
        killTaskManager();
        network.pass();
        finish();

        assertThat(network.requestsByToken())
                .as("some batch was inserted again under its token")
                .anySatisfy((token, requests) -> assertThat(requests).hasSizeGreaterThan(1));
        assertEveryReadingOnce(2 * MANY);
    }

    @Test
    void rescalingFromOneToThreeToOneWithBatchesThatAreNotInserted() throws Exception {
        network.always(Fault.HOLD_BEFORE_THE_INSERT);
        submit(1, 4 * MANY, null);
        flow(MANY);
        String first = checkpoint();
        eventually(() -> network.held() > 0);
        cancel();
        assertThat(table.rows()).isZero();

        network.pass();
        submit(3, 4 * MANY, first);
        eventually(() -> table.rows() == MANY);
        network.always(Fault.HOLD_BEFORE_THE_INSERT);
        flow(MANY);
        String second = checkpoint();
        // Of all three committers.
        eventually(() -> network.held() >= 3);
        assertThat(table.rows()).isEqualTo(MANY);
        cancel();

        int held = network.held();
        submit(1, 4 * MANY, second);
        // Once more, by the one that has taken over the batches of three.
        eventually(() -> network.held() > held);
        network.pass();
        finish();
        assertEveryReadingOnce(4 * MANY);
    }

    @Test
    void clickHouseIsKilledWhileItInserts() throws Exception {
        submit(2, 3 * MANY, null);
        for (int kill = 0; kill < 2; kill++) {
            flow(MANY);
            int known = network.requestsByToken().size();
            if (kill == 0) {
                // It has the rows, and nobody knows.
                network.always(Fault.CUT_BEFORE_THE_ANSWER);
            }
            checkpoint();
            eventually(() -> network.requestsByToken().size() > known);
            server.kill();
            network.pass();
            server.start();
        }
        finish();
        assertEveryReadingOnce(3 * MANY);
    }

    @Test
    void recordsFlowIntoTheNextCheckpointWhileInsertsAreHeld() throws Exception {
        network.always(Fault.HOLD_BEFORE_THE_INSERT);
        submit(1, 4 * MANY, null);
        flow(MANY);
        checkpoint();
        // Batches of 1,000 rows over two partitions.
        eventually(() -> network.held() == ClickHouseSinkBuilder.DEFAULT_PARALLEL_INSERTS);
        assertThat(gauge("pendingCommittables")).isEqualTo(10);
        flow(MANY);
        CompletableFuture<String> next = flink.triggerCheckpoint(job.getJobID());
        flow(MANY);
        assertThat(next).as("waits for the inserts").isNotDone();
        assertThat(network.held())
                .as("no more than allowed at once")
                .isEqualTo(ClickHouseSinkBuilder.DEFAULT_PARALLEL_INSERTS);
        assertThat(table.rows()).isZero();

        network.pass();
        next.get(60, TimeUnit.SECONDS);
        eventually(() -> gauge("pendingCommittables") == 0);
        assertThat(table.rows()).isGreaterThanOrEqualTo(2 * MANY);
        finish();
        assertEveryReadingOnce(4 * MANY);
    }

    @Test
    void metricsTellWhatInsertsDoAndWhatTheyMeet() throws Exception {
        submit(1, 3 * MANY, null);
        assertThat(gauge(ClickHouseSinkMetrics.SECONDS_SINCE_LAST_COMMIT)).isEqualTo(-1);
        flow(MANY);
        network.next(
                Fault.CUT_BEFORE_THE_INSERT,
                Fault.CUT_BEFORE_THE_ANSWER,
                Fault.CUT_BEFORE_THE_ANSWER,
                Fault.CUT_BEFORE_THE_INSERT);
        checkpoint();
        eventually(() -> counter(ClickHouseSinkMetrics.BATCHES) == 10);
        assertThat(counter(ClickHouseSinkMetrics.ROWS)).isEqualTo(MANY);
        assertThat(counter(ClickHouseSinkMetrics.BYTES)).isPositive();
        assertThat(counter(ClickHouseSinkMetrics.RETRIES_NETWORK)).isEqualTo(4);
        assertThat(counter(ClickHouseSinkMetrics.RETRIES_SERVER)).isZero();
        assertThat(counter(ClickHouseSinkMetrics.RETRIES_UNCLASSIFIED)).isZero();
        assertThat(counter(ClickHouseSinkMetrics.REJECTED_ROWS)).isZero();
        assertThat(((Histogram) metric(ClickHouseSinkMetrics.INSERT_LATENCY_MILLIS)).getCount())
                .isEqualTo(10);
        assertThat(gauge(ClickHouseSinkMetrics.SECONDS_SINCE_LAST_COMMIT)).isBetween(0L, 60L);
        assertThat(((Counter) metric("numRecordsSend")).getCount()).isEqualTo(MANY);
        assertThat(gauge(ClickHouseSinkMetrics.PENDING_BYTES)).isZero();

        flow(MANY);
        eventually(() -> gauge(ClickHouseSinkMetrics.PENDING_BYTES) > 0);
        finish();
        assertEveryReadingOnce(3 * MANY);
    }

    private void submit(int parallelism, long readings, String restoreFrom) throws Exception {
        // Whoever waits is of a job that has ended.
        Faucet.shut();
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1));
        // Flink takes one right after the tasks have started otherwise.
        configuration.set(
                CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofMinutes(59));
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, state.toUri().toString());
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        if (restoreFrom != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, restoreFrom);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration)
                        .setParallelism(parallelism);
        environment
                .fromSource(
                        new DataGeneratorSource<>(
                                index -> index + 1, readings, new Faucet(), Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "readings")
                .setParallelism(1)
                .uid("readings")
                .rebalance()
                .map(ClickHouseSinkFaultsITCase::reading)
                .returns(Reading.class)
                .uid("map")
                .sinkTo(
                        table.sink(network.url(), new ReadingEncoder())
                                .setMaxBatchRows(1_000)
                                .build())
                .uid("rows")
                .name("rows");
        job = environment.executeAsync("faults");
        // The committers count once they run.
        await().atMost(PATIENCE)
                .until(() -> metrics(ClickHouseSinkMetrics.ROWS).size() == parallelism);
    }

    /** Of two months. */
    private static Reading reading(long sequence) {
        MAPPED.incrementAndGet();
        long time = NOVEMBER + sequence % 2 * TimeUnit.DAYS.toMillis(30) + sequence;
        return Reading.of(sequence == 666 ? 999_666 : sequence, time);
    }

    /** Lets some readings through and waits until they are in the sink's writers. */
    private static void flow(long readings) {
        long before = MAPPED.get();
        Faucet.allow(readings);
        eventually(() -> MAPPED.get() >= before + readings);
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    /** Takes a checkpoint and returns where it is. Its batches are about to be inserted then. */
    private String checkpoint() {
        return await().atMost(PATIENCE)
                // Refused while a task has not started.
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> flink.triggerCheckpoint(job.getJobID()).get(), Objects::nonNull);
    }

    /** Lets the rest flow, and takes checkpoints until the last one has ended the job. */
    private void finish() {
        Faucet.allow(Long.MAX_VALUE / 2);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            // Refused while the job restarts.
                            flink.triggerCheckpoint(job.getJobID());
                            return job.getJobStatus().get().isGloballyTerminalState();
                        });
    }

    private void cancel() throws Exception {
        job.cancel().get();
        eventually(() -> job.getJobStatus().get().isGloballyTerminalState());
    }

    private static void killTaskManager() throws Exception {
        flink.terminateTaskManager(taskManager).get(60, TimeUnit.SECONDS);
        flink.startTaskManager();
        taskManager++;
    }

    private void assertEveryReadingOnce(long readings) throws Exception {
        assertThat(table.distinctRows()).isEqualTo(readings);
        assertThat(table.rows()).isEqualTo(readings);
        assertThat(table.viewedRows()).isEqualTo(readings);
        assertThat(table.number("uniqExact(_partition_id)")).isEqualTo(2);
        assertThat(network.requestsByToken().values())
                .allSatisfy(requests -> assertThat(new HashSet<>(requests)).hasSize(1));
    }

    /** Metrics of that name of the sink's writers or committers. */
    private static List<Metric> metrics(String name) {
        return METRICS.getMetricsByGroup().entrySet().stream()
                .filter(
                        group ->
                                Arrays.stream(group.getKey().getScopeComponents())
                                        .anyMatch(component -> component.startsWith("rows: ")))
                .map(group -> group.getValue().get(name))
                .filter(Objects::nonNull)
                .toList();
    }

    /** The metric of a sink that runs once. */
    private static Metric metric(String name) {
        assertThat(metrics(name)).hasSize(1);
        return metrics(name).get(0);
    }

    private static long gauge(String name) {
        return ((Number) ((Gauge<?>) metric(name)).getValue()).longValue();
    }

    /** Over all subtasks. */
    private static long counter(String name) {
        return metrics(name).stream().mapToLong(metric -> ((Counter) metric).getCount()).sum();
    }
}
