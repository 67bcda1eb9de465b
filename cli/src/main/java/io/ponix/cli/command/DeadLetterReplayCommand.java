package io.ponix.cli.command;

import io.ponix.cli.command.ReplayOptions.Words;
import io.ponix.cli.deadletter.DeadLetterReplay;
import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ponix dead-letters replay}: gives envelopes to the pipeline again. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Give the envelopes of dead letters to the pipeline again, after the cause is mended.",
            "",
            "Each is published to the raw stream once more, byte for byte, and its letter deleted"
                    + " when the stream has it. It becomes a row with its own occurred_at and the"
                    + " new message's stream_sequence; what fails again is a new letter. Repeating"
                    + " the command, also after an interruption, doubles nothing; only one replay"
                    + " works at a time. At least one of --reason, --device and --since says which"
                    + " letters are meant.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:no letter of those is left",
            "1:something failed, or a letter cannot be replayed: it is named, and stays",
            "2:called wrongly"
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix dead-letters replay --reason NO_CONVERSION --dry-run",
            "  ./ponix dead-letters replay --reason CONVERSION_FAILED --device d8k2v --since 2h"
        })
final class DeadLetterReplayCommand implements Callable<Integer> {

    private static final Words WORDS = new Words("letter", "dead letter", "rows by now");

    @Spec private CommandSpec spec;

    @Mixin private HomeOption home;

    @Mixin private LetterFilterOptions filterOptions;

    @Mixin private ReplayOptions replayOptions;

    @Override
    public Integer call() {
        LetterFilter filter = filterOptions.filter(Instant.now());
        if (filter.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "which letters? name a --reason, a --device or a time with --since");
        }
        StackAddresses addresses = home.addresses(StackServer.NATS, StackServer.CLICKHOUSE);
        return replayOptions.run(
                addresses,
                addresses.names().deadLettersStream(),
                WORDS,
                (dryRun, progress) -> {
                    try (DeadLetterReplay replay = new DeadLetterReplay(addresses)) {
                        return replay.run(filter, dryRun, progress);
                    }
                });
    }
}
