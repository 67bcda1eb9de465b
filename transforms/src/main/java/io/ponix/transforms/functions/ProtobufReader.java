package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a message of Protocol Buffers apart without its definition: a map from the number of each
 * field that is there to its values, in the order of the message.
 *
 * <p>What the wire says is what there is. A varint becomes an int: of int32, int64, uint32, bool
 * and enums that is the value; sint32 and sint64 are still zigzag, and what a uint64 has beyond
 * 2<sup>63</sup> is negative. Fixed numbers become their 4 or 8 bytes, to be read by {@code
 * f32le(0)} and its like. Strings, bytes, messages and packed numbers become bytes.
 */
final class ProtobufReader {
    private ProtobufReader() {}

    /**
     * Reads a message.
     *
     * @throws CelBadFormatException if it is none; says where
     */
    static Map<Long, List<Object>> read(CelByteString message) {
        ProtobufWire wire = new ProtobufWire(message);
        Map<Long, List<Object>> fields = new LinkedHashMap<>();
        while (!wire.isAtEnd()) {
            ProtobufWire.Tag tag = wire.tag();
            Object value = value(wire, tag);
            fields.computeIfAbsent((long) tag.field(), number -> new ArrayList<>(1)).add(value);
        }
        return fields;
    }

    private static Object value(ProtobufWire wire, ProtobufWire.Tag tag) {
        return switch (tag.wireType()) {
            case ProtobufWire.VARINT -> wire.varint();
            case ProtobufWire.FIXED_64 -> wire.take(Long.BYTES, tag.start());
            case ProtobufWire.LENGTH_DELIMITED -> wire.take(wire.length(tag.start()), tag.start());
            case ProtobufWire.FIXED_32 -> wire.take(Integer.BYTES, tag.start());
            default -> throw wire.notRead(tag);
        };
    }
}
