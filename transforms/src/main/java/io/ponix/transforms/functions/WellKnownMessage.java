package io.ponix.transforms.functions;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.StructProto;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.WrappersProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The messages of {@code google.protobuf} that stand for values. */
enum WellKnownMessage {
    TIMESTAMP,
    DURATION,
    STRUCT,
    VALUE,
    LIST_VALUE,
    /** {@code DoubleValue} and its like. */
    WRAPPER;

    /** The enum whose one value is null. */
    static final String NULL_VALUE = "google.protobuf.NullValue";

    private static final Map<String, WellKnownMessage> BY_NAME = byName();

    /** Which one it is by its full name; {@code null} if it is another message. */
    static WellKnownMessage of(Descriptor message) {
        return BY_NAME.get(message.getFullName());
    }

    /** All of them as everybody has them, and what they consist of. */
    static List<Descriptor> descriptors() {
        List<Descriptor> descriptors =
                new ArrayList<>(TimestampProto.getDescriptor().getMessageTypes());
        descriptors.addAll(DurationProto.getDescriptor().getMessageTypes());
        descriptors.addAll(StructProto.getDescriptor().getMessageTypes());
        descriptors.addAll(WrappersProto.getDescriptor().getMessageTypes());
        return descriptors;
    }

    private static Map<String, WellKnownMessage> byName() {
        Map<String, WellKnownMessage> byName =
                new HashMap<>(
                        Map.of(
                                "google.protobuf.Timestamp", TIMESTAMP,
                                "google.protobuf.Duration", DURATION,
                                "google.protobuf.Struct", STRUCT,
                                "google.protobuf.Value", VALUE,
                                "google.protobuf.ListValue", LIST_VALUE));
        WrappersProto.getDescriptor()
                .getMessageTypes()
                .forEach(wrapper -> byName.put(wrapper.getFullName(), WRAPPER));
        return byName;
    }
}
