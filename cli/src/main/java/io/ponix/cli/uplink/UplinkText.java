package io.ponix.cli.uplink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ponix.cli.deadletter.LetterText;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.PrintStream;
import java.util.HexFormat;

/** Refused uplinks as text, for people and for programs. */
public final class UplinkText {

    /** Nothing in it can be obeyed by a terminal: what is not ASCII is escaped, too. */
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private UplinkText() {}

    /** A JSON object on one line, with the names of the protobuf contract. */
    public static String json(StoredUplink uplink) {
        RefusedUplink content = uplink.content();
        ObjectNode json = JSON.createObjectNode();
        json.put("uplink", uplink.number());
        json.put("reason", uplink.reason());
        json.put("message", content.getMessage());
        json.put("received_at", LetterText.time(content.getReceivedAt()));
        json.put("gateway_id", content.getGatewayId());
        json.put("organization_id", content.getOrganizationId());
        json.put("topic", content.getTopic());
        json.put("payload", HexFormat.of().formatHex(content.getPayload().toByteArray()));
        json.put("payload_size", content.getPayloadSize());
        ObjectNode headers = json.putObject("headers");
        content.getHeadersMap().forEach(headers::put);
        ObjectNode attributes = json.putObject("attributes");
        content.getAttributesMap().forEach(attributes::put);
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All that is in it, for a person. */
    public static void print(StoredUplink uplink, PrintStream out) {
        RefusedUplink content = uplink.content();
        field(out, "uplink", Long.toString(uplink.number()));
        field(out, "reason", uplink.reason());
        field(out, "message", content.getMessage());
        field(out, "received at", LetterText.time(content.getReceivedAt()));
        field(out, "gateway", content.getGatewayId());
        field(out, "organization", content.getOrganizationId());
        field(out, "topic", content.getTopic());
        content.getHeadersMap()
                .forEach((name, value) -> field(out, "header", name + " = " + value));
        content.getAttributesMap()
                .forEach((name, value) -> field(out, "attribute", name + " = " + value));
        byte[] payload = content.getPayload().toByteArray();
        out.println();
        out.printf(
                "payload, %,d bytes%s%n",
                content.getPayloadSize(),
                uplink.isWhole() ? "" : ", of which the first " + payload.length + " were kept");
        LetterText.hexadecimal(payload, out);
    }

    private static void field(PrintStream out, String name, String value) {
        out.printf("%-14s %s%n", name, TerminalText.escaped(value));
    }
}
