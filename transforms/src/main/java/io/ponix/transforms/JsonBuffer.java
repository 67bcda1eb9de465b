package io.ponix.transforms;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A growable buffer of UTF-8 bytes that a {@link Transform} writes its JSON to, made to be reused
 * from one evaluation to the next: {@link #reset()} keeps the memory.
 *
 * <p>Of the latest evaluation it knows the rows: one for an object, and one for each element of a
 * list, {@code [row,row]}. The time that an expression gives a row is not part of its JSON.
 *
 * <p>Not thread-safe: one buffer per thread.
 */
public final class JsonBuffer {
    private static final int INITIAL_CAPACITY = 512;

    private final JsonKeys keys = new JsonKeys();
    private byte[] bytes = new byte[INITIAL_CAPACITY];
    private int length;
    private boolean suspicious;

    private boolean list;
    private int resultStart;
    private int rowCount;
    private int[] rowStarts = new int[1];
    private int[] rowEnds = new int[1];
    private Instant[] rowTimes = new Instant[1];
    private List<String> warnings = List.of();

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
        beginResult(false);
    }

    /** Whether the latest evaluation gave a list, of any length, and not one object. */
    public boolean isList() {
        return list;
    }

    /** How many rows the latest evaluation gave; 0 if it gave an empty list, or failed. */
    public int rowCount() {
        return rowCount;
    }

    /** Where in {@link #array()} the JSON object of a row begins; rows count from 0. */
    public int rowStart(int row) {
        return rowStarts[Objects.checkIndex(row, rowCount)];
    }

    /** Where in {@link #array()} the JSON object of a row ends. */
    public int rowEnd(int row) {
        return rowEnds[Objects.checkIndex(row, rowCount)];
    }

    /**
     * The time that the expression gives a row, or {@code null} if it leaves it to the envelope.
     */
    public Instant rowTime(int row) {
        return rowTimes[Objects.checkIndex(row, rowCount)];
    }

    /**
     * What the latest evaluation noted by {@code warning(text)}, each text once and in that order:
     * at most 17, together of little more than a kilobyte. None if it failed.
     */
    public List<String> warnings() {
        return warnings;
    }

    /** The JSON object of a row as text. */
    public String rowText(int row) {
        int start = rowStart(row);
        return new String(bytes, start, rowEnd(row) - start, StandardCharsets.UTF_8);
    }

    /**
     * What the latest evaluation gave, as the expression has it: an object or a list, and in each
     * object that gives its row a time, this before everything else.
     */
    public String resultText() {
        StringBuilder text = new StringBuilder();
        int from = resultStart;
        for (int row = 0; row < rowCount; row++) {
            if (rowTimes[row] != null) {
                int start = rowStarts[row] + 1;
                text.append(new String(bytes, from, start - from, StandardCharsets.UTF_8))
                        .append('"')
                        .append(Transform.OCCURRED_AT)
                        .append("\":\"")
                        .append(rowTimes[row])
                        .append(rowEnds[row] == start + 1 ? "\"" : "\",");
                from = start;
            }
        }
        return text.append(new String(bytes, from, length - from, StandardCharsets.UTF_8))
                .toString();
    }

    /** The same as {@link #resultText()}, in UTF-8. */
    public byte[] result() {
        return resultText().getBytes(StandardCharsets.UTF_8);
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

    /** Takes back everything after the first {@code newLength} bytes, and the rows. */
    void truncate(int newLength) {
        length = newLength;
        beginResult(false);
    }

    /** What is written from here on is a result: one row, or a list of rows. */
    void beginResult(boolean isList) {
        list = isList;
        resultStart = length;
        rowCount = 0;
        warnings = List.of();
    }

    void setWarnings(List<String> noted) {
        warnings = noted;
    }

    /** Where the latest result begins. */
    int resultStart() {
        return resultStart;
    }

    /** What is written from here to {@link #endRow} is the JSON object of a row. */
    void beginRow() {
        if (rowCount == rowStarts.length) {
            int capacity = rowCount + (rowCount >> 1) + 1;
            rowStarts = Arrays.copyOf(rowStarts, capacity);
            rowEnds = Arrays.copyOf(rowEnds, capacity);
            rowTimes = Arrays.copyOf(rowTimes, capacity);
        }
        rowStarts[rowCount] = length;
        rowTimes[rowCount] = null;
    }

    /** Gives the row that is being written a time of its own. */
    void setRowTime(Instant time) {
        rowTimes[rowCount] = time;
    }

    void endRow() {
        rowEnds[rowCount++] = length;
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
