package io.ponix.jobs.serialization;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * How this job writes byte arrays and strings into Flink's data views: a four-byte big-endian
 * length, then the bytes; strings as UTF-8. ({@link DataOutputView#writeUTF} ends at 64 KiB, and a
 * transform or an error message may be longer.)
 */
public final class DataViews {

    /** The length that stands for an absent value. */
    private static final int ABSENT = -1;

    private DataViews() {}

    /** Writes the whole array. */
    public static void writeBytes(byte[] bytes, DataOutputView target) throws IOException {
        writeBytes(bytes, 0, bytes.length, target);
    }

    /** Writes a range of an array. */
    public static void writeBytes(byte[] bytes, int offset, int length, DataOutputView target)
            throws IOException {
        target.writeInt(length);
        target.write(bytes, offset, length);
    }

    /** Reads what {@link #writeBytes} wrote. */
    public static byte[] readBytes(DataInputView source) throws IOException {
        return readBytes(source.readInt(), source);
    }

    /** Writes a string; {@code null} is kept apart from the empty string. */
    public static void writeString(String string, DataOutputView target) throws IOException {
        if (string == null) {
            target.writeInt(ABSENT);
        } else {
            writeBytes(string.getBytes(StandardCharsets.UTF_8), target);
        }
    }

    /** Reads what {@link #writeString} wrote; may be {@code null}. */
    public static String readString(DataInputView source) throws IOException {
        int length = source.readInt();
        return length == ABSENT
                ? null
                : new String(readBytes(length, source), StandardCharsets.UTF_8);
    }

    private static byte[] readBytes(int length, DataInputView source) throws IOException {
        if (length < 0) {
            throw new IOException("Damaged state: a length of " + length);
        }
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        return bytes;
    }
}
