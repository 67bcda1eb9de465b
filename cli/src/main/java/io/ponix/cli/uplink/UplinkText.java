package io.ponix.cli.uplink;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ponix.cli.terminal.MessageText;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.PrintStream;
import java.util.HexFormat;

/** Refused uplinks as text, for people and for programs. */
public final class UplinkText {

    private UplinkText() {}

    /** A JSON object on one line, with the names of the protobuf contract. */
    public static String json(StoredUplink uplink) {
        RefusedUplink content = uplink.content();
        ObjectNode json = MessageText.object();
        json.put("uplink", uplink.number());
        json.put("reason", uplink.reason());
        json.put("message", content.getMessage());
        json.put("received_at", MessageText.time(content.getReceivedAt()));
        json.put("gateway_id", content.getGatewayId());
        json.put("organization_id", content.getOrganizationId());
        json.put("topic", content.getTopic());
        json.put("payload", HexFormat.of().formatHex(content.getPayload().toByteArray()));
        json.put("payload_size", content.getPayloadSize());
        ObjectNode headers = json.putObject("headers");
        content.getHeadersMap().forEach(headers::put);
        ObjectNode attributes = json.putObject("attributes");
        content.getAttributesMap().forEach(attributes::put);
        return MessageText.json(json);
    }

    /** All that is in it, for a person. */
    public static void print(StoredUplink uplink, PrintStream out) {
        RefusedUplink content = uplink.content();
        MessageText.field(out, "uplink", Long.toString(uplink.number()));
        MessageText.field(out, "reason", uplink.reason());
        MessageText.field(out, "message", content.getMessage());
        MessageText.field(out, "received at", MessageText.time(content.getReceivedAt()));
        MessageText.field(out, "gateway", content.getGatewayId());
        MessageText.field(out, "organization", content.getOrganizationId());
        MessageText.field(out, "topic", content.getTopic());
        content.getHeadersMap()
                .forEach((name, value) -> MessageText.field(out, "header", name + " = " + value));
        content.getAttributesMap()
                .forEach(
                        (name, value) -> MessageText.field(out, "attribute", name + " = " + value));
        byte[] payload = content.getPayload().toByteArray();
        out.println();
        out.printf(
                "payload, %,d bytes%s%n",
                content.getPayloadSize(),
                uplink.isWhole() ? "" : ", of which the first " + payload.length + " were kept");
        MessageText.hexadecimal(payload, out);
    }
}
