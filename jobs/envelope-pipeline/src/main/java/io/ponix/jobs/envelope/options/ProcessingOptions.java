package io.ponix.jobs.envelope.options;

import io.ponix.jobs.envelope.transform.TransformSettings;
import io.ponix.jobs.options.Problems;
import io.ponix.transforms.TransformLimits;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Option;

/** What happens between the stream and the table. */
public final class ProcessingOptions {

    private static final int MOST_PARKED = 10_000_000;

    /** A row has to fit into a batch beside others. */
    private static final int MOST_OUTPUT_BYTES = 16 << 20;

    /** The stack of a thread, and ClickHouse's own parser, take no more. */
    private static final int MOST_OUTPUT_DEPTH = 200;

    /** All of an envelope's rows are in one batch. */
    private static final int MOST_ROWS = 100_000;

    private static final Duration SHORTEST_EVALUATION = Duration.ofMillis(1);

    /** Checkpoints wait for an evaluation to end. */
    private static final Duration LONGEST_EVALUATION = Duration.ofSeconds(60);

    private static final MemorySize LARGEST_PARK = MemorySize.ofMebiBytes(1024);

    @Option(
            names = "--nats-subject-must-match",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description =
                    "Take an envelope only if the device it names is that of the subject it was"
                            + " published on: for senders that NATS allows no other subject."
                            + " PONIX_NATS_SUBJECT_MUST_MATCH")
    private boolean subjectMustMatch;

    @Option(
            names = "--device-grace-period",
            paramLabel = "DURATION",
            defaultValue = "10 s",
            description =
                    "How long an envelope waits for its device to become known."
                            + " PONIX_DEVICE_GRACE_PERIOD")
    private Duration gracePeriod;

    @Option(
            names = "--parked-envelopes",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Envelopes that may wait, per parallel instance. PONIX_PARKED_ENVELOPES")
    private int parkedEnvelopes;

    @Option(
            names = "--parked-size",
            paramLabel = "SIZE",
            defaultValue = "32 mb",
            description = "Memory they may take, per parallel instance. PONIX_PARKED_SIZE")
    private MemorySize parkedSize;

    @Option(
            names = "--allowed-future-skew",
            paramLabel = "DURATION",
            defaultValue = "24 h",
            description =
                    "How far occurred_at may be ahead of the job's clock."
                            + " PONIX_ALLOWED_FUTURE_SKEW")
    private Duration allowedFutureSkew;

    @Option(
            names = "--allowed-age",
            paramLabel = "DURATION",
            description =
                    "How far occurred_at may be behind the job's clock, for instance 365 d."
                            + " Default: without limit, from 1970 on. PONIX_ALLOWED_AGE")
    private Duration allowedAge;

    @Option(
            names = "--transform-max-iterations",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "Elements that the loops of one expression may visit."
                            + " PONIX_TRANSFORM_MAX_ITERATIONS, as for the device service")
    private int transformMaxIterations;

    @Option(
            names = "--transform-max-work",
            paramLabel = "N",
            defaultValue = "10000000",
            description =
                    "Characters, bytes and elements that the functions of one evaluation may go"
                            + " through. PONIX_TRANSFORM_MAX_WORK, as for the device service")
    private long transformMaxWork;

    @Option(
            names = "--transform-max-output-bytes",
            paramLabel = "N",
            defaultValue = "1048576",
            description =
                    "How long the JSON of an envelope may be."
                            + " PONIX_TRANSFORM_MAX_OUTPUT_BYTES, as for the device service")
    private int transformMaxOutputBytes;

    @Option(
            names = "--transform-max-output-depth",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "How deep it may be nested."
                            + " PONIX_TRANSFORM_MAX_OUTPUT_DEPTH, as for the device service")
    private int transformMaxOutputDepth;

    @Option(
            names = "--transform-max-rows",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "How many rows an envelope may become."
                            + " PONIX_TRANSFORM_MAX_ROWS, as for the device service")
    private int transformMaxRows;

    @Option(
            names = "--transform-max-duration",
            paramLabel = "DURATION",
            defaultValue = "2 s",
            description =
                    "How much processor time one evaluation may take, whatever its work."
                            + " PONIX_TRANSFORM_MAX_DURATION, as for the device service")
    private Duration transformMaxDuration;

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "DURATION",
            description =
                    "Time between checkpoints. With exactly-once delivery rows become visible at"
                            + " checkpoints: this is the latency. Default: Flink's"
                            + " execution.checkpointing.interval, or 1 s where it is not set."
                            + " PONIX_CHECKPOINT_INTERVAL")
    private Duration checkpointInterval;

    ProcessingOptions() {}

    /** What can be set of the operator. */
    public TransformSettings transformSettings() {
        return new TransformSettings(
                gracePeriod,
                parkedEnvelopes,
                parkedSize.getBytes(),
                allowedAge,
                allowedFutureSkew,
                new TransformLimits(
                        transformMaxIterations,
                        transformMaxWork,
                        transformMaxOutputBytes,
                        transformMaxOutputDepth,
                        transformMaxRows,
                        transformMaxDuration),
                subjectMustMatch);
    }

    /** Time between checkpoints, if it is not left to Flink's configuration. */
    public Optional<Duration> checkpointInterval() {
        return Optional.ofNullable(checkpointInterval);
    }

    void validate(Problems problems) {
        problems.requireNotNegative("--device-grace-period", gracePeriod);
        problems.requireRange("--parked-envelopes", 0, MOST_PARKED, parkedEnvelopes);
        problems.requireAtMost("--parked-size", LARGEST_PARK, parkedSize);
        problems.requireNotNegative("--allowed-future-skew", allowedFutureSkew);
        if (allowedAge != null) {
            problems.requirePositive("--allowed-age", allowedAge);
        }
        problems.requireRange(
                "--transform-max-iterations", 1, Integer.MAX_VALUE, transformMaxIterations);
        problems.requireRange("--transform-max-work", 1, Integer.MAX_VALUE, transformMaxWork);
        problems.requireRange(
                "--transform-max-output-bytes", 2, MOST_OUTPUT_BYTES, transformMaxOutputBytes);
        problems.requireRange(
                "--transform-max-output-depth", 1, MOST_OUTPUT_DEPTH, transformMaxOutputDepth);
        problems.requireRange("--transform-max-rows", 1, MOST_ROWS, transformMaxRows);
        problems.require(
                transformMaxDuration.compareTo(SHORTEST_EVALUATION) >= 0
                        && transformMaxDuration.compareTo(LONGEST_EVALUATION) <= 0,
                "--transform-max-duration",
                "1 ms to 60 s",
                transformMaxDuration);
        if (checkpointInterval != null) {
            problems.require(
                    checkpointInterval.toMillis() >= 10,
                    "--checkpoint-interval",
                    "at least 10 ms",
                    checkpointInterval);
        }
    }
}
