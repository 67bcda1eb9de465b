package io.ponix.jobs.envelope.inbound;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over the protobuf wire format in a byte array (<a
 * href="https://protobuf.dev/programming-guides/encoding/">Encoding</a>). Reusable, not
 * thread-safe. Like protobuf-java it accepts varints of up to ten bytes everywhere and cuts them to
 * the field's width, and refuses invalid UTF-8 and groups nested deeper than 100.
 */
final class ProtobufReader {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH_DELIMITED = 2;
    static final int START_GROUP = 3;
    static final int END_GROUP = 4;
    static final int FIXED32 = 5;

    private static final int WIRE_TYPE_BITS = 3;
    private static final int MAXIMUM_VARINT_SHIFT = 64;
    private static final int MAXIMUM_GROUP_DEPTH = 100;

    /** Made when a string needs it first: hardly any id does, and it costs as much as a message. */
    private CharsetDecoder utf8;

    private byte[] bytes;
    private int position;
    private int limit;

    /** Starts at the first of {@code length} bytes. */
    void reset(byte[] newBytes, int offset, int length) {
        bytes = newBytes;
        position = offset;
        limit = offset + length;
    }

    /** Forgets the bytes, so that they can be collected. */
    void clear() {
        bytes = null;
    }

    boolean atEnd() {
        return position == limit;
    }

    int position() {
        return position;
    }

    int limit() {
        return limit;
    }

    /** Narrows or widens the readable range: how a nested message is entered and left. */
    void setLimit(int newLimit) {
        limit = newLimit;
    }

    /** Continues at another byte. */
    void setPosition(int newPosition) {
        position = newPosition;
    }

    static int fieldNumber(int tag) {
        return tag >>> WIRE_TYPE_BITS;
    }

    static int wireType(int tag) {
        return tag & ((1 << WIRE_TYPE_BITS) - 1);
    }

    int readTag() throws MalformedEnvelopeException {
        int start = position;
        int tag = (int) readVarint();
        if (fieldNumber(tag) == 0) {
            throw new MalformedEnvelopeException("invalid tag " + tag + " at byte " + start);
        }
        return tag;
    }

    long readVarint() throws MalformedEnvelopeException {
        int start = position;
        long value = 0;
        for (int shift = 0; shift < MAXIMUM_VARINT_SHIFT; shift += 7) {
            if (position == limit) {
                throw new MalformedEnvelopeException("truncated varint at byte " + start);
            }
            byte next = bytes[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedEnvelopeException("varint of more than ten bytes at byte " + start);
    }

    /**
     * Reads the length of a length-delimited field; that many bytes are readable from {@link
     * #position()}.
     */
    int readLength() throws MalformedEnvelopeException {
        int start = position;
        int length = (int) readVarint();
        if (length < 0) {
            throw new MalformedEnvelopeException("negative length at byte " + start);
        }
        if (length > limit - position) {
            throw new MalformedEnvelopeException(
                    "truncated: "
                            + length
                            + " bytes announced at byte "
                            + start
                            + ", "
                            + (limit - position)
                            + " left");
        }
        return length;
    }

    String readString() throws MalformedEnvelopeException {
        int length = readLength();
        int start = position;
        position += length;
        for (int i = start; i < position; i++) {
            if (bytes[i] < 0) {
                return decodeUtf8(start, length);
            }
        }
        // Latin-1 of pure ASCII is a plain copy of the bytes: the fastest way to make a String.
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }

    private String decodeUtf8(int start, int length) throws MalformedEnvelopeException {
        if (utf8 == null) {
            utf8 =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT);
        }
        try {
            return utf8.decode(ByteBuffer.wrap(bytes, start, length)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedEnvelopeException("invalid UTF-8 in the string at byte " + start);
        }
    }

    /** Skips the value of an unknown field. */
    void skip(int tag) throws MalformedEnvelopeException {
        skip(tag, 0);
    }

    private void skip(int tag, int depth) throws MalformedEnvelopeException {
        switch (wireType(tag)) {
            case VARINT -> readVarint();
            case FIXED64 -> skipBytes(Long.BYTES);
            case LENGTH_DELIMITED -> {
                int length = readLength();
                position += length;
            }
            case START_GROUP -> skipGroup(fieldNumber(tag), depth);
            case FIXED32 -> skipBytes(Integer.BYTES);
            case END_GROUP ->
                    throw new MalformedEnvelopeException(
                            "group ends before byte " + position + " that never began");
            default ->
                    throw new MalformedEnvelopeException(
                            "invalid wire type " + wireType(tag) + " before byte " + position);
        }
    }

    private void skipGroup(int fieldNumber, int depth) throws MalformedEnvelopeException {
        if (depth == MAXIMUM_GROUP_DEPTH) {
            throw new MalformedEnvelopeException(
                    "groups nested deeper than " + MAXIMUM_GROUP_DEPTH);
        }
        while (true) {
            int tag = readTag();
            if (wireType(tag) != END_GROUP) {
                skip(tag, depth + 1);
            } else if (fieldNumber(tag) == fieldNumber) {
                return;
            } else {
                throw new MalformedEnvelopeException(
                        "group "
                                + fieldNumber
                                + " ended as group "
                                + fieldNumber(tag)
                                + " before byte "
                                + position);
            }
        }
    }

    private void skipBytes(int count) throws MalformedEnvelopeException {
        if (count > limit - position) {
            throw new MalformedEnvelopeException(
                    "truncated: "
                            + count
                            + " bytes needed at byte "
                            + position
                            + ", "
                            + (limit - position)
                            + " left");
        }
        position += count;
    }
}
