package io.ponix.jobs.ticking;

import io.ponix.jobs.options.JobOptions;
import io.ponix.jobs.options.Problems;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "flink run ticking.jar", showDefaultValues = true)
final class TickingOptions implements JobOptions {

    @Option(
            names = "--tick",
            paramLabel = "DURATION",
            defaultValue = "20 ms",
            description = "Time between two ticks. PONIX_TICK")
    private Duration tick;

    Duration tick() {
        return tick;
    }

    @Override
    public void validate(Problems problems) {
        problems.requirePositive("--tick", tick);
    }
}
