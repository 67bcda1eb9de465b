package io.ponix.cli.command;

import io.ponix.cli.deadletter.DeadLetterReplay;
import io.ponix.cli.deadletter.DeadLetterReplay.Result;
import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.deadletter.ReplayLease;
import io.ponix.cli.deadletter.StoredLetter;
import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.cli.terminal.TerminalText;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    private static final int NAMED = 10;

    @Spec private CommandSpec spec;

    @Mixin private HomeOption home;

    @Mixin private LetterFilterOptions filterOptions;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    @Override
    public Integer call() {
        LetterFilter filter = filterOptions.filter(Instant.now());
        if (filter.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "which letters? name a --reason, a --device or a time with --since");
        }
        StackAddresses addresses = home.addresses(StackServer.NATS, StackServer.CLICKHOUSE);
        Result result;
        try (AtInterrupt atInterrupt =
                        dryRun ? null : AtInterrupt.say("the same command goes on from here");
                ReplayLease lease =
                        dryRun
                                ? null
                                : ReplayLease.take(
                                        addresses, addresses.names().deadLettersStream());
                DeadLetterReplay replay = new DeadLetterReplay(addresses);
                ProgressLine progress = new ProgressLine()) {
            result =
                    replay.run(
                            filter,
                            dryRun,
                            soFar -> {
                                if (lease != null) {
                                    lease.check();
                                }
                                progress.show(String.format("%,d dead letters …", soFar.total()));
                            });
        }
        print(result);
        return result.left().isEmpty() ? 0 : 1;
    }

    private void print(Result result) {
        if (result.total() == 0) {
            System.out.println("no such dead letter is open");
            return;
        }
        line(result.replayed(), dryRun ? "would be replayed" : "replayed");
        line(result.replayedBefore(), "had been replayed before, now deleted");
        line(
                result.rows(),
                dryRun
                        ? "are rows by now, would only be deleted"
                        : "were rows by now, only deleted");
        line(result.left().size(), "cannot be replayed, and stay");
        int named = 0;
        for (Map.Entry<StoredLetter, String> left : result.left().entrySet()) {
            if (named++ == NAMED) {
                System.out.println("           …");
                break;
            }
            System.out.println(
                    "           letter "
                            + left.getKey().number()
                            + ": "
                            + TerminalText.escaped(left.getValue()));
        }
    }

    private static void line(int count, String what) {
        if (count > 0) {
            System.out.printf("%,9d  %s%n", count, what);
        }
    }
}
