package io.ponix.jobs.envelope.options;

import io.ponix.jobs.envelope.transform.TransformSettings;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Option;

/** What happens between the stream and the table. */
public final class ProcessingOptions {

    private static final int MOST_PARKED = 10_000_000;
    private static final MemorySize LARGEST_PARK = MemorySize.ofMebiBytes(1024);

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
                gracePeriod, parkedEnvelopes, parkedSize.getBytes(), allowedFutureSkew);
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
        if (checkpointInterval != null) {
            problems.require(
                    checkpointInterval.toMillis() >= 10,
                    "--checkpoint-interval",
                    "at least 10 ms",
                    checkpointInterval);
        }
    }
}
