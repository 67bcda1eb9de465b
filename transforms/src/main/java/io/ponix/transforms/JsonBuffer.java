package io.ponix.transforms;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growable buffer of UTF-8 bytes that a {@link Transform} writes its JSON to, made to be reused
 * from one evaluation to the next: {@link #reset()} keeps the memory.
 *
 * <p>Not thread-safe: one buffer per thread.
 */
public final class JsonBuffer {
    private static final int INITIAL_CAPACITY = 512;

    private final JsonKeys keys = new JsonKeys();
    private byte[] bytes = new byte[INITIAL_CAPACITY];
    private int length;
    private boolean suspicious;

    /** An empty buffer. */
    public JsonBuffer() {}

    /**
     * The backing array, of which the first {@link #length()} bytes are the content. It is the
     * buffer's own and is replaced when the buffer grows: read it after the last write, and copy
     * what must outlive the next write or {@link #reset()}.
     */
    public byte[] array() {
        return bytes;
    }

    /** The number of bytes written since the last {@link #reset()}. */
    public int length() {
        return length;
    }

    /** Forgets the content and keeps the memory. */
    public void reset() {
        length = 0;
    }

    /** A copy of the content. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /** The content as text. */
    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** The keys that were written to this buffer again and again. */
    JsonKeys keys() {
        return keys;
    }

    /** Notes that what was written may be what ClickHouse refuses. */
    void setSuspicious(boolean suspicious) {
        this.suspicious = suspicious;
    }

    boolean isSuspicious() {
        return suspicious;
    }

    /** Takes back everything after the first {@code newLength} bytes. */
    void truncate(int newLength) {
        length = newLength;
    }

    /**
     * Makes room for {@code count} more bytes; the caller writes them to {@link #array()} from
     * {@link #length()} on and then calls {@link #advance}.
     */
    byte[] reserve(int count) {
        int needed = length + count;
        if (needed < 0) {
            throw new OutOfMemoryError("A JSON buffer cannot hold more than 2 GiB");
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length + (bytes.length >> 1)));
        }
        return bytes;
    }

    void advance(int count) {
        length += count;
    }

    void writeByte(char ascii) {
        reserve(1)[length++] = (byte) ascii;
    }

    /** Writes characters of which the caller knows that they are ASCII. */
    @SuppressWarnings("deprecation") // The one bulk copy from a String that allocates nothing.
    void writeAscii(String ascii) {
        int count = ascii.length();
        ascii.getBytes(0, count, reserve(count), length);
        length += count;
    }
}
