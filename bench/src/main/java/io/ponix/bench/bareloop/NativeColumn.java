package io.ponix.bench.bareloop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A column of a {@link NativeBlock}: its name, its type, and the values of all rows. */
final class NativeColumn {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LONGEST_LENGTH = 5;

    private byte[] bytes = new byte[1 << 16];
    private int size;

    /**
     * @param name as in the table
     * @param type as ClickHouse writes it
     */
    static NativeColumn of(String name, String type) {
        NativeColumn column = new NativeColumn();
        column.addString(name);
        column.addString(type);
        return column;
    }

    /** A fixed-width value of 64 bits. */
    void addLong(long value) {
        reserve(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
    }

    /** A string. */
    void addString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        addString(utf8, utf8.length);
    }

    /** A string that is the beginning of an array. */
    void addString(byte[] utf8, int length) {
        reserve(LONGEST_LENGTH + length);
        addVarUInt(length);
        System.arraycopy(utf8, 0, bytes, size, length);
        size += length;
    }

    /** A number in as many bytes as it needs. */
    void addVarUInt(int value) {
        reserve(LONGEST_LENGTH);
        int rest = value;
        while (rest > 0x7f) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    int size() {
        return size;
    }

    /** Forgets what was added after the first bytes. */
    void truncate(int newSize) {
        size = newSize;
    }

    /** Copies the column; returns where it ends. */
    int copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, size);
        return offset + size;
    }

    private void reserve(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
        }
    }
}
