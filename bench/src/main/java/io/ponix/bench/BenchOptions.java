package io.ponix.bench;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** What a benchmark is to measure, and how much of it. */
final class BenchOptions {

    private static final double LEAST_RATE = 0.0001;

    @Option(
            names = "--envelopes",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "The backlog. Default: ${DEFAULT-VALUE}.")
    long envelopes;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many devices send. Default: ${DEFAULT-VALUE}.")
    int devices;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "20000",
            description = {
                "Envelopes per second of the steady load; 0.0167 is one a minute, and wants"
                        + " --seconds 60 or more.",
                "Default: ${DEFAULT-VALUE}."
            })
    double rate;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = {
                "How long the steady load is measured, after a warm-up of up to 30 s; 0 leaves it"
                        + " and the kill out.",
                "Default: ${DEFAULT-VALUE}."
            })
    long seconds;

    @Option(
            names = "--no-bare-loop",
            description = "Leave the bare loop, and with it the ratio, out.")
    boolean withoutBareLoop;

    @Option(
            names = "--flink",
            paramLabel = "KEY=VALUE",
            description = {
                "An entry of Flink's configuration in place of that of flink-conf/config.yaml; may"
                        + " be repeated.",
                "For a profile: --flink"
                        + " 'env.java.opts.taskmanager=-XX:StartFlightRecording:filename=FILE'"
            })
    Map<String, String> flink = new TreeMap<>();

    @Option(
            names = "--table-setting",
            paramLabel = "KEY=VALUE",
            description = {
                "A setting of the table of rows in place of what the migrations set; may be"
                        + " repeated.",
                "What syncing every insert costs: --table-setting fsync_after_insert=0"
            })
    Map<String, String> tableSettings = new TreeMap<>();

    void check() {
        OptionRange.check("--envelopes", envelopes, 1, 1_000_000_000_000L);
        OptionRange.check("--devices", devices, 1, 1_000_000);
        OptionRange.check("--seconds", seconds, 0, 86_400);
        OptionRange.check("--rate", rate, LEAST_RATE, 10_000_000);
        if (seconds > 0 && rate * seconds < 1) {
            throw CommandException.calledWrongly(
                    "--rate is %s: no envelope would come in the --seconds %d that are measured; %.0f are wanted for one"
                            .formatted(rate, seconds, Math.ceil(1 / rate)));
        }
    }
}
