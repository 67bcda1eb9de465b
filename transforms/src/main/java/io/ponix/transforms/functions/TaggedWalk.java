package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import java.util.List;
import java.util.Optional;

/**
 * The accumulator of {@code tlv_list} with a length that an expression computes: a place in the
 * bytes, at which a tag begins, and the records before it. It never changes; a round makes another
 * one.
 */
final class TaggedWalk {
    private static final String FUNCTION = "tlv_list";

    private final byte[] bytes;
    private final int tagSize;
    private final int offset;
    private final boolean goesOn;
    private final Chain records;

    private TaggedWalk(byte[] bytes, int tagSize, int offset, boolean goesOn, Chain records) {
        this.bytes = bytes;
        this.tagSize = tagSize;
        this.offset = offset;
        this.goesOn = goesOn;
        this.records = records;
    }

    static TaggedWalk begin(CelByteString value, long tagSize) {
        byte[] bytes = BytesContents.of(value);
        int size = TaggedValues.size(FUNCTION, "tagSize", tagSize);
        return new TaggedWalk(bytes, size, 0, true, Chain.EMPTY).orEnd();
    }

    /** At the end of the bytes it goes on no more; elsewhere a whole tag must be left. */
    private TaggedWalk orEnd() {
        if (offset == bytes.length) {
            return end();
        }
        BytesRange.check(FUNCTION, offset, tagSize, bytes.length);
        return this;
    }

    private TaggedWalk end() {
        return new TaggedWalk(bytes, tagSize, offset, false, records);
    }

    boolean goesOn() {
        return goesOn;
    }

    long tag() {
        return BytesNumber.bigEndian(bytes, offset, tagSize);
    }

    /** The offset of the value of the tag. */
    long at() {
        return offset + tagSize;
    }

    /**
     * After the value of this tag, which has a length.
     *
     * @throws CelInvalidArgumentException if the length is negative or goes beyond the bytes
     */
    TaggedWalk next(long length) {
        int at = offset + tagSize;
        CelByteString value = TaggedValues.part(FUNCTION, tag(), bytes, at, length);
        Chain more = records.with(TaggedValues.taggedRecord(tag(), value));
        return new TaggedWalk(bytes, tagSize, at + value.size(), true, more).orEnd();
    }

    /** The same where a tag may be unknown, which ends the list. */
    TaggedWalk next(Optional<?> length) {
        return length.isPresent() ? next((Long) length.get()) : end();
    }

    List<Object> records() {
        return records.toList();
    }
}
