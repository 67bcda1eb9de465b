package io.ponix.cli.deadletter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.PrintStream;
import java.util.HexFormat;

/** Dead letters as text, for people and for programs. */
public final class LetterText {

    private LetterText() {}

    /** A JSON object on one line, with the names of the protobuf contract. */
    public static String json(StoredLetter letter) {
        DeadLetter content = letter.content();
        ObjectNode json = MessageText.object();
        json.put("letter", letter.number());
        json.put("reason", letter.reason());
        json.put("stage", letter.stage());
        json.put("message", content.getMessage());
        json.put("failed_at", MessageText.time(content.getFailedAt()));
        json.put("organization_id", content.getOrganizationId());
        json.put("end_device_id", content.getEndDeviceId());
        json.put("external_id", content.getExternalId());
        json.put("stream", content.getStream());
        json.put("stream_sequence", content.getStreamSequence());
        json.put("subject", content.getSubject());
        json.put("received_at", MessageText.time(content.getReceivedAt()));
        json.put("raw_envelope", HexFormat.of().formatHex(content.getRawEnvelope().toByteArray()));
        json.put("raw_envelope_size", content.getRawEnvelopeSize());
        json.put("raw_envelope_truncated", content.getRawEnvelopeTruncated());
        if (letter.headers() != null) {
            ObjectNode headers = json.putObject("headers");
            letter.headers().keySet().stream()
                    .sorted()
                    .forEach(name -> headers.put(name, letter.headers().getFirst(name)));
        }
        return MessageText.json(json);
    }

    /** All that is in a letter, for a person. */
    public static void print(StoredLetter letter, PrintStream out) {
        DeadLetter content = letter.content();
        MessageText.field(out, "letter", Long.toString(letter.number()));
        MessageText.field(
                out, "reason", letter.reason() + ", found at the stage " + letter.stage());
        MessageText.field(out, "message", content.getMessage());
        MessageText.field(out, "failed at", MessageText.time(content.getFailedAt()));
        MessageText.field(out, "organization", content.getOrganizationId());
        MessageText.field(out, "device", content.getEndDeviceId());
        if (!content.getExternalId().isEmpty()) {
            MessageText.field(out, "external id", content.getExternalId());
        }
        MessageText.field(out, "envelope", letter.envelope() + " on " + content.getSubject());
        MessageText.field(out, "received at", MessageText.time(content.getReceivedAt()));
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
        MessageText.hexadecimal(raw, out);
        if (content.getReason() == DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID) {
            row(raw, out);
        } else {
            fields(raw, out);
        }
    }

    /** What the bytes say, if they are a decoded envelope. */
    private static void row(byte[] raw, PrintStream out) {
        String data;
        try {
            data =
                    JsonFormat.printer()
                            .omittingInsignificantWhitespace()
                            .print(ProcessedEnvelope.parseFrom(raw).getData());
        } catch (InvalidProtocolBufferException e) {
            return;
        }
        out.println();
        MessageText.field(out, "data", data);
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
        MessageText.field(
                out,
                "occurred_at",
                envelope.hasOccurredAt() ? MessageText.time(envelope.getOccurredAt()) : "(none)");
        MessageText.field(out, "f_port", Integer.toUnsignedString(envelope.getFPort()));
        envelope.getAttributesMap()
                .forEach(
                        (name, value) -> MessageText.field(out, "attribute", name + " = " + value));
        MessageText.field(
                out, "payload", HexFormat.of().formatHex(envelope.getPayload().toByteArray()));
    }
}
