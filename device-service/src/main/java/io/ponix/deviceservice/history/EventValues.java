package io.ponix.deviceservice.history;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.ponix.registry.GatewayRow;

/** The JSON values of events as callers get them. */
final class EventValues {

    private static final String KEYS = GatewayRow.KEYS.name();
    private static final String HASH = "sha256";
    private static final String NO_ROOM = "(nested too deep to be shown)";

    private EventValues() {}

    /**
     * Returns a value. One that was written by hand and that no message has room for, as it is
     * nested too deep, is not shown at all: there might be hashes in it.
     */
    static Value value(String json) {
        Value.Builder value = Value.newBuilder();
        try {
            JsonFormat.parser().merge(json, value);
            return value.build();
        } catch (InvalidProtocolBufferException e) {
            return Value.newBuilder().setStringValue(NO_ROOM).build();
        }
    }

    /** Returns the value of a field without the hashes of a gateway's keys. */
    static Value ofField(ResourceKind kind, String field, Value value) {
        return kind == ResourceKind.GATEWAY && field.equals(KEYS) ? withoutHashes(value) : value;
    }

    /** Returns the values of fields without the hashes of a gateway's keys. */
    static Value ofFields(ResourceKind kind, Value fields) {
        if (kind != ResourceKind.GATEWAY || !fields.getStructValue().containsFields(KEYS)) {
            return fields;
        }
        Struct.Builder without = fields.getStructValue().toBuilder();
        without.putFields(KEYS, withoutHashes(without.getFieldsOrThrow(KEYS)));
        return Value.newBuilder().setStructValue(without).build();
    }

    private static Value withoutHashes(Value keys) {
        if (!keys.hasListValue()) {
            return keys;
        }
        ListValue.Builder without = ListValue.newBuilder();
        for (Value key : keys.getListValue().getValuesList()) {
            without.addValues(
                    key.hasStructValue()
                            ? Value.newBuilder()
                                    .setStructValue(
                                            key.getStructValue().toBuilder().removeFields(HASH))
                                    .build()
                            : key);
        }
        return Value.newBuilder().setListValue(without).build();
    }
}
