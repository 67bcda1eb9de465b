package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.serialization.SerializedType;
import io.ponix.transforms.JsonBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What an envelope became: rows of {@code processed_envelopes}, most often one. Mutable, because
 * the operator fills the same one for every envelope: whoever receives it encodes it at once and
 * keeps nothing of it.
 */
public final class EnvelopeRows {

    /** How Flink carries it. */
    public static final TypeInformation<EnvelopeRows> TYPE =
            new SerializedType<>(EnvelopeRows.class, EnvelopeRowsSerializer.INSTANCE);

    String organizationId;
    String endDeviceId;
    long processedAt;
    String stream;
    long streamSequence;
    long receivedAt;
    String definitionId = "";
    int contractIndex;
    long transformVersion;
    List<String> warnings = List.of();
    byte[] json;
    int rowsOfEnvelope;
    private int rowCount;
    private int[] indexes = new int[1];
    private long[] occurredAt = new long[1];
    private int[] jsonStarts = new int[1];
    private int[] jsonEnds = new int[1];

    /** How many rows are here; of an envelope that is stored in part, those that are missing. */
    public int rowCount() {
        return rowCount;
    }

    /** How many rows the envelope has. */
    public int rowsOfEnvelope() {
        return rowsOfEnvelope;
    }

    /** The device's organization. */
    public String organizationId() {
        return organizationId;
    }

    /** The device. */
    public String endDeviceId() {
        return endDeviceId;
    }

    /** When the job decoded the envelope, in milliseconds since 1970. */
    public long processedAt() {
        return processedAt;
    }

    /** The JetStream stream the envelope was read from. */
    public String stream() {
        return stream;
    }

    /** The envelope's sequence in its stream. */
    public long streamSequence() {
        return streamSequence;
    }

    /** When JetStream stored the envelope, in milliseconds since 1970. */
    public long receivedAt() {
        return receivedAt;
    }

    /** The definition whose contract gave the rows; empty: the device's own transform. */
    public String definitionId() {
        return definitionId;
    }

    /**
     * Which contract of the definition gave the rows, from 0 to 63; 0 of a device's own transform.
     */
    public int contractIndex() {
        return contractIndex;
    }

    /**
     * The version of the row of the registry that the transform is in: the definition's, or the
     * device's. 0 where it is not known, as in state of before it was kept.
     */
    public long transformVersion() {
        return transformVersion;
    }

    /** What the transform warned of. All rows of an envelope have the same. */
    public List<String> warnings() {
        return warnings;
    }

    /** An array that holds each row's result, a JSON object in UTF-8. */
    public byte[] json() {
        return json;
    }

    /**
     * Which row of the envelope it is, from 0.
     *
     * @param row which of those that are here, from 0
     */
    public int index(int row) {
        return indexes[Objects.checkIndex(row, rowCount)];
    }

    /** When the reading of a row was taken, in milliseconds since 1970; 1970 to 2106. */
    public long occurredAt(int row) {
        return occurredAt[Objects.checkIndex(row, rowCount)];
    }

    /** Where in {@link #json()} a row's result begins. */
    public int jsonStart(int row) {
        return jsonStarts[Objects.checkIndex(row, rowCount)];
    }

    /** How many bytes of {@link #json()} a row's result has. */
    public int jsonLength(int row) {
        return jsonEnds[Objects.checkIndex(row, rowCount)] - jsonStarts[row];
    }

    /** One of the rows that are here; it shares the content with the others. */
    public EnvelopeRows only(int row) {
        EnvelopeRows one = withoutRows();
        one.json = json;
        one.add(index(row), occurredAt[row], jsonStarts[row], jsonEnds[row]);
        return one;
    }

    private EnvelopeRows withoutRows() {
        EnvelopeRows rows = new EnvelopeRows();
        rows.organizationId = organizationId;
        rows.endDeviceId = endDeviceId;
        rows.processedAt = processedAt;
        rows.stream = stream;
        rows.streamSequence = streamSequence;
        rows.receivedAt = receivedAt;
        rows.definitionId = definitionId;
        rows.contractIndex = contractIndex;
        rows.transformVersion = transformVersion;
        rows.warnings = warnings;
        rows.rowsOfEnvelope = rowsOfEnvelope;
        return rows;
    }

    /** Takes over the content of a buffer, without copying it; times are not set by that. */
    void setJson(JsonBuffer buffer) {
        json = buffer.array();
        rowsOfEnvelope = buffer.rowCount();
        clear(rowsOfEnvelope);
        for (int row = 0; row < rowsOfEnvelope; row++) {
            add(row, 0, buffer.rowStart(row), buffer.rowEnd(row));
        }
    }

    void setOccurredAt(int row, long millis) {
        occurredAt[Objects.checkIndex(row, rowCount)] = millis;
    }

    /** Forgets all rows, and has room for as many. */
    void clear(int capacity) {
        rowCount = 0;
        if (capacity > indexes.length) {
            indexes = new int[capacity];
            occurredAt = new long[capacity];
            jsonStarts = new int[capacity];
            jsonEnds = new int[capacity];
        }
    }

    /** Adds a row, of no more than {@link #clear} made room for. */
    void add(int index, long millis, int jsonStart, int jsonEnd) {
        indexes[rowCount] = index;
        occurredAt[rowCount] = millis;
        jsonStarts[rowCount] = jsonStart;
        jsonEnds[rowCount] = jsonEnd;
        rowCount++;
    }

    /** Takes out rows, by their indexes in the envelope. */
    void remove(Collection<Integer> stored) {
        int all = rowCount;
        rowCount = 0;
        for (int row = 0; row < all; row++) {
            if (!stored.contains(indexes[row])) {
                add(indexes[row], occurredAt[row], jsonStarts[row], jsonEnds[row]);
            }
        }
    }

    /** The same rows with arrays of their own. */
    EnvelopeRows copy() {
        EnvelopeRows copy = withoutRows();
        int length = 0;
        for (int row = 0; row < rowCount; row++) {
            length = Math.max(length, jsonEnds[row]);
        }
        copy.json = Arrays.copyOf(json, length);
        copy.clear(rowCount);
        for (int row = 0; row < rowCount; row++) {
            copy.add(indexes[row], occurredAt[row], jsonStarts[row], jsonEnds[row]);
        }
        return copy;
    }

    @Override
    public String toString() {
        return "EnvelopeRows{"
                + rowCount
                + " of "
                + stream
                + ":"
                + streamSequence
                + " of "
                + endDeviceId
                + "}";
    }
}
