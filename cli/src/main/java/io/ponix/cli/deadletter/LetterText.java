package io.ponix.cli.deadletter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.PrintStream;
import java.util.HexFormat;

/** Dead letters as text, for people and for programs. */
public final class LetterText {

    /** Nothing in it can be obeyed by a terminal: what is not ASCII is escaped, too. */
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final int LONGEST_CELL = 100;
    private static final int BYTES_A_LINE = 16;

    private LetterText() {}

    /** A text of a letter for a column of a table: ids and messages hold what a device sent. */
    public static String cell(String text) {
        return TerminalText.escaped(text, LONGEST_CELL);
    }

    /** A JSON object on one line, with the names of the protobuf contract. */
    public static String json(StoredLetter letter) {
        DeadLetter content = letter.content();
        ObjectNode json = JSON.createObjectNode();
        json.put("letter", letter.number());
        json.put("reason", letter.reason());
        json.put("stage", letter.stage());
        json.put("message", content.getMessage());
        json.put("failed_at", time(content.getFailedAt()));
        json.put("organization_id", content.getOrganizationId());
        json.put("end_device_id", content.getEndDeviceId());
        json.put("external_id", content.getExternalId());
        json.put("stream", content.getStream());
        json.put("stream_sequence", content.getStreamSequence());
        json.put("subject", content.getSubject());
        json.put("received_at", time(content.getReceivedAt()));
        json.put("raw_envelope", HexFormat.of().formatHex(content.getRawEnvelope().toByteArray()));
        json.put("raw_envelope_size", content.getRawEnvelopeSize());
        json.put("raw_envelope_truncated", content.getRawEnvelopeTruncated());
        if (letter.headers() != null) {
            ObjectNode headers = json.putObject("headers");
            letter.headers().keySet().stream()
                    .sorted()
                    .forEach(name -> headers.put(name, letter.headers().getFirst(name)));
        }
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All that is in a letter, for a person. */
    public static void print(StoredLetter letter, PrintStream out) {
        DeadLetter content = letter.content();
        field(out, "letter", Long.toString(letter.number()));
        field(out, "reason", letter.reason() + ", found at the stage " + letter.stage());
        field(out, "message", content.getMessage());
        field(out, "failed at", time(content.getFailedAt()));
        field(out, "organization", content.getOrganizationId());
        field(out, "device", content.getEndDeviceId());
        if (!content.getExternalId().isEmpty()) {
            field(out, "external id", content.getExternalId());
        }
        field(out, "envelope", letter.envelope() + " on " + content.getSubject());
        field(out, "received at", time(content.getReceivedAt()));
        if (letter.headers() != null) {
            out.println();
            out.println("headers");
            letter.headers().keySet().stream()
                    .sorted()
                    .forEach(
                            name ->
                                    out.printf(
                                            "  %-23s %s%n",
                                            name,
                                            TerminalText.escaped(letter.headers().getFirst(name))));
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
        out.printf("%-14s %s%n", name, TerminalText.escaped(value));
    }

    /** Bytes in hexadecimal and as text, with their offsets. */
    public static void hexadecimal(byte[] bytes, PrintStream out) {
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
        field(
                out,
                "occurred_at",
                envelope.hasOccurredAt() ? time(envelope.getOccurredAt()) : "(none)");
        field(out, "f_port", Integer.toUnsignedString(envelope.getFPort()));
        envelope.getAttributesMap()
                .forEach((name, value) -> field(out, "attribute", name + " = " + value));
        field(out, "payload", HexFormat.of().formatHex(envelope.getPayload().toByteArray()));
    }

    /** A time as RFC 3339, or as it was sent if it is none. */
    public static String time(Timestamp time) {
        return Timestamps.isValid(time)
                ? Timestamps.toString(time)
                : time.getSeconds() + " s " + time.getNanos() + " ns since 1970";
    }
}
