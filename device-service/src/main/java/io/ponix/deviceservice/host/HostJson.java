package io.ponix.deviceservice.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ponix.deviceservice.request.RequestException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Hosts as JSON: a list of objects, with the fields of {@code ponix.host.v1.Host}. */
final class HostJson {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private HostJson() {}

    static String write(List<HostEntry> hosts) {
        ArrayNode list = JSON.createArrayNode();
        for (HostEntry host : hosts) {
            ObjectNode object = list.addObject();
            object.put("ip_address", host.ipAddress());
            object.put("hostname", host.hostname());
            host.aliases().forEach(object.putArray("aliases")::add);
            object.put("comment", host.comment());
            host.tags().forEach(object.putArray("tags")::add);
            object.put("gateway_id", host.gatewayId());
            object.put("device_id", host.deviceId());
            host.labels().forEach(object.putObject("labels")::put);
        }
        try {
            return JSON.writeValueAsString(list) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written", e);
        }
    }

    static List<HostLine> read(String text) {
        JsonNode list;
        try {
            list = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw RequestException.invalidArgument(
                    HostLine.CONTENT,
                    "The content is not JSON: "
                            + e.getOriginalMessage()
                            + ", in line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()));
        }
        if (list == null || !list.isArray()) {
            throw RequestException.invalidArgument(
                    HostLine.CONTENT, "The content is not a list of hosts");
        }
        List<HostLine> lines = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            JsonNode host = list.get(i);
            lines.add(HostLine.of(i + 1, told(host), () -> entry(host)));
        }
        return lines;
    }

    private static Set<HostField> told(JsonNode host) {
        Set<HostField> told = EnumSet.noneOf(HostField.class);
        host.fieldNames().forEachRemaining(field -> HostField.of(field).ifPresent(told::add));
        return told;
    }

    private static HostEntry entry(JsonNode host) {
        if (!host.isObject()) {
            throw RequestException.invalidArgument(HostLine.CONTENT, "It is not an object");
        }
        host.fieldNames()
                .forEachRemaining(
                        field -> {
                            if (HostField.of(field).isEmpty()) {
                                throw RequestException.invalidArgument(
                                        HostLine.CONTENT,
                                        "A host has no field '"
                                                + field
                                                + "'; there are "
                                                + String.join(", ", HostField.texts()));
                            }
                        });
        return HostEntry.of(
                text(host, "ip_address"),
                text(host, "hostname"),
                texts(host, "aliases"),
                text(host, "comment"),
                texts(host, "tags"),
                text(host, "gateway_id"),
                text(host, "device_id"),
                labels(host.path("labels")));
    }

    private static Map<String, String> labels(JsonNode object) {
        Map<String, String> labels = new TreeMap<>();
        if (object.isMissingNode() || object.isNull()) {
            return labels;
        }
        object.fieldNames()
                .forEachRemaining(
                        key -> {
                            if (object.get(key).isTextual()) {
                                labels.put(key, object.get(key).textValue());
                            }
                        });
        if (!object.isObject() || labels.size() != object.size()) {
            throw RequestException.invalidArgument("labels", "labels is not an object of texts");
        }
        return labels;
    }

    private static String text(JsonNode host, String field) {
        JsonNode value = host.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw RequestException.invalidArgument(field, field + " is not a text");
        }
        return value.textValue();
    }

    private static List<String> texts(JsonNode host, String field) {
        JsonNode values = host.path(field);
        if (values.isMissingNode() || values.isNull()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isTextual()) {
                texts.add(value.textValue());
            }
        }
        if (!values.isArray() || texts.size() != values.size()) {
            throw RequestException.invalidArgument(field, field + " is not a list of texts");
        }
        return texts;
    }
}
