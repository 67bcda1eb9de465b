package io.ponix.intake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** Uplinks as JSON, as the examples of tests and documentation show them. */
final class UplinkText {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private UplinkText() {}

    /**
     * What came of a message: a list, without keys that say nothing. A payload that is the message
     * itself is {@code "payload": "message"}; any other is hexadecimal.
     */
    static ArrayNode of(List<Uplink> uplinks, IntakeMessage message) {
        ArrayNode list = MAPPER.createArrayNode();
        for (Uplink uplink : uplinks) {
            ObjectNode object = list.addObject();
            uplink.organizationId().ifPresent(id -> object.put("organization_id", id));
            uplink.deviceId().ifPresent(id -> object.put("device_id", id));
            uplink.externalId().ifPresent(id -> object.put("external_id", id));
            boolean isWhole =
                    new String(uplink.payload(), StandardCharsets.ISO_8859_1)
                            .equals(new String(message.payload(), StandardCharsets.ISO_8859_1));
            object.put("payload", isWhole ? "message" : HexFormat.of().formatHex(uplink.payload()));
            if (uplink.fPort() != 0) {
                object.put("f_port", uplink.fPort());
            }
            if (!uplink.occurredAt().equals(message.receivedAt())) {
                object.put("occurred_at", uplink.occurredAt().toString());
            }
            uplink.messageId().ifPresent(id -> object.put("message_id", id));
            if (!uplink.attributes().isEmpty()) {
                ObjectNode attributes = object.putObject("attributes");
                uplink.attributes().forEach(attributes::put);
            }
        }
        return list;
    }
}
