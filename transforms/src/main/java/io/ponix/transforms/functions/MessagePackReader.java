package io.ponix.transforms.functions;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes CEL values of a document of MessagePack, which must be one value with nothing after it.
 *
 * <p>As of JSON and CBOR: a map becomes a map(string, dyn) in the order of the document, of equal
 * keys the last one counts, and keys that are integers become their decimal text. Integers become
 * int, those only a uint can hold uint; floats of both sizes double; {@code bin} becomes bytes,
 * {@code nil} null, and the extension −1 a timestamp. Any other extension becomes {@code {"type":
 * int, "data": bytes}}.
 *
 * <p>A length is looked at before anything is made of it: elements that the bytes left cannot hold
 * are an error.
 */
final class MessagePackReader {
    private static final String FUNCTION = "msgpack_decode";

    /** Of arrays and maps; as of other documents. */
    private static final int MAXIMUM_DEPTH = 64;

    private static final int EXTENSION_TIMESTAMP = -1;
    private static final int BITS_OF_SECONDS_BESIDE_NANOS = 34;
    private static final long MOST_NANOS = 999_999_999;

    private final CelByteString document;
    private final byte[] bytes;
    private int offset;

    private MessagePackReader(CelByteString document) {
        this.document = document;
        this.bytes = BytesContents.of(document);
    }

    /**
     * Reads a document.
     *
     * @throws CelBadFormatException if it is not valid; says where
     */
    static Object read(CelByteString document) {
        MessagePackReader reader = new MessagePackReader(document);
        if (reader.bytes.length == 0) {
            throw new CelBadFormatException(FUNCTION + ": the document is empty");
        }
        Object value = reader.value(1);
        if (reader.offset < reader.bytes.length) {
            throw bad("more follows after the document", reader.offset);
        }
        return value;
    }

    private Object value(int depth) {
        int start = offset;
        int format = (int) unsigned(1, start);
        if (format <= 0x7f) {
            return (long) format;
        } else if (format <= 0x8f) {
            return map(format & 0x0f, depth, start);
        } else if (format <= 0x9f) {
            return array(format & 0x0f, depth, start);
        } else if (format <= 0xbf) {
            return text(format & 0x1f, start);
        } else if (format >= 0xe0) {
            return (long) (byte) format;
        }
        return switch (format) {
            case 0xc0 -> NullValue.NULL_VALUE;
            case 0xc2 -> false;
            case 0xc3 -> true;
            case 0xc4 -> take(unsigned(1, start), start);
            case 0xc5 -> take(unsigned(2, start), start);
            case 0xc6 -> take(unsigned(4, start), start);
            case 0xc7 -> extension(unsigned(1, start), start);
            case 0xc8 -> extension(unsigned(2, start), start);
            case 0xc9 -> extension(unsigned(4, start), start);
            case 0xca -> number(BytesNumber.F32BE, 4, start);
            case 0xcb -> number(BytesNumber.F64BE, 8, start);
            case 0xcc -> unsigned(1, start);
            case 0xcd -> unsigned(2, start);
            case 0xce -> unsigned(4, start);
            case 0xcf -> unsigned64(start);
            case 0xd0 -> number(BytesNumber.I8, 1, start);
            case 0xd1 -> number(BytesNumber.I16BE, 2, start);
            case 0xd2 -> number(BytesNumber.I32BE, 4, start);
            case 0xd3 -> number(BytesNumber.I64BE, 8, start);
            case 0xd4 -> extension(1, start);
            case 0xd5 -> extension(2, start);
            case 0xd6 -> extension(4, start);
            case 0xd7 -> extension(8, start);
            case 0xd8 -> extension(16, start);
            case 0xd9 -> text(unsigned(1, start), start);
            case 0xda -> text(unsigned(2, start), start);
            case 0xdb -> text(unsigned(4, start), start);
            case 0xdc -> array(unsigned(2, start), depth, start);
            case 0xdd -> array(unsigned(4, start), depth, start);
            case 0xde -> map(unsigned(2, start), depth, start);
            case 0xdf -> map(unsigned(4, start), depth, start);
            default -> throw bad("the byte 0xc1 begins no value", start);
        };
    }

    private long unsigned(int size, int start) {
        int at = advance(size, start);
        return BytesNumber.bigEndian(bytes, at, size);
    }

    private Object unsigned64(int start) {
        long number = unsigned(Long.BYTES, start);
        return number >= 0 ? (Object) number : UnsignedLong.fromLongBits(number);
    }

    private Object number(BytesNumber number, int size, int start) {
        return number.read(document, advance(size, start));
    }

    /** Passes over bytes of the value that begins at {@code start}; returns where they are. */
    private int advance(long size, int start) {
        if (size > bytes.length - offset) {
            throw bad(
                    "a value goes beyond the " + BytesRange.count(bytes.length) + " there are",
                    start);
        }
        int at = offset;
        offset += (int) size;
        return at;
    }

    private CelByteString take(long length, int start) {
        int at = advance(length, start);
        return CelByteString.of(Arrays.copyOfRange(bytes, at, offset));
    }

    private String text(long length, int start) {
        int at = advance(length, start);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, offset - at))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad("a string is not UTF-8", start);
        }
    }

    private List<Object> array(long length, int depth, int start) {
        checkContents(length, depth, start);
        // Not of the announced size: nested ones could announce the rest of the document each.
        List<Object> array = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            array.add(value(depth + 1));
        }
        return array;
    }

    private DecodedObject map(long length, int depth, int start) {
        checkContents(2 * length, depth, start);
        DecodedObject map = new DecodedObject((int) Math.min(length, 8));
        for (long i = 0; i < length; i++) {
            int at = offset;
            Object key = value(depth + 1);
            if (!(key instanceof String) && !(key instanceof Long || key instanceof UnsignedLong)) {
                throw bad("a key is neither a string nor an integer", at);
            }
            map.set(key.toString(), value(depth + 1));
        }
        return map;
    }

    private void checkContents(long values, int depth, int start) {
        if (values > bytes.length - offset) {
            throw bad(
                    "a length of "
                            + values
                            + " values goes beyond the "
                            + BytesRange.count(bytes.length)
                            + " there are",
                    start);
        }
        if (depth > MAXIMUM_DEPTH) {
            throw bad("the document nests deeper than " + MAXIMUM_DEPTH + " levels", start);
        }
    }

    private Object extension(long length, int start) {
        long type = (Long) number(BytesNumber.I8, 1, start);
        CelByteString data = take(length, start);
        if (type == EXTENSION_TIMESTAMP) {
            return timestamp(data, start);
        }
        DecodedObject extension = new DecodedObject(2);
        extension.set("type", type);
        extension.set("data", data);
        return extension;
    }

    private static Instant timestamp(CelByteString data, int start) {
        byte[] content = BytesContents.of(data);
        long seconds;
        long nanos;
        switch (content.length) {
            case 4 -> {
                seconds = BytesNumber.bigEndian(content, 0, 4);
                nanos = 0;
            }
            case 8 -> {
                long both = BytesNumber.bigEndian(content, 0, 8);
                seconds = both & (1L << BITS_OF_SECONDS_BESIDE_NANOS) - 1;
                nanos = both >>> BITS_OF_SECONDS_BESIDE_NANOS;
            }
            case 12 -> {
                nanos = BytesNumber.bigEndian(content, 0, 4);
                seconds = BytesNumber.bigEndian(content, 4, 8);
            }
            default -> throw bad("a timestamp has 4, 8 or 12 bytes, not " + content.length, start);
        }
        if (nanos > MOST_NANOS) {
            throw bad("a timestamp has " + nanos + " nanoseconds", start);
        }
        try {
            return EpochTime.checked(Instant.ofEpochSecond(seconds, nanos));
        } catch (DateTimeException e) {
            throw bad("a timestamp is not in the years 1 to 9999", start);
        }
    }

    private static CelBadFormatException bad(String what, int offset) {
        return new CelBadFormatException(FUNCTION + ": " + what + ", at offset " + offset);
    }
}
