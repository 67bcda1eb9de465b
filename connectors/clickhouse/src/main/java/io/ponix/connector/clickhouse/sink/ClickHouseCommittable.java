package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.IOException;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A closed batch: rows of one table, compressed, with the token under which ClickHouse takes them
 * at most once. It holds everything an insert needs, so that a batch from a savepoint is inserted
 * as it was written even if the job's columns have changed since.
 *
 * <p>Most batches are of one partition; partitions with few rows may share one ({@link
 * BatchBuffer}). ClickHouse stores the rows of each partition as a whole, and recognises a repeat
 * by partition and token.
 */
@Internal
public final class ClickHouseCommittable {

    /** {@link #writerRestoredFrom} of a writer that started without state. */
    static final long NOT_RESTORED = -1;

    private final BlockFormat format;
    private final String token;
    private final String database;
    private final String table;
    private final List<ClickHouseColumn> columns;
    private final List<String> witnessColumns;
    private final List<PartitionRows> partitions;
    private final long createdAtMillis;
    private final long writerRestoredFrom;
    private final int rowCount;
    private final int uncompressedSize;
    private final byte[] rowLengths;
    private final Bundles bundles;
    private final byte[] payload;

    /**
     * A batch from its parts; arrays are not copied.
     *
     * @param format the format of the unpacked payload
     * @param token {@code insert_deduplication_token}: the same token always means the same rows
     * @param database the table's database
     * @param table the table
     * @param columns the columns of every row
     * @param witnessColumns columns that together identify a row
     * @param partitions how many rows are of which partition, in the order of the rows
     * @param createdAtMillis the writer's wall clock when the batch was closed
     * @param writerRestoredFrom the checkpoint from which the writer's attempt started, or {@link
     *     #NOT_RESTORED}
     * @param rowCount number of rows
     * @param uncompressedSize bytes of the unpacked payload
     * @param rowLengths the bytes of each row as unsigned LEB128, for bisection
     * @param bundles which rows are of one record
     * @param payload the rows as an LZ4 frame
     */
    ClickHouseCommittable(
            BlockFormat format,
            String token,
            String database,
            String table,
            List<ClickHouseColumn> columns,
            List<String> witnessColumns,
            List<PartitionRows> partitions,
            long createdAtMillis,
            long writerRestoredFrom,
            int rowCount,
            int uncompressedSize,
            byte[] rowLengths,
            Bundles bundles,
            byte[] payload) {
        this.format = format;
        this.token = token;
        this.database = database;
        this.table = table;
        this.columns = columns;
        this.witnessColumns = witnessColumns;
        this.partitions = partitions;
        this.createdAtMillis = createdAtMillis;
        this.writerRestoredFrom = writerRestoredFrom;
        this.rowCount = rowCount;
        this.uncompressedSize = uncompressedSize;
        this.rowLengths = rowLengths;
        this.bundles = bundles;
        this.payload = payload;
    }

    BlockFormat format() {
        return format;
    }

    String token() {
        return token;
    }

    String database() {
        return database;
    }

    String table() {
        return table;
    }

    List<ClickHouseColumn> columns() {
        return columns;
    }

    List<String> witnessColumns() {
        return witnessColumns;
    }

    List<PartitionRows> partitions() {
        return partitions;
    }

    long createdAtMillis() {
        return createdAtMillis;
    }

    long writerRestoredFrom() {
        return writerRestoredFrom;
    }

    int rowCount() {
        return rowCount;
    }

    int uncompressedSize() {
        return uncompressedSize;
    }

    byte[] rowLengths() {
        return rowLengths;
    }

    Bundles bundles() {
        return bundles;
    }

    byte[] payload() {
        return payload;
    }

    /** Bytes this batch holds in memory, up to a small constant. */
    int sizeInMemory() {
        return payload.length + rowLengths.length + bundles.bytes().length;
    }

    /** Unpacks the payload. */
    byte[] rows() throws IOException {
        return Lz4Frames.decompress(payload, uncompressedSize);
    }

    /** Where each row of the unpacked payload starts, and at the last index where it ends. */
    int[] rowOffsets() throws IOException {
        int[] offsets = new int[rowCount + 1];
        int at = 0;
        for (int row = 0; row < rowCount; row++) {
            int length = 0;
            int shift = 0;
            byte next;
            do {
                if (at == rowLengths.length || shift > 28) {
                    throw damaged();
                }
                next = rowLengths[at++];
                length |= (next & 0x7f) << shift;
                shift += 7;
            } while (next < 0);
            offsets[row + 1] = offsets[row] + length;
        }
        if (at != rowLengths.length || offsets[rowCount] != uncompressedSize) {
            throw damaged();
        }
        return offsets;
    }

    /** The number of the row behind each partition's last one. */
    int[] partitionEnds() {
        int[] ends = new int[partitions.size()];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += partitions.get(i).count();
            ends[i] = end;
        }
        return ends;
    }

    private IOException damaged() {
        return new IOException(
                "A batch in state is damaged: its row lengths do not add up: " + this);
    }

    /** Without rows, which may be private. */
    @Override
    public String toString() {
        return "ClickHouseCommittable{table="
                + database
                + "."
                + table
                + (partitions.size() == 1
                        ? ", partition=" + partitions.get(0).partition()
                        : ", partitions=" + partitions.size())
                + ", rows="
                + rowCount
                + ", bytes="
                + payload.length
                + ", token="
                + token
                + "}";
    }
}
