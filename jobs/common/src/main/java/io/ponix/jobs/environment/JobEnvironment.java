package io.ponix.jobs.environment;

import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Flink's configuration of the submitting process, completed by what every job insists on. */
public final class JobEnvironment {

    private static final Duration DEFAULT_CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

    private JobEnvironment() {}

    /**
     * The environment in which the topology is built.
     *
     * @param checkpointInterval the job's own; else Flink's counts, else a second
     */
    public static StreamExecutionEnvironment create(Optional<Duration> checkpointInterval) {
        Configuration configuration = new Configuration();
        // Records are handed from operator to operator as they are; every operator of ours knows
        // that.
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        // Fails the submission if any type would be left to Kryo.
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                CheckpointingMode.EXACTLY_ONCE);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        Duration interval =
                checkpointInterval
                        .or(
                                () ->
                                        environment
                                                .getConfiguration()
                                                .getOptional(
                                                        CheckpointingOptions
                                                                .CHECKPOINTING_INTERVAL))
                        .orElse(DEFAULT_CHECKPOINT_INTERVAL);
        environment.enableCheckpointing(interval.toMillis());
        return environment;
    }

    /** The job's id where it is given before it is submitted, as in Flink's application mode. */
    public static Optional<String> fixedJobId(StreamExecutionEnvironment environment) {
        return environment
                .getConfiguration()
                .getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID);
    }
}
