package io.ponix.cli.command;

import io.ponix.cli.program.OptionRange;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.uplink.StoredUplink;
import io.ponix.cli.uplink.UplinkReader;
import io.ponix.cli.uplink.UplinkText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix refused-uplinks show}: one refused message with all that is in it. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Show one refused message whole: why, its topic, headers and payload.",
        footer = {
            "",
            "Examples:",
            "  ./ponix refused-uplinks show 17",
            "  ./ponix refused-uplinks show 17 --json | jq -r .payload | xxd -r -p > uplink.json"
        })
final class RefusedUplinkShowCommand implements Runnable {

    @Mixin private HomeOption home;

    @Parameters(
            paramLabel = "UPLINK",
            description = "Its number, the first column of ./ponix refused-uplinks.")
    private long number;

    @Option(names = "--json", description = "As one JSON object; the payload in hexadecimal.")
    private boolean json;

    @Override
    public void run() {
        OptionRange.check("UPLINK", number, 1, Long.MAX_VALUE);
        try (UplinkReader reader = new UplinkReader(home.addresses(StackServer.NATS))) {
            StoredUplink uplink = reader.uplink(number);
            if (json) {
                System.out.println(UplinkText.json(uplink));
            } else {
                UplinkText.print(uplink, System.out);
            }
        }
    }
}
