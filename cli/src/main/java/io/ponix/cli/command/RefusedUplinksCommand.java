package io.ponix.cli.command;

import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.cli.uplink.StoredUplink;
import io.ponix.cli.uplink.UplinkReader;
import io.ponix.cli.uplink.UplinkText;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ponix refused-uplinks}: shows the messages of gateways that became no envelopes. */
@Command(
        name = "refused-uplinks",
        description = {
            "Show the messages of gateways that did not become envelopes; show one; replay them.",
            "What is listed is open: a message that was replayed is gone."
        },
        subcommands = {RefusedUplinkShowCommand.class, RefusedUplinkReplayCommand.class},
        footer = {
            "",
            "Examples:",
            "  ./ponix refused-uplinks --limit 20",
            "  ./ponix refused-uplinks --gateway d8k2v --reason INTAKE --since 1h --json",
            "  ./ponix refused-uplinks show 17",
            "  ./ponix refused-uplinks replay --gateway d8k2v --dry-run"
        })
public final class RefusedUplinksCommand implements Runnable {

    @Mixin private HomeOption home;

    @Mixin private UplinkFilterOptions filterOptions;

    @Mixin private ListingOptions listing;

    @Override
    public void run() {
        int limit = listing.limit();
        var filter = filterOptions.filter(Instant.now());
        try (UplinkReader reader = new UplinkReader(home.addresses(StackServer.NATS))) {
            List<StoredUplink> last = reader.last(limit, filter);
            if (listing.json()) {
                last.forEach(uplink -> System.out.println(UplinkText.json(uplink)));
                return;
            }
            TextTable table =
                    new TextTable(
                            ">UPLINK",
                            "RECEIVED AT",
                            "REASON",
                            "GATEWAY",
                            "TOPIC",
                            "MESSAGE",
                            ">BYTES");
            last.forEach(
                    uplink ->
                            table.row(
                                    Long.toString(uplink.number()),
                                    MessageText.time(uplink.content().getReceivedAt()),
                                    uplink.reason(),
                                    MessageText.cell(uplink.content().getGatewayId()),
                                    MessageText.cell(uplink.content().getTopic()),
                                    MessageText.cell(uplink.content().getMessage()),
                                    Long.toString(uplink.content().getPayloadSize())));
            table.print(System.out, "");
            System.out.printf("%,d of %,d refused uplinks%n", last.size(), reader.count());
        }
    }
}
