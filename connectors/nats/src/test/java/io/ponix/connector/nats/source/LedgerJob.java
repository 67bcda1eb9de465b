package io.ponix.connector.nats.source;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** A job that reads a source into a {@link Ledger}, with checkpoints every 200 ms. */
final class LedgerJob {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final JobClient client;
    private final Ledger ledger;

    private LedgerJob(JobClient client, Ledger ledger) {
        this.client = client;
        this.ledger = ledger;
    }

    static LedgerJob start(
            JetStreamSource<Long> source,
            String ledger,
            int parallelism,
            Path checkpoints,
            String savepoint)
            throws Exception {
        return start(
                source,
                WatermarkStrategy.noWatermarks(),
                ledger,
                parallelism,
                checkpoints,
                savepoint,
                "fixed-delay");
    }

    /** A job with watermarks. */
    static LedgerJob start(
            JetStreamSource<Long> source,
            WatermarkStrategy<Long> watermarks,
            String ledger,
            Path checkpoints)
            throws Exception {
        return start(source, watermarks, ledger, 1, checkpoints, null, "fixed-delay");
    }

    /** A job that is to fail. */
    static LedgerJob startWithoutRestarts(
            JetStreamSource<Long> source, String ledger, Path checkpoints, String savepoint)
            throws Exception {
        return start(
                source,
                WatermarkStrategy.noWatermarks(),
                ledger,
                1,
                checkpoints,
                savepoint,
                "none");
    }

    private static LedgerJob start(
            JetStreamSource<Long> source,
            WatermarkStrategy<Long> watermarks,
            String ledger,
            int parallelism,
            Path checkpoints,
            String savepoint,
            String restartStrategy)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, restartStrategy);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.getConfig().enableObjectReuse();
        environment.setParallelism(parallelism);
        environment
                .fromSource(source, watermarks, "source")
                .uid("source")
                .process(new Ledger.Keeper(ledger))
                .uid("ledger")
                .sinkTo(new DiscardingSink<>());
        return new LedgerJob(environment.executeAsync(ledger), Ledger.named(ledger));
    }

    Ledger ledger() {
        return ledger;
    }

    JobClient client() {
        return client;
    }

    void awaitSize(int messages) {
        await().atMost(PATIENCE)
                .failFast(this::assertThatItRuns)
                .until(() -> ledger.size() >= messages);
    }

    private void assertThatItRuns() throws Exception {
        if (client.getJobStatus().get().isGloballyTerminalState()) {
            // Throws why, where it failed.
            client.getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("the job has ended");
        }
    }

    void awaitCheckpoint() {
        int now = ledger.checkpoints();
        await().atMost(PATIENCE).until(() -> ledger.checkpoints() > now + 1);
    }

    void awaitFinished() throws Exception {
        client.getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Waits for the job to fail for good and returns why. */
    Throwable awaitFailure() throws Exception {
        await().atMost(PATIENCE).until(() -> client.getJobStatus().get() == JobStatus.FAILED);
        try {
            client.getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            return e;
        }
        throw new AssertionError("The job has failed without a cause");
    }

    String savepoint(Path folder) throws Exception {
        return client.triggerSavepoint(folder.toUri().toString(), SavepointFormatType.CANONICAL)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    String stopWithSavepoint(Path folder) throws Exception {
        return client.stopWithSavepoint(
                        false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    void cancel() throws Exception {
        client.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> client.getJobStatus().get().isGloballyTerminalState());
    }
}
