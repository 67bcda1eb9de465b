package io.ponix.cli.deadletter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.PrintStream;
import java.util.HexFormat;

/** Dead letters as text, for people and for programs. */
public final class LetterText {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_LINE = 100;
    private static final int BYTES_A_LINE = 16;

    private LetterText() {}

    /**
     * One line, and nothing that a terminal would obey: ids and messages hold what a device sent.
     */
    public static String line(String text) {
        String line = printable(text);
        return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE - 1) + "…" : line;
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }

    /** A JSON object on one line, with the names of the protobuf contract. */
    public static String json(StoredLetter letter) {
        DeadLetter content = letter.content();
        ObjectNode json = JSON.createObjectNode();
        json.put("letter", letter.number());
        json.put("reason", letter.reason());
        json.put("stage", letter.stage());
        json.put("message", content.getMessage());
        json.put("failed_at", Timestamps.toString(content.getFailedAt()));
        json.put("organization_id", content.getOrganizationId());
        json.put("end_device_id", content.getEndDeviceId());
        json.put("stream", content.getStream());
        json.put("stream_sequence", content.getStreamSequence());
        json.put("subject", content.getSubject());
        json.put("received_at", Timestamps.toString(content.getReceivedAt()));
        json.put("raw_envelope", HexFormat.of().formatHex(content.getRawEnvelope().toByteArray()));
        json.put("raw_envelope_size", content.getRawEnvelopeSize());
        json.put("raw_envelope_truncated", content.getRawEnvelopeTruncated());
        if (letter.headers() != null) {
            ObjectNode headers = json.putObject("headers");
            letter.headers().keySet().stream()
                    .sorted()
                    .forEach(name -> headers.put(name, letter.headers().getFirst(name)));
        }
        return json.toString();
    }

    /** All that is in a letter, for a person. */
    public static void print(StoredLetter letter, PrintStream out) {
        DeadLetter content = letter.content();
        field(out, "letter", Long.toString(letter.number()));
        field(out, "reason", letter.reason() + ", found at the stage " + letter.stage());
        field(out, "message", content.getMessage());
        field(out, "failed at", Timestamps.toString(content.getFailedAt()));
        field(out, "organization", content.getOrganizationId());
        field(out, "device", content.getEndDeviceId());
        field(out, "envelope", letter.envelope() + " on " + content.getSubject());
        field(out, "received at", Timestamps.toString(content.getReceivedAt()));
        if (letter.headers() != null) {
            out.println();
            out.println("headers");
            letter.headers().keySet().stream()
                    .sorted()
                    .forEach(
                            name ->
                                    out.printf(
                                            "  %-23s %s%n",
                                            name, printable(letter.headers().getFirst(name))));
        }
        byte[] raw = content.getRawEnvelope().toByteArray();
        out.println();
        out.printf(
                "raw envelope, %,d bytes%s%n",
                content.getRawEnvelopeSize(),
                content.getRawEnvelopeTruncated()
                        ? ", of which the letter has the first " + raw.length
                        : "");
        hexadecimal(raw, out);
        fields(raw, out);
    }

    private static void field(PrintStream out, String name, String value) {
        out.printf("%-14s %s%n", name, printable(value));
    }

    private static void hexadecimal(byte[] bytes, PrintStream out) {
        StringBuilder lines = new StringBuilder();
        for (int start = 0; start < bytes.length; start += BYTES_A_LINE) {
            StringBuilder hex = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (int i = start; i < start + BYTES_A_LINE; i++) {
                boolean there = i < bytes.length;
                hex.append(there ? HexFormat.of().toHexDigits(bytes[i]) : "  ").append(' ');
                if (there) {
                    text.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
                }
            }
            lines.append(String.format("  %08x  ", start)).append(hex).append(' ').append(text);
            lines.append('\n');
        }
        out.print(lines);
    }

    /** What the bytes say, if they are an envelope. */
    private static void fields(byte[] raw, PrintStream out) {
        RawEnvelope envelope;
        try {
            envelope = RawEnvelope.parseFrom(raw);
        } catch (InvalidProtocolBufferException e) {
            return;
        }
        out.println();
        field(out, "occurred_at", envelope.hasOccurredAt() ? time(envelope) : "(none)");
        field(out, "f_port", Integer.toUnsignedString(envelope.getFPort()));
        envelope.getAttributesMap()
                .forEach((name, value) -> field(out, "attribute", name + " = " + value));
        field(out, "payload", HexFormat.of().formatHex(envelope.getPayload().toByteArray()));
    }

    private static String time(RawEnvelope envelope) {
        return Timestamps.isValid(envelope.getOccurredAt())
                ? Timestamps.toString(envelope.getOccurredAt())
                : envelope.getOccurredAt().getSeconds()
                        + " s "
                        + envelope.getOccurredAt().getNanos()
                        + " ns since 1970";
    }
}
