package io.ponix.connector.clickhouse.sink;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The open batch of a writer: rows are encoded into one buffer as they arrive; closing sorts them,
 * cuts them by partition and compresses each part once.
 *
 * @param <IN> the record's type
 */
final class BatchBuffer<IN> {

    private static final int TOKEN_BYTES = 16;
    private static final int FEW_ROWS = 1024;

    private final ClickHouseRowEncoder<IN> encoder;
    private final TargetTable target;
    private final long writerRestoredFrom;
    private final LongSupplier clock;
    private final byte[] salt;
    private long salted;

    private final RowBinaryOutput rows = new RowBinaryOutput();
    private final SortKeyOutput keys = new SortKeyOutput();
    private int[] rowEnds = new int[FEW_ROWS];
    private int[] keyEnds = new int[FEW_ROWS];
    private long[] partitions = new long[FEW_ROWS];
    private final RowBinaryOutput lengths = new RowBinaryOutput();
    private byte[] sorted = new byte[0];
    private int count;

    /**
     * An empty batch.
     *
     * @param encoder writes the rows
     * @param target where they go
     * @param writerRestoredFrom the checkpoint this attempt started from, or {@link
     *     ClickHouseCommittable#NOT_RESTORED}
     * @param clock milliseconds since 1970
     */
    BatchBuffer(
            ClickHouseRowEncoder<IN> encoder,
            TargetTable target,
            long writerRestoredFrom,
            LongSupplier clock) {
        this.encoder = encoder;
        this.target = target;
        this.writerRestoredFrom = writerRestoredFrom;
        this.clock = clock;
        this.salt = salt(target);
    }

    /**
     * Rows that do not identify themselves may come twice and mean two rows. Equal batches of such
     * rows must not share a token, or ClickHouse would drop the second.
     */
    private static byte[] salt(TargetTable target) {
        byte[] salt = new byte[target.witnessColumns().isEmpty() ? TOKEN_BYTES : 0];
        new SecureRandom().nextBytes(salt);
        return salt;
    }

    /** Encodes a row. */
    void add(IN element) {
        if (count == rowEnds.length) {
            int capacity = GrowingArrays.grow(count, count + 1);
            rowEnds = Arrays.copyOf(rowEnds, capacity);
            keyEnds = Arrays.copyOf(keyEnds, capacity);
            partitions = Arrays.copyOf(partitions, capacity);
        }
        long partition = encoder.partition(element);
        partitions[count] = partition;
        // In front of every key: sorting also brings the rows of a partition together.
        keys.addLong(partition);
        encoder.encodeSortKey(element, keys);
        keyEnds[count] = keys.position();
        encoder.encode(element, rows);
        rowEnds[count] = rows.position();
        count++;
    }

    /** Rows in the batch. */
    int rowCount() {
        return count;
    }

    /** Encoded bytes in the batch. */
    int byteCount() {
        return rows.position();
    }

    /**
     * Ends the batch and starts an empty one.
     *
     * @return one committable per partition, none if there are no rows
     */
    List<ClickHouseCommittable> close() {
        List<ClickHouseCommittable> batches = new ArrayList<>();
        if (count > 0) {
            RowBinaryValues.check(target.columns(), rows.buffer(), 0, rowEnds[0]);
            int[] order = RowOrder.sort(keys.buffer(), keyEnds, count);
            int from = 0;
            for (int to = 1; to <= count; to++) {
                if (to == count || partitions[order[to]] != partitions[order[from]]) {
                    batches.add(pack(order, from, to));
                    from = to;
                }
            }
        }
        rows.reset();
        keys.reset();
        count = 0;
        return batches;
    }

    private ClickHouseCommittable pack(int[] order, int from, int to) {
        if (sorted.length < rows.position()) {
            sorted = new byte[rows.buffer().length];
        }
        lengths.reset();
        int size = 0;
        for (int i = from; i < to; i++) {
            int row = order[i];
            int start = row == 0 ? 0 : rowEnds[row - 1];
            int length = rowEnds[row] - start;
            System.arraycopy(rows.buffer(), start, sorted, size, length);
            lengths.writeUnsignedLeb128(length);
            size += length;
        }
        byte[] packed = Lz4Frames.compress(sorted, 0, size);
        byte[] rowLengths = lengths.toByteArray();
        long partition = partitions[order[from]];
        return new ClickHouseCommittable(
                BlockFormat.ROW_BINARY,
                token(partition, rowLengths, packed),
                target.database(),
                target.table(),
                target.columns(),
                target.witnessColumns(),
                partition,
                clock.getAsLong(),
                writerRestoredFrom,
                to - from,
                size,
                rowLengths,
                packed);
    }

    /**
     * 128 bits of SHA-256 over everything the insert consists of. Rows come from devices: a hash
     * for which equal values can be made on purpose would let one sender silence another's rows.
     */
    private String token(long partition, byte[] rowLengths, byte[] payload) {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(header)) {
            if (salt.length > 0) {
                out.write(salt);
                out.writeLong(salted++);
            }
            out.writeByte(BlockFormat.ROW_BINARY.tag());
            for (String text :
                    List.of(target.database(), target.table(), target.columns().toString())) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.write(bytes);
            }
            out.writeLong(partition);
            out.writeInt(rowLengths.length);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        sha256.update(header.toByteArray());
        sha256.update(rowLengths);
        sha256.update(payload);
        return HexFormat.of().formatHex(sha256.digest(), 0, TOKEN_BYTES);
    }
}
