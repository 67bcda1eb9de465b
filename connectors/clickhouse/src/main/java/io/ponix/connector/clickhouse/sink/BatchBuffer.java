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
import java.util.BitSet;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The open batch of a writer: rows are encoded into one buffer as they arrive; closing sorts them,
 * cuts them by partition and compresses each part once.
 *
 * <p>A part costs ClickHouse about as much as a thousand rows, and an insert as much as ten parts
 * (measured: 1.6 ms and 14 ms). So the rows of many partitions share inserts, and each closing
 * takes a bounded number of partitions.
 *
 * <p>All rows of a record are in one committable, so that they are stored or refused together.
 * Those of records whose rows are of several partitions are packed apart from the others.
 *
 * @param <IN> the record's type
 */
final class BatchBuffer<IN> {

    private static final int TOKEN_BYTES = 16;
    private static final int FEW_ROWS = 1024;

    /** So many of the highest partitions have inserts of their own. */
    static final int PARTITIONS_ON_THEIR_OWN = 4;

    /** So many of the others share an insert. */
    static final int PARTITIONS_GATHERED = 32;

    /** The rows {@code order[from]} to {@code order[to - 1]}, all of one partition. */
    private record Run(int[] order, int from, int to) {

        /** The number of the row that came first. */
        int oldestRow() {
            int oldest = order[from];
            for (int i = from + 1; i < to; i++) {
                oldest = Math.min(oldest, order[i]);
            }
            return oldest;
        }
    }

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
    private final RecordBundles bundles = new RecordBundles();
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

    /** Encodes a record. */
    void add(IN element) {
        int rowCount = encoder.rowCount(element);
        int first = count;
        for (int index = 0; index < rowCount; index++) {
            addRow(element, index);
        }
        if (rowCount > 1) {
            bundles.add(first, rowCount, partitions);
        }
    }

    private void addRow(IN element, int index) {
        if (count == rowEnds.length) {
            int capacity = GrowingArrays.grow(count, count + 1);
            rowEnds = Arrays.copyOf(rowEnds, capacity);
            keyEnds = Arrays.copyOf(keyEnds, capacity);
            partitions = Arrays.copyOf(partitions, capacity);
        }
        long partition = encoder.partition(element, index);
        partitions[count] = partition;
        // In front of every key: sorting also brings the rows of a partition together.
        keys.addLong(partition);
        encoder.encodeSortKey(element, index, keys);
        keyEnds[count] = keys.position();
        encoder.encode(element, index, rows);
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
     * @return one committable per partition, or per {@value #PARTITIONS_GATHERED} where there are
     *     many, and as many of the records of several partitions; none if there are no rows
     */
    List<ClickHouseCommittable> close() {
        List<ClickHouseCommittable> batches = copy();
        clear();
        return batches;
    }

    /**
     * Ends the batch as far as it is due; most often that is all of it. Of more than {@value
     * #PARTITIONS_ON_THEIR_OWN} + {@value #PARTITIONS_GATHERED} partitions, those that have waited
     * less than others stay for the next time: a sender whose rows are of hundreds of partitions
     * must not delay everybody's by as many parts. Of records of several partitions those of the
     * highest are due, and of the others those that came first, of {@value #PARTITIONS_GATHERED}
     * partitions together, or one record.
     *
     * @return as {@link #close}
     */
    List<ClickHouseCommittable> closeWhatIsDue() {
        int[] order = order();
        RecordBundles.Spanning spanning = spanning();
        List<Run> runs = runs(ofOnePartition(order, spanning));
        boolean hasFew = runs.size() <= PARTITIONS_ON_THEIR_OWN + PARTITIONS_GATHERED;
        if (hasFew && spanning.others().size() <= 1) {
            List<ClickHouseCommittable> batches = pack(order, runs, spanning);
            clear();
            return batches;
        }
        List<Run> due = hasFew ? runs : due(runs);
        RecordBundles.Spanning dueTogether = spanning.due();
        List<ClickHouseCommittable> batches = pack(order, due, dueTogether);
        remove(due, dueTogether);
        return batches;
    }

    /**
     * What is open, as the batches that {@link #close} would make of it. It stays open: for a
     * checkpoint, from which these batches and not the rows come back.
     */
    List<ClickHouseCommittable> copy() {
        int[] order = order();
        RecordBundles.Spanning spanning = spanning();
        return pack(order, runs(ofOnePartition(order, spanning)), spanning);
    }

    private int[] order() {
        if (count > 0) {
            RowBinaryValues.check(target.columns(), rows.buffer(), 0, rowEnds[0]);
        }
        return RowOrder.sort(keys.buffer(), keyEnds, count);
    }

    private RecordBundles.Spanning spanning() {
        return bundles.spanning(partitions, PARTITIONS_ON_THEIR_OWN, PARTITIONS_GATHERED);
    }

    /** Without the rows of records of several partitions. */
    private static int[] ofOnePartition(int[] order, RecordBundles.Spanning spanning) {
        List<BitSet> groups = spanning.groups();
        if (groups.isEmpty()) {
            return order;
        }
        BitSet rows = new BitSet();
        groups.forEach(rows::or);
        return filter(order, rows, false);
    }

    private static int[] filter(int[] order, BitSet rows, boolean isKept) {
        return Arrays.stream(order).filter(row -> rows.get(row) == isKept).toArray();
    }

    /** Partition after partition, in the order of their numbers. */
    private List<Run> runs(int[] order) {
        List<Run> runs = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= order.length; to++) {
            if (to == order.length || partitions[order[to]] != partitions[order[from]]) {
                runs.add(new Run(order, from, to));
                from = to;
            }
        }
        return runs;
    }

    /**
     * The highest partitions, which are those of now where partitions are of time, and of the
     * others those with the oldest rows. Each comes to its turn: what stays keeps its place.
     */
    private static List<Run> due(List<Run> runs) {
        int others = runs.size() - PARTITIONS_ON_THEIR_OWN;
        List<Run> due =
                new ArrayList<>(
                        runs.subList(0, others).stream()
                                .sorted(Comparator.comparingInt(Run::oldestRow))
                                .limit(PARTITIONS_GATHERED)
                                .sorted(Comparator.comparingInt(Run::from))
                                .toList());
        due.addAll(runs.subList(others, runs.size()));
        return due;
    }

    /** Takes rows out; the others keep the order in which they came. */
    private void remove(List<Run> runs, RecordBundles.Spanning spanning) {
        boolean[] removed = new boolean[count];
        for (Run run : runs) {
            for (int i = run.from(); i < run.to(); i++) {
                removed[run.order()[i]] = true;
            }
        }
        for (BitSet group : spanning.groups()) {
            group.stream().forEach(row -> removed[row] = true);
        }
        int[] numbers = new int[count];
        int kept = 0;
        int rowsEnd = 0;
        int keysEnd = 0;
        int rowStart = 0;
        int keyStart = 0;
        for (int row = 0; row < count; row++) {
            int rowEnd = rowEnds[row];
            int keyEnd = keyEnds[row];
            numbers[row] = removed[row] ? -1 : kept;
            if (!removed[row]) {
                int rowLength = rowEnd - rowStart;
                System.arraycopy(rows.buffer(), rowStart, rows.buffer(), rowsEnd, rowLength);
                rowsEnd += rowLength;
                int keyLength = keyEnd - keyStart;
                System.arraycopy(keys.buffer(), keyStart, keys.buffer(), keysEnd, keyLength);
                keysEnd += keyLength;
                rowEnds[kept] = rowsEnd;
                keyEnds[kept] = keysEnd;
                partitions[kept] = partitions[row];
                kept++;
            }
            rowStart = rowEnd;
            keyStart = keyEnd;
        }
        bundles.keep(numbers);
        truncate(kept, rowsEnd, keysEnd);
    }

    private void clear() {
        bundles.clear();
        truncate(0, 0, 0);
    }

    private void truncate(int rowCount, int rowBytes, int keyBytes) {
        count = rowCount;
        rows.truncate(rowBytes);
        keys.truncate(keyBytes);
    }

    private List<ClickHouseCommittable> pack(
            int[] order, List<Run> runs, RecordBundles.Spanning spanning) {
        List<ClickHouseCommittable> batches = pack(runs);
        for (BitSet group : spanning.groups()) {
            batches.add(packTogether(runs(filter(order, group, true))));
        }
        return batches;
    }

    /** Those on their own come first: they are not to wait for the others. */
    private List<ClickHouseCommittable> pack(List<Run> runs) {
        int gathered = Math.max(0, runs.size() - PARTITIONS_ON_THEIR_OWN);
        List<ClickHouseCommittable> batches = new ArrayList<>();
        for (Run run : runs.subList(gathered, runs.size())) {
            batches.add(packTogether(List.of(run)));
        }
        for (int from = 0; from < gathered; from += PARTITIONS_GATHERED) {
            int to = Math.min(from + PARTITIONS_GATHERED, gathered);
            batches.add(packTogether(runs.subList(from, to)));
        }
        return batches;
    }

    private ClickHouseCommittable packTogether(List<Run> runs) {
        if (sorted.length < rows.position()) {
            sorted = new byte[rows.buffer().length];
        }
        lengths.truncate(0);
        int size = 0;
        int rowCount = 0;
        List<PartitionRows> counts = new ArrayList<>(runs.size());
        int[] places = bundles.isEmpty() ? null : new int[count];
        if (places != null) {
            Arrays.fill(places, -1);
        }
        for (Run run : runs) {
            for (int i = run.from(); i < run.to(); i++) {
                int row = run.order()[i];
                if (places != null) {
                    places[row] = rowCount + i - run.from();
                }
                int start = row == 0 ? 0 : rowEnds[row - 1];
                int length = rowEnds[row] - start;
                System.arraycopy(rows.buffer(), start, sorted, size, length);
                lengths.writeUnsignedLeb128(length);
                size += length;
            }
            int runLength = run.to() - run.from();
            counts.add(new PartitionRows(partitions[run.order()[run.from()]], runLength));
            rowCount += runLength;
        }
        byte[] packed = Lz4Frames.compress(sorted, 0, size);
        byte[] rowLengths = lengths.toByteArray();
        return new ClickHouseCommittable(
                BlockFormat.ROW_BINARY,
                token(counts, rowLengths, packed),
                target.database(),
                target.table(),
                target.columns(),
                target.witnessColumns(),
                List.copyOf(counts),
                clock.getAsLong(),
                writerRestoredFrom,
                rowCount,
                size,
                rowLengths,
                places == null ? Bundles.NONE : bundles.packed(places),
                packed);
    }

    /**
     * 128 bits of SHA-256 over everything the insert consists of. Rows come from devices: a hash
     * for which equal values can be made on purpose would let one sender silence another's rows.
     */
    private String token(List<PartitionRows> counts, byte[] rowLengths, byte[] payload) {
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
            for (PartitionRows rowsOfOne : counts) {
                out.writeLong(rowsOfOne.partition());
            }
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
