package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import java.util.ArrayList;
import java.util.Arrays;
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
    private static final String FUNCTION = "protobuf_decode";

    private static final int BITS_OF_WIRE_TYPE = 3;
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private static final long LARGEST_FIELD = (1L << 29) - 1;

    private static final int BITS_PER_BYTE_OF_VARINT = 7;
    private static final int BITS_OF_VARINT = 64;

    private final byte[] bytes;
    private int offset;

    private ProtobufReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a message.
     *
     * @throws CelBadFormatException if it is none; says where
     */
    static Map<Long, List<Object>> read(CelByteString message) {
        ProtobufReader reader = new ProtobufReader(BytesContents.of(message));
        Map<Long, List<Object>> fields = new LinkedHashMap<>();
        while (reader.offset < reader.bytes.length) {
            int start = reader.offset;
            long key = reader.varint();
            long field = key >>> BITS_OF_WIRE_TYPE;
            if (field == 0 || field > LARGEST_FIELD) {
                throw bad("the field number " + Long.toUnsignedString(field) + " is none", start);
            }
            Object value = reader.value((int) (key & (1 << BITS_OF_WIRE_TYPE) - 1), start);
            fields.computeIfAbsent(field, number -> new ArrayList<>(1)).add(value);
        }
        return fields;
    }

    private Object value(int wireType, int start) {
        return switch (wireType) {
            case VARINT -> varint();
            case FIXED_64 -> take(Long.BYTES, start);
            case LENGTH_DELIMITED -> take(varint(), start);
            case FIXED_32 -> take(Integer.BYTES, start);
            default -> throw bad("the wire type " + wireType + " is none that is read", start);
        };
    }

    private CelByteString take(long length, int start) {
        if (length < 0 || length > bytes.length - offset) {
            throw bad(
                    "a value of "
                            + BytesRange.count(length)
                            + " goes beyond the "
                            + BytesRange.count(bytes.length)
                            + " there are",
                    start);
        }
        int from = offset;
        offset += (int) length;
        return CelByteString.of(Arrays.copyOfRange(bytes, from, offset));
    }

    private long varint() {
        int start = offset;
        long value = 0;
        for (int bits = 0; bits < BITS_OF_VARINT; bits += BITS_PER_BYTE_OF_VARINT) {
            if (offset == bytes.length) {
                throw bad("the message ends inside of a number", start);
            }
            byte part = bytes[offset++];
            value |= (long) (part & 0x7F) << bits;
            if (part >= 0) {
                return value;
            }
        }
        throw bad("a number takes more than 10 bytes", start);
    }

    private static CelBadFormatException bad(String what, int offset) {
        return new CelBadFormatException(FUNCTION + ": " + what + ", at offset " + offset);
    }
}
