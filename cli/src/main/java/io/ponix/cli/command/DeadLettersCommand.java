package io.ponix.cli.command;

import com.google.protobuf.util.Timestamps;
import io.ponix.cli.CommandException;
import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.deadletter.DeadLetterReader.Extent;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix dead-letters}: shows the envelopes that did not become rows, and why. */
@Command(
        name = "dead-letters",
        description = "Show the envelopes that did not become rows, and why.",
        footer = {
            "",
            "Examples:",
            "  ./ponix dead-letters --limit 20",
            "  ./ponix dead-letters --reason CONVERSION_FAILED --follow"
        })
public final class DeadLettersCommand implements Runnable {

    private static final String REASON_PREFIX = "DEAD_LETTER_REASON_";
    private static final int SHOWN_BYTES = 24;

    @Mixin private HomeOption home;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            description = "Only those of a reason, for instance DEVICE_NOT_FOUND.")
    private String reason;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "At most the last N. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as more arrive, until Ctrl-C.")
    private boolean follow;

    @Override
    public void run() {
        String wanted = reason == null ? null : checkedReason(reason);
        try (DeadLetterReader reader = new DeadLetterReader(home.addresses().natsUrl())) {
            Extent extent = reader.extent(DeadLetterReader.STREAM);
            Deque<DeadLetter> last = new ArrayDeque<>();
            reader.read(
                    wanted == null ? Math.max(0, extent.lastSequence() - limit) : 0,
                    wanted,
                    false,
                    letter -> {
                        if (last.size() == limit) {
                            last.remove();
                        }
                        return last.add(letter);
                    });
            TextTable table =
                    new TextTable("FAILED AT", "REASON", ">SEQUENCE", "DEVICE", "MESSAGE", "BYTES");
            last.forEach(letter -> table.row((Object[]) cells(letter)));
            table.print(System.out, "");
            if (follow) {
                reader.read(
                        extent.lastSequence(),
                        wanted,
                        true,
                        letter -> {
                            System.out.println(String.join("   ", cells(letter)));
                            return true;
                        });
            } else {
                System.out.printf("%,d of %,d dead letters%n", last.size(), extent.messages());
            }
        }
    }

    private static String checkedReason(String reason) {
        String name = reason.toUpperCase(Locale.ROOT);
        try {
            DeadLetterReason.valueOf(REASON_PREFIX + name);
            return name;
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    "--reason "
                            + reason
                            + " is none; the reasons are "
                            + String.join(
                                    ", ",
                                    Arrays.stream(DeadLetterReason.values())
                                            .filter(
                                                    value ->
                                                            value != DeadLetterReason.UNRECOGNIZED
                                                                    && value.getNumber() != 0)
                                            .map(DeadLettersCommand::shortName)
                                            .toList()),
                    e);
        }
    }

    /** The reason as subjects and people write it, for instance {@code DEVICE_NOT_FOUND}. */
    static String shortName(DeadLetterReason reason) {
        return reason.name().substring(REASON_PREFIX.length());
    }

    private static String[] cells(DeadLetter letter) {
        byte[] raw =
                letter.getRawEnvelope()
                        .substring(0, Math.min(SHOWN_BYTES, letter.getRawEnvelope().size()))
                        .toByteArray();
        return new String[] {
            Timestamps.toString(letter.getFailedAt()),
            letter.getReason() == DeadLetterReason.UNRECOGNIZED
                    ? "?"
                    : shortName(letter.getReason()),
            Long.toString(letter.getStreamSequence()),
            letter.getEndDeviceId().isEmpty() ? "-" : printable(letter.getEndDeviceId()),
            printable(letter.getMessage()),
            HexFormat.of().formatHex(raw)
                    + (letter.getRawEnvelopeSize() > raw.length
                            ? "… (" + letter.getRawEnvelopeSize() + ")"
                            : "")
        };
    }

    /**
     * One line, and nothing that a terminal would obey: ids and messages hold what a device sent.
     */
    private static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > 100 ? line.substring(0, 99) + "…" : line;
    }
}
