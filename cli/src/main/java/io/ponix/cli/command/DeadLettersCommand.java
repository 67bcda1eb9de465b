package io.ponix.cli.command;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.deadletter.LetterText;
import io.ponix.cli.deadletter.StoredLetter;
import io.ponix.cli.replay.StoredMessages.Extent;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix dead-letters}: shows the envelopes that did not become rows, and why. */
@Command(
        name = "dead-letters",
        description = {
            "Show the envelopes that did not become rows, and why; show one whole; replay them.",
            "What is listed is open: a letter that was replayed is gone."
        },
        subcommands = {DeadLetterShowCommand.class, DeadLetterReplayCommand.class},
        footer = {
            "",
            "Examples:",
            "  ./ponix dead-letters --limit 20",
            "  ./ponix dead-letters --reason CONVERSION_FAILED --follow",
            "  ./ponix dead-letters --since 1h --json | jq -r .end_device_id | sort | uniq -c",
            "  ./ponix dead-letters show 17",
            "  ./ponix dead-letters replay --reason NO_CONVERSION --dry-run"
        })
public final class DeadLettersCommand implements Runnable {

    private static final int SHOWN_BYTES = 24;

    @Mixin private HomeOption home;

    @Mixin private LetterFilterOptions filterOptions;

    @Mixin private ListingOptions listing;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as more arrive, until Ctrl-C.")
    private boolean follow;

    @Override
    public void run() {
        int limit = listing.limit();
        LetterFilter filter = filterOptions.filter(Instant.now());
        try (DeadLetterReader reader = new DeadLetterReader(home.addresses(StackServer.NATS))) {
            Extent extent = reader.extent();
            List<StoredLetter> last = reader.last(limit, filter);
            if (listing.json()) {
                last.forEach(letter -> System.out.println(LetterText.json(letter)));
            } else {
                TextTable table =
                        new TextTable(
                                ">LETTER",
                                "FAILED AT",
                                "REASON",
                                ">SEQUENCE",
                                "DEVICE",
                                "MESSAGE",
                                "BYTES");
                last.forEach(letter -> table.row((Object[]) cells(letter)));
                table.print(System.out, "");
            }
            if (follow) {
                reader.read(
                        extent.lastSequence(),
                        filter,
                        true,
                        letter -> {
                            System.out.println(
                                    listing.json()
                                            ? LetterText.json(letter)
                                            : String.join("   ", cells(letter)));
                            return true;
                        });
            } else if (!listing.json()) {
                System.out.printf("%,d of %,d dead letters%n", last.size(), extent.messages());
            }
        }
    }

    /** Its id or, where none was found, what the envelope calls it. */
    private static String device(DeadLetter letter) {
        String device =
                letter.getEndDeviceId().isEmpty()
                        ? letter.getExternalId()
                        : letter.getEndDeviceId();
        return device.isEmpty() ? "-" : MessageText.cell(device);
    }

    private static String[] cells(StoredLetter letter) {
        byte[] raw =
                letter.content()
                        .getRawEnvelope()
                        .substring(
                                0, Math.min(SHOWN_BYTES, letter.content().getRawEnvelope().size()))
                        .toByteArray();
        return new String[] {
            Long.toString(letter.number()),
            MessageText.time(letter.content().getFailedAt()),
            letter.reason(),
            Long.toString(letter.content().getStreamSequence()),
            device(letter.content()),
            MessageText.cell(letter.content().getMessage()),
            HexFormat.of().formatHex(raw)
                    + (letter.content().getRawEnvelopeSize() > raw.length
                            ? "… (" + letter.content().getRawEnvelopeSize() + ")"
                            : "")
        };
    }
}
