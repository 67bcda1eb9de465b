package io.ponix.cli.command;

import io.ponix.cli.command.ReplayOptions.Words;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.uplink.UplinkFilter;
import io.ponix.cli.uplink.UplinkReader;
import io.ponix.cli.uplink.UplinkReplay;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    private static final Words WORDS = new Words("uplink", "refused uplink", "no readings");

    @Spec private CommandSpec spec;

    @Mixin private HomeOption home;

    @Mixin private UplinkFilterOptions filterOptions;

    @Mixin private ReplayOptions replayOptions;

    @Override
    public Integer call() {
        UplinkFilter filter = filterOptions.filter(Instant.now());
        if (filter.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "which messages? name a --gateway, a --reason or a time with --since");
        }
        StackAddresses addresses = home.addresses(StackServer.NATS, StackServer.DEVICE_SERVICE);
        return replayOptions.run(
                addresses,
                UplinkReader.STREAM,
                WORDS,
                (dryRun, progress) -> {
                    try (UplinkReplay replay = new UplinkReplay(addresses)) {
                        return replay.run(filter, dryRun, progress);
                    }
                });
    }
}
