package io.ponix.jobs.sessions.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Value;
import java.util.Map;

/** JSON as a protobuf has it, where every number is a double, as Jackson has it. */
final class StructNodes {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private StructNodes() {}

    /** Goes as deep as the value, which the protobuf parser has bounded. */
    static JsonNode node(Value value) {
        return switch (value.getKindCase()) {
            case NUMBER_VALUE -> NODES.numberNode(value.getNumberValue());
            case STRING_VALUE -> NODES.textNode(value.getStringValue());
            case BOOL_VALUE -> NODES.booleanNode(value.getBoolValue());
            case LIST_VALUE -> {
                ArrayNode list = NODES.arrayNode(value.getListValue().getValuesCount());
                value.getListValue().getValuesList().forEach(each -> list.add(node(each)));
                yield list;
            }
            case STRUCT_VALUE -> {
                ObjectNode object = NODES.objectNode();
                for (Map.Entry<String, Value> field :
                        value.getStructValue().getFieldsMap().entrySet()) {
                    object.set(field.getKey(), node(field.getValue()));
                }
                yield object;
            }
            case NULL_VALUE, KIND_NOT_SET -> NODES.nullNode();
        };
    }
}
