package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import io.ponix.transforms.budget.WorkMeter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes payloads apart that say themselves which values they hold. The result maps what tells a
 * value from the others to its bytes, in the order of the payload, or lists both.
 *
 * <p>Numbers that say so, tags and lengths, are unsigned and big-endian. A payload that ends inside
 * of a tag, a length or a value is an error. So is a tag that comes twice, where a map is to be
 * made and nobody says which of its values counts.
 */
final class TaggedValues {
    private static final int LARGEST_NUMBER = 4;

    private static final String TLV = "tlv";
    private static final String LTV = "ltv";
    private static final String TLV_LIST = "tlv_list";
    private static final String LTV_LIST = "ltv_list";

    private TaggedValues() {}

    /** Takes what is found, in the order of the payload. */
    private interface Found {
        /**
         * @param offset where the tag begins
         */
        void add(long tag, int offset, CelByteString value);
    }

    /** Which value of a tag counts that comes more than once. */
    private enum Repeated {
        REFUSED,
        FIRST,
        LAST;

        static Repeated named(String function, Object name) {
            if (name.equals("first")) {
                return FIRST;
            } else if (name.equals("last")) {
                return LAST;
            }
            throw new CelInvalidArgumentException(
                    function
                            + ": of a tag that comes twice the \"first\" or the \"last\" value"
                            + " counts, and no other text says so");
        }
    }

    /**
     * {@code tlv(tagSize, {tag: length}[, repeated])}: a tag of {@code tagSize} bytes (1 to 4),
     * then a value whose length the table gives, and so on. What follows an unknown tag cannot be
     * told apart: there the result ends.
     */
    static Object tlv(Object[] arguments) {
        Repeated repeated =
                arguments.length < 4 ? Repeated.REFUSED : Repeated.named(TLV, arguments[3]);
        Map<Long, CelByteString> values = new LinkedHashMap<>();
        readTlv(TLV, arguments, intoMap(TLV, "tagSize, table", repeated, values));
        return values;
    }

    /** {@code tlv_list(tagSize, {tag: length})}: the same as a list, in which tags may repeat. */
    static Object tlvList(Object[] arguments) {
        List<Object> records = new ArrayList<>();
        readTlv(TLV_LIST, arguments, intoList(records));
        return records;
    }

    private static void readTlv(String function, Object[] arguments, Found found) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        int tagSize = size(function, "tagSize", (Long) arguments[1]);
        Map<?, ?> lengths = (Map<?, ?>) arguments[2];
        checkTable(function, tagSize, lengths);

        int offset = 0;
        while (offset < bytes.length) {
            BytesRange.check(function, offset, tagSize, bytes.length);
            long tag = BytesNumber.bigEndian(bytes, offset, tagSize);
            Object length = lengths.get(tag);
            if (length == null) {
                break;
            }
            int at = offset + tagSize;
            CelByteString value = part(function, tag, bytes, at, (Long) length);
            found.add(tag, offset, value);
            offset = at + value.size();
        }
    }

    /**
     * A table that cannot mean anything is a mistake that would else look like an empty payload.
     */
    private static void checkTable(String function, int tagSize, Map<?, ?> lengths) {
        long largest = (1L << 8 * tagSize) - 1;
        for (Map.Entry<?, ?> entry : lengths.entrySet()) {
            if (!(entry.getKey() instanceof Long) || !(entry.getValue() instanceof Long)) {
                throw new CelInvalidArgumentException(
                        function
                                + ": the table maps a tag, an int, to the length of its value, an"
                                + " int");
            }
            long tag = (Long) entry.getKey();
            if (tag < 0 || tag > largest) {
                throw new CelInvalidArgumentException(
                        function
                                + ": tag "
                                + hexadecimal(tag)
                                + " of the table does not fit into a tagSize of "
                                + BytesRange.count(tagSize));
            }
            long length = (Long) entry.getValue();
            if (length < 0) {
                throw new CelInvalidArgumentException(
                        function
                                + ": tag "
                                + hexadecimal(tag)
                                + " of the table has the length "
                                + length);
            }
        }
    }

    /**
     * {@code ltv(lengthSize, tagSize[, repeated])}: a length of {@code lengthSize} bytes (1 to 4)
     * that counts the bytes of tag and value, then a tag of {@code tagSize} bytes (1 to 4), then
     * the value, and so on to the end.
     */
    static Object ltv(Object[] arguments) {
        Repeated repeated =
                arguments.length < 4 ? Repeated.REFUSED : Repeated.named(LTV, arguments[3]);
        Map<Long, CelByteString> values = new LinkedHashMap<>();
        readLtv(LTV, arguments, intoMap(LTV, "lengthSize, tagSize", repeated, values));
        return values;
    }

    /** {@code ltv_list(lengthSize, tagSize)}: the same as a list, in which tags may repeat. */
    static Object ltvList(Object[] arguments) {
        List<Object> records = new ArrayList<>();
        readLtv(LTV_LIST, arguments, intoList(records));
        return records;
    }

    private static void readLtv(String function, Object[] arguments, Found found) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        int lengthSize = size(function, "lengthSize", (Long) arguments[1]);
        int tagSize = size(function, "tagSize", (Long) arguments[2]);

        int offset = 0;
        while (offset < bytes.length) {
            BytesRange.check(function, offset, lengthSize, bytes.length);
            long length = BytesNumber.bigEndian(bytes, offset, lengthSize);
            if (length < tagSize) {
                throw new CelInvalidArgumentException(
                        function
                                + ": the length at offset "
                                + offset
                                + " is "
                                + length
                                + ", less than the tagSize of "
                                + BytesRange.count(tagSize)
                                + " that it counts");
            }
            offset += lengthSize;
            BytesRange.check(function, offset, tagSize, bytes.length);
            long tag = BytesNumber.bigEndian(bytes, offset, tagSize);
            int at = offset + tagSize;
            CelByteString value = part(function, tag, bytes, at, length - tagSize);
            found.add(tag, offset, value);
            offset = at + value.size();
        }
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
            sections.put((long) i, part("sections", "section " + i, bytes, offset, size));
            offset += (int) size;
        }
        return sections;
    }

    /**
     * @param options what the function takes besides, for the message of what to write instead
     */
    private static Found intoMap(
            String function, String options, Repeated repeated, Map<Long, CelByteString> values) {
        return (tag, offset, value) -> {
            if (repeated == Repeated.LAST || !values.containsKey(tag)) {
                values.put(tag, value);
            } else if (repeated == Repeated.REFUSED) {
                throw new CelInvalidArgumentException(
                        function
                                + ": tag "
                                + hexadecimal(tag)
                                + " comes twice, again at offset "
                                + offset
                                + ": write "
                                + function
                                + "_list for a list of all values, or "
                                + function
                                + "("
                                + options
                                + ", \"last\") for the last value of each tag");
            }
        };
    }

    private static Found intoList(List<Object> records) {
        return (tag, offset, value) -> records.add(taggedRecord(tag, value));
    }

    /** {@code {"tag": tag, "value": value}}; charges the evaluation for it. */
    static DecodedObject taggedRecord(long tag, CelByteString value) {
        WorkMeter.chargeCurrent(2L * WorkMeter.UNITS_PER_ELEMENT + value.size());
        DecodedObject taggedRecord = new DecodedObject(2);
        taggedRecord.set("tag", tag);
        taggedRecord.set("value", value);
        return taggedRecord;
    }

    /**
     * The value of a tag.
     *
     * @throws CelInvalidArgumentException if the length is negative or goes beyond the bytes
     */
    static CelByteString part(String function, long tag, byte[] bytes, int offset, long length) {
        return part(function, "the value of tag " + hexadecimal(tag), bytes, offset, length);
    }

    private static CelByteString part(
            String function, String what, byte[] bytes, int offset, long length) {
        if (length < 0) {
            throw new CelInvalidArgumentException(
                    function
                            + ": the length of "
                            + what
                            + " at offset "
                            + offset
                            + " is "
                            + length);
        }
        if (length > bytes.length - offset) {
            throw new CelInvalidArgumentException(
                    function
                            + ": "
                            + what
                            + " takes "
                            + BytesRange.count(length)
                            + " at offset "
                            + offset
                            + ", outside of the "
                            + BytesRange.count(bytes.length)
                            + " there are");
        }
        return CelByteString.of(Arrays.copyOfRange(bytes, offset, offset + (int) length));
    }

    /** A size of a number in bytes, 1 to 4. */
    static int size(String function, String name, long size) {
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
