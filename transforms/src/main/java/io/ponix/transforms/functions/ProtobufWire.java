package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The wire format of Protocol Buffers, read from one offset to the next. */
final class ProtobufWire {
    static final String FUNCTION = "protobuf_decode";

    static final int VARINT = 0;
    static final int FIXED_64 = 1;
    static final int LENGTH_DELIMITED = 2;
    static final int START_GROUP = 3;
    static final int END_GROUP = 4;
    static final int FIXED_32 = 5;

    private static final int BITS_OF_WIRE_TYPE = 3;
    private static final long LARGEST_FIELD = (1L << 29) - 1;

    private static final int BITS_PER_BYTE_OF_VARINT = 7;
    private static final int BITS_OF_VARINT = 64;

    private final byte[] bytes;
    private int offset;

    /** Where what is read ends: the message, or one inside of it. */
    private int end;

    ProtobufWire(CelByteString message) {
        bytes = BytesContents.of(message);
        end = bytes.length;
    }

    boolean isAtEnd() {
        return offset == end;
    }

    /**
     * Goes into the next {@code length} bytes, which {@link #length} has given.
     *
     * @return the end of what is around them, for {@link #leave}
     */
    int enter(int length) {
        int outer = end;
        end = offset + length;
        return outer;
    }

    /** Goes on with what is around, after everything inside was read. */
    void leave(int outer) {
        end = outer;
    }

    /** The number and the wire type that precede a value. */
    Tag tag() {
        int start = offset;
        long key = varint();
        long field = key >>> BITS_OF_WIRE_TYPE;
        if (field == 0 || field > LARGEST_FIELD) {
            throw bad("the field number " + Long.toUnsignedString(field) + " is none", start);
        }
        return new Tag((int) field, (int) (key & (1 << BITS_OF_WIRE_TYPE) - 1), start);
    }

    /**
     * @param start its offset
     */
    record Tag(int field, int wireType, int start) {}

    long varint() {
        int start = offset;
        long value = 0;
        for (int bits = 0; bits < BITS_OF_VARINT; bits += BITS_PER_BYTE_OF_VARINT) {
            if (offset == end) {
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

    /** A number of 4 or 8 bytes that begins here, of the value whose tag begins at the start. */
    long fixed(int size, int start) {
        int at = advance(size, start);
        return BytesNumber.littleEndian(bytes, at, size);
    }

    /** How many bytes the value has that follows; they are there. */
    int length(int start) {
        long length = varint();
        checkLength(length, start);
        return (int) length;
    }

    CelByteString take(int length, int start) {
        int from = advance(length, start);
        return CelByteString.of(Arrays.copyOfRange(bytes, from, offset));
    }

    String text(int length, int start) {
        int from = advance(length, start);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad("a string is not UTF-8", start);
        }
    }

    /** Passes over a value that nobody reads. A group is left to the caller. */
    void skip(Tag tag) {
        switch (tag.wireType) {
            case VARINT -> varint();
            case FIXED_64 -> advance(Long.BYTES, tag.start);
            case LENGTH_DELIMITED -> advance(length(tag.start), tag.start);
            case FIXED_32 -> advance(Integer.BYTES, tag.start);
            default -> throw notRead(tag);
        }
    }

    CelBadFormatException notRead(Tag tag) {
        return bad("the wire type " + tag.wireType + " is none that is read", tag.start);
    }

    private int advance(int length, int start) {
        checkLength(length, start);
        int from = offset;
        offset += length;
        return from;
    }

    private void checkLength(long length, int start) {
        if (length < 0 || length > end - offset) {
            throw bad(
                    "a value of "
                            + BytesRange.count(length)
                            + " goes beyond the "
                            + BytesRange.count(end)
                            + " there are",
                    start);
        }
    }

    static CelBadFormatException bad(String what, int offset) {
        return new CelBadFormatException(FUNCTION + ": " + what + ", at offset " + offset);
    }
}
