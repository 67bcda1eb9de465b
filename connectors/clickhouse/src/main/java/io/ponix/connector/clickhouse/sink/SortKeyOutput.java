package io.ponix.connector.clickhouse.sink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Takes the parts of a row's sort key, in the order of the table's {@code ORDER BY}.
 *
 * <p>Parts are laid out so that unsigned comparison of the bytes is comparison of the values: big
 * end first, the sign bit flipped, and strings ended by two zero bytes with a zero byte inside them
 * followed by 0xff. Every row must add the same parts.
 */
@PublicEvolving
public final class SortKeyOutput {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte ZERO_INSIDE = (byte) 0xff;

    private byte[] buffer = new byte[1024];
    private int position;

    /** An empty key. */
    public SortKeyOutput() {}

    /**
     * A signed number: any Int, and the ticks of {@code DateTime64}.
     *
     * @param value the value
     */
    public void addLong(long value) {
        addUnsignedLong(value ^ Long.MIN_VALUE);
    }

    /**
     * An unsigned number: any UInt, {@code Date} and {@code DateTime}.
     *
     * @param value the 64 bits
     */
    public void addUnsignedLong(long value) {
        ensure(Long.BYTES);
        LONG.set(buffer, position, value);
        position += Long.BYTES;
    }

    /**
     * A string, ordered by its UTF-8 bytes as ClickHouse does.
     *
     * @param value the text
     */
    public void addString(String value) {
        int length = value.length();
        ensure(length + 2);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c == 0 || c >= 0x80) {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                addString(bytes, 0, bytes.length);
                return;
            }
            // Not yet part of the key: position moves when the whole string proved to be plain.
            buffer[position + i] = (byte) c;
        }
        position += length;
        endString();
    }

    /**
     * A string from its bytes.
     *
     * @param bytes holds the text
     * @param offset first byte
     * @param length number of bytes
     */
    public void addString(byte[] bytes, int offset, int length) {
        ensure(2 * length + 2);
        for (int i = offset; i < offset + length; i++) {
            buffer[position++] = bytes[i];
            if (bytes[i] == 0) {
                buffer[position++] = ZERO_INSIDE;
            }
        }
        endString();
    }

    private void endString() {
        buffer[position++] = 0;
        buffer[position++] = 0;
    }

    private void ensure(int bytes) {
        if (buffer.length - position < bytes) {
            buffer = Arrays.copyOf(buffer, GrowingArrays.grow(buffer.length, position + bytes));
        }
    }

    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    void reset() {
        truncate(0);
    }

    /** Forgets what was added behind a position. */
    void truncate(int length) {
        position = length;
    }
}
