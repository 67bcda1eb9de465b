package io.ponix.jobs.envelope.poison;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Protobuf written field by field, also wrongly. */
final class WireBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A field's number and wire type. */
    WireBytes tag(int field, int wireType) {
        return rawVarint((long) field << 3 | wireType);
    }

    /** A field with a number. */
    WireBytes varint(int field, long value) {
        return tag(field, 0).rawVarint(value);
    }

    /** A field with its length in front. */
    WireBytes bytes(int field, byte[] value) {
        return tag(field, 2).rawVarint(value.length).raw(value);
    }

    WireBytes text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    WireBytes message(int field, WireBytes value) {
        return bytes(field, value.toByteArray());
    }

    WireBytes rawVarint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    WireBytes raw(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    byte[] after(byte[] first) {
        return new WireBytes().raw(first).raw(toByteArray()).toByteArray();
    }
}
