package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.TestDatabase;
import io.ponix.connector.postgres.cdc.source.reader.PostgresCdcSourceMetrics;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.SerializedThrowable;

/**
 * A job that reads one table through a slot and records its changes. Owns the table, the
 * publication and the slot.
 */
final class CdcJob implements AutoCloseable {

    /** For tests that trigger their checkpoints themselves. */
    static final Duration NO_CHECKPOINTS_BY_TIME = Duration.ofHours(1);

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final TestDatabase database;
    private final ClusterClient<?> client;
    private final Path folder;

    final String table;
    final String publication;
    final String slot;

    private int restarts = 1;
    private Duration checkpointInterval = NO_CHECKPOINTS_BY_TIME;
    // Most tests look at what is confirmed, or provoke what only happens without any allowance.
    private UnaryOperator<PostgresCdcSourceBuilder<String>> customization =
            builder -> builder.setRestorableWalBytes(0);
    private JobID job;

    CdcJob(TestDatabase database, ClusterClient<?> client, Path folder) throws Exception {
        this.database = database;
        this.client = client;
        this.folder = folder;
        table = database.uniqueName("readings");
        publication = database.uniqueName("publication");
        slot = database.uniqueName("slot");
        database.execute(
                "CREATE TABLE " + table + " (id BIGINT PRIMARY KEY, name TEXT)",
                "ALTER TABLE " + table + " REPLICA IDENTITY FULL",
                "CREATE PUBLICATION " + publication + " FOR TABLE " + table);
    }

    CdcJob checkpointEvery(Duration interval) {
        checkpointInterval = interval;
        return this;
    }

    /** After any failure that does not forbid it. */
    CdcJob restartForEver() {
        restarts = Integer.MAX_VALUE;
        return this;
    }

    CdcJob customize(UnaryOperator<PostgresCdcSourceBuilder<String>> customization) {
        this.customization = customization;
        return this;
    }

    CdcJob start() throws Exception {
        return start(null, database.config());
    }

    CdcJob start(String savepoint) throws Exception {
        return start(savepoint, database.config());
    }

    CdcJob start(String savepoint, PostgresSettings config) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "jobmanager");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.enableCheckpointing(checkpointInterval.toMillis());
        PostgresCdcSource<String> source =
                customization
                        .apply(
                                PostgresCdcSource.<String>builder()
                                        .setConnection(config)
                                        .setSlotName(slot)
                                        .setPublicationName(publication)
                                        .setDeserializer(new TextDeserializer())
                                        .setMonitorInterval(Duration.ofMillis(500)))
                        .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "changes")
                .setParallelism(1)
                .uid("changes")
                .map(new Recorder(slot))
                .setParallelism(1)
                .uid("recorder")
                .sinkTo(new DiscardingSink<>())
                .setParallelism(1);
        JobGraph graph = environment.getStreamGraph().getJobGraph();
        if (savepoint != null) {
            graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(savepoint));
        }
        job = client.submitJob(graph).get(30, TimeUnit.SECONDS);
        return this;
    }

    JobID id() {
        return job;
    }

    Recorder.View view() {
        return Recorder.view(slot);
    }

    CdcJob insert(int fromId, int toId) throws Exception {
        database.execute(
                String.format(
                        "INSERT INTO %s SELECT i, 'n' || i FROM generate_series(%d, %d) i",
                        table, fromId, toId));
        return this;
    }

    /** What {@link #insert} of these ids looks like to the recorder. */
    static List<String> inserted(int fromId, int toId) {
        return IntStream.rangeClosed(fromId, toId)
                .mapToObj(id -> "INSERT readings -> {id=" + id + ", name=n" + id + "}")
                .toList();
    }

    void awaitReceived(List<String> expected) {
        // The comparison of long lists in vain takes long.
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(
                        () -> assertThat(view().size()).isGreaterThanOrEqualTo(expected.size()));
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(
                        () -> assertThat(view().received()).containsExactlyElementsOf(expected));
    }

    void awaitSlot() {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> database.slot(slot).filter(found -> found.isReady()).isPresent());
    }

    static long count(InMemoryReporter metrics, CdcJob job, String name) {
        return ((Counter) metric(metrics, job, name)).getCount();
    }

    static long gauge(InMemoryReporter metrics, CdcJob job, String name) {
        return (Long) ((Gauge<?>) metric(metrics, job, name)).getValue();
    }

    private static Metric metric(InMemoryReporter metrics, CdcJob job, String name) {
        String suffix = "." + PostgresCdcSourceMetrics.GROUP + "." + name;
        return metrics.getMetricsByIdentifiers(job.id()).entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(suffix))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No metric " + suffix));
    }

    /** Completes a checkpoint. */
    void checkpoint() throws Exception {
        client.triggerCheckpoint(job, CheckpointType.FULL).get(30, TimeUnit.SECONDS);
    }

    /** Takes a savepoint while the job goes on, and returns its path. */
    String savepoint() throws Exception {
        return client.triggerSavepoint(job, folder.toString(), SavepointFormatType.CANONICAL)
                .get(30, TimeUnit.SECONDS);
    }

    /** Cancels the job and waits for its end. */
    void cancel() {
        client.cancel(job).join();
        await().atMost(PATIENCE).until(() -> status().isGloballyTerminalState());
    }

    /** Stops the job and returns the savepoint's path. */
    String stopWithSavepoint() throws Exception {
        return client.stopWithSavepoint(
                        job, false, folder.toString(), SavepointFormatType.CANONICAL)
                .get(30, TimeUnit.SECONDS);
    }

    JobStatus status() {
        return client.getJobStatus(job).join();
    }

    /** Waits for the job to fail, and returns this connector's error. */
    PostgresCdcException awaitFailure() throws Exception {
        try {
            client.requestJobResult(job)
                    .get(60, TimeUnit.SECONDS)
                    .toJobExecutionResult(getClass().getClassLoader());
        } catch (ExecutionException | RuntimeException | JobExecutionException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                Throwable original =
                        cause instanceof SerializedThrowable serialized
                                ? serialized.deserializeError(getClass().getClassLoader())
                                : cause;
                if (original instanceof PostgresCdcException found) {
                    return found;
                }
            }
            throw e;
        }
        throw new AssertionError("The job ended without an error");
    }

    @Override
    public void close() throws SQLException {
        if (job != null && !status().isGloballyTerminalState()) {
            cancel();
        }
        await().atMost(PATIENCE)
                .until(() -> database.slot(slot).filter(found -> found.active()).isEmpty());
        database.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                        + slot
                        + "'",
                "DROP PUBLICATION IF EXISTS " + publication,
                "DROP TABLE IF EXISTS " + table);
    }
}
