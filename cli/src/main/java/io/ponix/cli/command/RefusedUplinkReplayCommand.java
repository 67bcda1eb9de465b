package io.ponix.cli.command;

import io.ponix.cli.deadletter.ReplayLease;
import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.cli.uplink.UplinkFilter;
import io.ponix.cli.uplink.UplinkReader;
import io.ponix.cli.uplink.UplinkReplay;
import io.ponix.cli.uplink.UplinkReplay.Result;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ponix refused-uplinks replay}: reads messages again by their gateways' intakes. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Read refused messages again, by the intakes that their gateways have now.",
            "",
            "The envelopes of each are published to the raw stream, and the refused uplink deleted"
                    + " when the stream has them all. What is refused again stays. Repeating the"
                    + " command, also after an interruption, doubles nothing; only one replay works"
                    + " at a time. At least one of --gateway, --reason and --since says which"
                    + " messages are meant.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:no refused uplink of those is left",
            "1:something failed, or a message is refused again: it is named, and stays",
            "2:called wrongly"
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix refused-uplinks replay --gateway d8k2v --dry-run",
            "  ./ponix refused-uplinks replay --reason INTAKE --since 2h"
        })
final class RefusedUplinkReplayCommand implements Callable<Integer> {

    private static final int NAMED = 10;

    @Spec private CommandSpec spec;

    @Mixin private HomeOption home;

    @Mixin private UplinkFilterOptions filterOptions;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    @Override
    public Integer call() {
        UplinkFilter filter = filterOptions.filter(Instant.now());
        if (filter.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "which messages? name a --gateway, a --reason or a time with --since");
        }
        StackAddresses addresses = home.addresses(StackServer.NATS, StackServer.DEVICE_SERVICE);
        Result result;
        try (AtInterrupt atInterrupt =
                        dryRun ? null : AtInterrupt.say("the same command goes on from here");
                ReplayLease lease =
                        dryRun ? null : ReplayLease.take(addresses, UplinkReader.STREAM);
                UplinkReplay replay = new UplinkReplay(addresses);
                ProgressLine progress = new ProgressLine()) {
            result =
                    replay.run(
                            filter,
                            dryRun,
                            soFar -> {
                                if (lease != null) {
                                    lease.check();
                                }
                                progress.show(String.format("%,d messages …", soFar.total()));
                            });
        }
        print(result);
        return result.left().isEmpty() ? 0 : 1;
    }

    private void print(Result result) {
        if (result.total() == 0) {
            System.out.println("no such refused uplink is open");
            return;
        }
        line(result.replayed(), dryRun ? "would be replayed" : "replayed");
        line(result.replayedBefore(), "had been replayed before, now deleted");
        line(
                result.noReading(),
                dryRun
                        ? "are no readings, would only be deleted"
                        : "are no readings, only deleted");
        line(result.left().size(), "cannot be replayed, and stay");
        int named = 0;
        for (Map.Entry<Long, String> left : result.left().entrySet()) {
            if (named++ == NAMED) {
                System.out.println("           …");
                break;
            }
            System.out.println(
                    "           uplink "
                            + left.getKey()
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
