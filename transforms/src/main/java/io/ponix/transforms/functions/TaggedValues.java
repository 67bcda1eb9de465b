package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes payloads apart that say themselves which values they hold. The result maps what tells a
 * value from the others to its bytes, in the order of the payload.
 *
 * <p>Numbers that say so, tags and lengths, are unsigned and big-endian. A payload that ends inside
 * of a tag, a length or a value is an error. Of several values with the same tag the last one
 * counts.
 */
final class TaggedValues {
    private static final int LARGEST_NUMBER = 4;

    private TaggedValues() {}

    /**
     * {@code tlv(tagSize, {tag: length})}: a tag of {@code tagSize} bytes (1 to 4), then a value
     * whose length the table gives, and so on. What follows an unknown tag cannot be told apart:
     * there the result ends.
     */
    static Object tlv(Object[] arguments) {
        CelByteString value = (CelByteString) arguments[0];
        byte[] bytes = BytesContents.of(value);
        int tagSize = size("tlv", "tagSize", (Long) arguments[1]);
        Map<?, ?> lengths = (Map<?, ?>) arguments[2];
        checkTable(tagSize, lengths);

        Map<Long, CelByteString> values = new LinkedHashMap<>();
        int offset = 0;
        while (offset < bytes.length) {
            BytesRange.check("tlv", offset, tagSize, bytes.length);
            long tag = BytesNumber.bigEndian(bytes, offset, tagSize);
            Object length = lengths.get(tag);
            if (length == null) {
                break;
            }
            offset = take("tlv", tag, bytes, offset + tagSize, (Long) length, values);
        }
        return values;
    }

    /**
     * A table that cannot mean anything is a mistake that would else look like an empty payload.
     */
    private static void checkTable(int tagSize, Map<?, ?> lengths) {
        long largest = (1L << 8 * tagSize) - 1;
        for (Map.Entry<?, ?> entry : lengths.entrySet()) {
            if (!(entry.getKey() instanceof Long) || !(entry.getValue() instanceof Long)) {
                throw new CelInvalidArgumentException(
                        "tlv: the table maps a tag, an int, to the length of its value, an int");
            }
            long tag = (Long) entry.getKey();
            if (tag < 0 || tag > largest) {
                throw new CelInvalidArgumentException(
                        "tlv: tag "
                                + hexadecimal(tag)
                                + " of the table does not fit into a tagSize of "
                                + BytesRange.count(tagSize));
            }
            long length = (Long) entry.getValue();
            if (length < 0) {
                throw new CelInvalidArgumentException(
                        "tlv: tag " + hexadecimal(tag) + " of the table has the length " + length);
            }
        }
    }

    /**
     * {@code ltv(lengthSize, tagSize)}: a length of {@code lengthSize} bytes (1 to 4) that counts
     * the bytes of tag and value, then a tag of {@code tagSize} bytes (1 to 4), then the value, and
     * so on to the end.
     */
    static Object ltv(Object[] arguments) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        int lengthSize = size("ltv", "lengthSize", (Long) arguments[1]);
        int tagSize = size("ltv", "tagSize", (Long) arguments[2]);

        Map<Long, CelByteString> values = new LinkedHashMap<>();
        int offset = 0;
        while (offset < bytes.length) {
            BytesRange.check("ltv", offset, lengthSize, bytes.length);
            long length = BytesNumber.bigEndian(bytes, offset, lengthSize);
            if (length < tagSize) {
                throw new CelInvalidArgumentException(
                        "ltv: the length at offset "
                                + offset
                                + " is "
                                + length
                                + ", less than the tagSize of "
                                + BytesRange.count(tagSize)
                                + " that it counts");
            }
            offset += lengthSize;
            BytesRange.check("ltv", offset, tagSize, bytes.length);
            long tag = BytesNumber.bigEndian(bytes, offset, tagSize);
            offset = take("ltv", tag, bytes, offset + tagSize, length - tagSize, values);
        }
        return values;
    }

    /**
     * {@code sections(flags, [sizes])}: bit {@code i} of {@code flags}, 0 the lowest, says that a
     * section of {@code sizes[i]} bytes is present; those present follow one another from the first
     * byte on. The key of a section is {@code i}. Bits for which there is no size, and bytes after
     * the last section, are left alone.
     */
    static Object sections(Object[] arguments) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        long flags = (Long) arguments[1];
        List<?> sizes = (List<?>) arguments[2];
        if (flags < 0) {
            throw new CelInvalidArgumentException(
                    "sections: the flags are " + flags + ", at least 0 needed");
        }
        Map<Long, CelByteString> sections = new LinkedHashMap<>();
        int offset = 0;
        for (int i = 0; i < Math.min(sizes.size(), Long.SIZE); i++) {
            if ((flags >> i & 1) == 0) {
                continue;
            }
            if (!(sizes.get(i) instanceof Long)) {
                throw new CelInvalidArgumentException("sections: a size is an int");
            }
            long size = (Long) sizes.get(i);
            if (size < 0) {
                throw new CelInvalidArgumentException(
                        "sections: the size of section " + i + " is " + size);
            }
            if (size > bytes.length - offset) {
                throw truncated("sections", "section " + i, offset, size, bytes.length);
            }
            sections.put((long) i, part(bytes, offset, (int) size));
            offset += (int) size;
        }
        return sections;
    }

    /** Takes the value of a tag and returns the offset after it. */
    private static int take(
            String function,
            long tag,
            byte[] bytes,
            int offset,
            long length,
            Map<Long, CelByteString> values) {
        if (length > bytes.length - offset) {
            throw truncated(
                    function, "the value of tag " + hexadecimal(tag), offset, length, bytes.length);
        }
        values.put(tag, part(bytes, offset, (int) length));
        return offset + (int) length;
    }

    private static CelByteString part(byte[] bytes, int offset, int length) {
        return CelByteString.of(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    private static CelInvalidArgumentException truncated(
            String function, String what, int offset, long size, int available) {
        return new CelInvalidArgumentException(
                function
                        + ": "
                        + what
                        + " takes "
                        + BytesRange.count(size)
                        + " at offset "
                        + offset
                        + ", outside of the "
                        + BytesRange.count(available)
                        + " there are");
    }

    private static int size(String function, String name, long size) {
        if (size < 1 || size > LARGEST_NUMBER) {
            throw new CelInvalidArgumentException(
                    function + ": " + name + " is " + size + ", not 1 to " + LARGEST_NUMBER);
        }
        return (int) size;
    }

    /** As payloads are documented: 0x03, 0x0367. */
    private static String hexadecimal(long tag) {
        if (tag < 0) {
            return String.valueOf(tag);
        }
        String digits = Long.toHexString(tag);
        return (digits.length() % 2 == 0 ? "0x" : "0x0") + digits;
    }
}
