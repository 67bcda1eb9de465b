package io.ponix.bench.intake;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import picocli.CommandLine.Option;

/** What of the intake is to be measured, and how much of it. */
final class IntakeOptions {

    private static final int MOST_MESSAGES = 100_000_000;
    private static final int MOST_GATEWAYS = 100_000;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "100000",
            description =
                    "How many are sent by each way as fast as it goes. Default: ${DEFAULT-VALUE}.")
    int messages;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "1000",
            description = "Messages per second of the steady load. Default: ${DEFAULT-VALUE}.")
    double rate;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "15",
            description = {
                "How long the steady load of each way is measured, after a warm-up of up to 5 s,"
                        + " and gateways without load; 0 leaves both out.",
                "Default: ${DEFAULT-VALUE}."
            })
    int seconds;

    @Option(
            names = "--idle-gateways",
            paramLabel = "N",
            defaultValue = "1000",
            description = {
                "How many gateways are added that get no message: what they cost, and what they do"
                        + " to the others.",
                "Default: ${DEFAULT-VALUE}."
            })
    int idleGateways;

    @Option(
            names = "--failing-gateways",
            paramLabel = "N",
            defaultValue = "0",
            description = {
                "How many gateways are added then whose brokers cannot be used: a third of them is"
                        + " of unknown hosts, a third refuses the login, a third accepts connections"
                        + " and never answers.",
                "Default: ${DEFAULT-VALUE}."
            })
    int failingGateways;

    void check() {
        OptionRange.check("--messages", messages, 1, MOST_MESSAGES);
        OptionRange.check("--rate", rate, 1, 1_000_000);
        OptionRange.check("--seconds", seconds, 0, 3_600);
        OptionRange.check("--idle-gateways", idleGateways, 0, MOST_GATEWAYS);
        OptionRange.check("--failing-gateways", failingGateways, 0, MOST_GATEWAYS);
        if (rate * seconds > MOST_MESSAGES) {
            throw CommandException.calledWrongly(
                    "--rate %s for --seconds %d are more than %,d messages"
                            .formatted(rate, seconds, MOST_MESSAGES));
        }
    }
}
