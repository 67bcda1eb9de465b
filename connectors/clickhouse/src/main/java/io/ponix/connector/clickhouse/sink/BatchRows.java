package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The unpacked rows of a batch, record after record: a refused batch is cut between records, never
 * inside of one. Records are in the order of their first rows in the batch, so that those of one
 * partition follow each other, and only batches of records that are of several partitions have
 * these mixed.
 */
final class BatchRows {

    /**
     * Rows of one partition: {@code order[from]} to {@code order[to - 1]}.
     *
     * @param name tells them from other parts of the batch; empty for all of it
     */
    record Part(int[] order, int from, int to, String name) {

        int rowCount() {
            return to - from;
        }

        int firstRow() {
            return order[from];
        }

        int lastRow() {
            return order[to - 1];
        }
    }

    private final byte[] rows;
    private final int[] offsets;
    private final int[] partitionEnds;
    private final long[] partitionNumbers;

    /** The rows, record after record. */
    private final int[] order;

    /** Where each record ends in the order. */
    private final int[] recordEnds;

    private final boolean spanning;

    /**
     * @throws IOException if the batch is damaged
     */
    BatchRows(ClickHouseCommittable batch) throws IOException {
        rows = batch.rows();
        offsets = batch.rowOffsets();
        partitionEnds = batch.partitionEnds();
        partitionNumbers =
                batch.partitions().stream().mapToLong(PartitionRows::partition).toArray();
        int rowCount = batch.rowCount();
        int[][] bundles = batch.bundles().places(rowCount);
        // Each bundle comes where its first row is, which the others are marked to leave out.
        int[][] bundleAt = new int[rowCount][];
        boolean[] bundled = new boolean[rowCount];
        boolean isSpanning = false;
        for (int[] bundle : bundles) {
            int first = Arrays.stream(bundle).min().orElseThrow();
            bundleAt[first] = bundle;
            for (int row : bundle) {
                bundled[row] = true;
                isSpanning |= partitionOf(row) != partitionOf(first);
            }
        }
        spanning = isSpanning;
        order = new int[rowCount];
        recordEnds = new int[batch.bundles().recordCount(rowCount)];
        int at = 0;
        int record = 0;
        for (int row = 0; row < rowCount; row++) {
            if (bundleAt[row] != null) {
                System.arraycopy(bundleAt[row], 0, order, at, bundleAt[row].length);
                at += bundleAt[row].length;
                recordEnds[record++] = at;
            } else if (!bundled[row]) {
                order[at++] = row;
                recordEnds[record++] = at;
            }
        }
    }

    /** The bytes of all rows. */
    byte[] bytes() {
        return rows;
    }

    /** Where each row starts in the bytes, and at the last index where it ends. */
    int[] offsets() {
        return offsets;
    }

    /** How many rows records have. */
    int rowCount(int fromRecord, int toRecord) {
        return start(toRecord) - start(fromRecord);
    }

    /** The first row of a record. */
    byte[] firstRow(int record) {
        int row = order[start(record)];
        return Arrays.copyOfRange(rows, offsets[row], offsets[row + 1]);
    }

    /** Rows of records, as an LZ4 frame. */
    byte[] packed(int fromRecord, int toRecord) {
        return packed(order, start(fromRecord), start(toRecord));
    }

    /** Rows of one partition, as an LZ4 frame. */
    byte[] packed(Part part) {
        return packed(part.order(), part.from(), part.to());
    }

    private byte[] packed(int[] numbers, int from, int to) {
        int size = 0;
        for (int i = from; i < to; i++) {
            size += offsets[numbers[i] + 1] - offsets[numbers[i]];
        }
        byte[] gathered = new byte[size];
        int at = 0;
        for (int i = from; i < to; i++) {
            int length = offsets[numbers[i] + 1] - offsets[numbers[i]];
            System.arraycopy(rows, offsets[numbers[i]], gathered, at, length);
            at += length;
        }
        return Lz4Frames.compress(gathered, 0, size);
    }

    /** The rows of records by their partitions: as the server stores them, each part or none. */
    List<Part> parts(int fromRecord, int toRecord) {
        List<Part> parts = new ArrayList<>();
        if (!spanning) {
            for (int start = fromRecord;
                    start < toRecord;
                    start = endOfPartition(start, toRecord)) {
                int end = endOfPartition(start, toRecord);
                parts.add(new Part(order, start(start), start(end), name(start, end)));
            }
            return parts;
        }
        int from = start(fromRecord);
        int to = start(toRecord);
        for (int partition = 0; partition < partitionEnds.length; partition++) {
            int wanted = partition;
            int[] ofPartition =
                    Arrays.stream(order, from, to)
                            .filter(row -> partitionOf(row) == wanted)
                            .toArray();
            if (ofPartition.length > 0) {
                parts.add(
                        new Part(
                                ofPartition,
                                0,
                                ofPartition.length,
                                name(fromRecord, toRecord) + "/" + partitionNumbers[partition]));
            }
        }
        return parts;
    }

    /** What tells a range of records from others of the batch; empty for all of them. */
    String name(int fromRecord, int toRecord) {
        return toRecord - fromRecord == recordEnds.length ? "" : "/" + fromRecord + "-" + toRecord;
    }

    /**
     * Where to cut a range of two records or more: between two partitions if there are several, and
     * no record is of both.
     */
    int middle(int fromRecord, int toRecord) {
        int half = (fromRecord + toRecord) >>> 1;
        if (spanning) {
            return half;
        }
        int start = fromRecord;
        int middle = endOfPartition(fromRecord, toRecord);
        while (middle < half) {
            start = middle;
            middle = endOfPartition(middle, toRecord);
        }
        return middle < toRecord ? middle : start > fromRecord ? start : half;
    }

    /** Where the partition of a record ends, at the latest at the end of a range. */
    private int endOfPartition(int record, int toRecord) {
        int endRow = partitionEnds[partitionOf(order[start(record)])];
        // Records of one partition are of as many rows as the partition up to its end.
        int found = Arrays.binarySearch(recordEnds, record, recordEnds.length, endRow);
        return Math.min(toRecord, found + 1);
    }

    private int partitionOf(int row) {
        int found = Arrays.binarySearch(partitionEnds, row);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private int start(int record) {
        return record == 0 ? 0 : recordEnds[record - 1];
    }
}
