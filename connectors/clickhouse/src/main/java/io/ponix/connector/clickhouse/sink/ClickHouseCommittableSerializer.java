package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The state format of a batch. Version 3, numbers with the big end first, strings in Java's
 * modified UTF-8 after a 16-bit length:
 *
 * <pre>
 * byte    block format (1 = RowBinary)
 * byte    compression of the payload (1 = LZ4 frame)
 * string  token, database, table
 * int     number of columns, then per column: string name, string type
 * int     number of witness columns, then per column: string name
 * int     number of partitions, then per partition: long partition, int number of its rows
 * long    created at, milliseconds since 1970
 * long    checkpoint the writer was restored from, or -1
 * int     number of rows
 * int     bytes of the unpacked payload
 * int     bytes of the row lengths, then these: one unsigned LEB128 per row
 * int     bytes of the bundles, then these: see {@link Bundles}
 * int     bytes of the payload, then these
 * </pre>
 *
 * <p>Version 2 had no bundles, and version 1 one partition, {@code long partition}, in place of
 * their number and list.
 */
final class ClickHouseCommittableSerializer
        implements SimpleVersionedSerializer<ClickHouseCommittable> {

    static final int VERSION_1 = 1;
    static final int VERSION_2 = 2;
    static final int VERSION_3 = 3;

    private static final int COMPRESSION_LZ4_FRAME = 1;
    private static final int ROOM_FOR_HEADER = 1024;

    @Override
    public int getVersion() {
        return VERSION_3;
    }

    @Override
    public byte[] serialize(ClickHouseCommittable batch) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(ROOM_FOR_HEADER);
        out.writeByte(batch.format().tag());
        out.writeByte(COMPRESSION_LZ4_FRAME);
        out.writeUTF(batch.token());
        out.writeUTF(batch.database());
        out.writeUTF(batch.table());
        out.writeInt(batch.columns().size());
        for (ClickHouseColumn column : batch.columns()) {
            out.writeUTF(column.name());
            out.writeUTF(column.type().name());
        }
        out.writeInt(batch.witnessColumns().size());
        for (String column : batch.witnessColumns()) {
            out.writeUTF(column);
        }
        out.writeInt(batch.partitions().size());
        for (PartitionRows rows : batch.partitions()) {
            out.writeLong(rows.partition());
            out.writeInt(rows.count());
        }
        out.writeLong(batch.createdAtMillis());
        out.writeLong(batch.writerRestoredFrom());
        out.writeInt(batch.rowCount());
        out.writeInt(batch.uncompressedSize());
        // Every checkpoint writes all batches that wait, of megabytes each: into an array of the
        // right size, which is not copied once more.
        byte[] rowLengths = batch.rowLengths();
        byte[] bundles = batch.bundles().bytes();
        byte[] payload = batch.payload();
        ByteBuffer serialized =
                ByteBuffer.allocate(
                        out.length()
                                + Integer.BYTES
                                + rowLengths.length
                                + Integer.BYTES
                                + bundles.length
                                + Integer.BYTES
                                + payload.length);
        serialized.put(out.getSharedBuffer(), 0, out.length());
        serialized.putInt(rowLengths.length).put(rowLengths);
        serialized.putInt(bundles.length).put(bundles);
        serialized.putInt(payload.length).put(payload);
        return serialized.array();
    }

    @Override
    public ClickHouseCommittable deserialize(int version, byte[] serialized) throws IOException {
        return switch (version) {
            case VERSION_1, VERSION_2, VERSION_3 ->
                    read(version, new DataInputDeserializer(serialized));
            default ->
                    throw new IOException(
                            "Unknown version "
                                    + version
                                    + " of a ClickHouse batch in state; this connector reads"
                                    + " up to version "
                                    + VERSION_3
                                    + ". The state was written by a newer version: upgrade the"
                                    + " connector.");
        };
    }

    private static ClickHouseCommittable read(int version, DataInputDeserializer in)
            throws IOException {
        BlockFormat format = BlockFormat.ofTag(in.readUnsignedByte());
        int compression = in.readUnsignedByte();
        if (compression != COMPRESSION_LZ4_FRAME) {
            throw new IOException("Unknown compression " + compression + " of a batch in state");
        }
        String token = in.readUTF();
        String database = in.readUTF();
        String table = in.readUTF();
        int columnCount = in.readInt();
        List<ClickHouseColumn> columns = new ArrayList<>();
        for (int i = 0; i < columnCount; i++) {
            columns.add(ClickHouseColumn.of(in.readUTF(), in.readUTF()));
        }
        int witnessCount = in.readInt();
        List<String> witnessColumns = new ArrayList<>();
        for (int i = 0; i < witnessCount; i++) {
            witnessColumns.add(in.readUTF());
        }
        List<PartitionRows> partitions = new ArrayList<>();
        long onlyPartition = 0;
        if (version == VERSION_1) {
            onlyPartition = in.readLong();
        } else {
            int partitionCount = in.readInt();
            for (int i = 0; i < partitionCount; i++) {
                partitions.add(new PartitionRows(in.readLong(), in.readInt()));
            }
        }
        long createdAtMillis = in.readLong();
        long writerRestoredFrom = in.readLong();
        int rowCount = in.readInt();
        if (version == VERSION_1) {
            partitions.add(new PartitionRows(onlyPartition, rowCount));
        }
        int uncompressedSize = in.readInt();
        byte[] rowLengths = new byte[in.readInt()];
        in.readFully(rowLengths);
        Bundles bundles = Bundles.NONE;
        if (version >= VERSION_3) {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            bundles = new Bundles(bytes);
        }
        byte[] payload = new byte[in.readInt()];
        in.readFully(payload);
        return new ClickHouseCommittable(
                format,
                token,
                database,
                table,
                List.copyOf(columns),
                List.copyOf(witnessColumns),
                List.copyOf(partitions),
                createdAtMillis,
                writerRestoredFrom,
                rowCount,
                uncompressedSize,
                rowLengths,
                bundles,
                payload);
    }
}
