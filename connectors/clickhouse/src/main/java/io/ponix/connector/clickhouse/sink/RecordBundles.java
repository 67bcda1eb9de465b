package io.ponix.connector.clickhouse.sink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The records of several rows in an open batch, in the order in which they came. */
final class RecordBundles {

    private int[] firstRows = new int[0];
    private int[] rowCounts = new int[0];
    private boolean[] spanning = new boolean[0];
    private int count;
    private int spanningCount;

    /**
     * Adds a record.
     *
     * @param firstRow of its rows, which follow each other
     * @param rowCount at least 2
     * @param partitions of all rows of the batch
     */
    void add(int firstRow, int rowCount, long[] partitions) {
        if (count == firstRows.length) {
            int capacity = GrowingArrays.grow(count, count + 1);
            firstRows = Arrays.copyOf(firstRows, capacity);
            rowCounts = Arrays.copyOf(rowCounts, capacity);
            spanning = Arrays.copyOf(spanning, capacity);
        }
        firstRows[count] = firstRow;
        rowCounts[count] = rowCount;
        spanning[count] = false;
        for (int row = firstRow + 1; row < firstRow + rowCount; row++) {
            spanning[count] |= partitions[row] != partitions[firstRow];
        }
        spanningCount += spanning[count] ? 1 : 0;
        count++;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * The rows of the records of several partitions, in groups that are packed together.
     *
     * @param latest of records that are of the highest partitions only
     * @param others of the others, as many records together as have rows of so many partitions, or
     *     one that has more by itself; in the order in which they came
     */
    record Spanning(BitSet latest, List<BitSet> others) {

        static final Spanning NONE = new Spanning(new BitSet(), List.of());

        /** The latest, and the first of the others. */
        Spanning due() {
            return new Spanning(latest, others.stream().limit(1).toList());
        }

        /** All groups, that of the highest partitions first. */
        List<BitSet> groups() {
            List<BitSet> groups = new ArrayList<>();
            if (!latest.isEmpty()) {
                groups.add(latest);
            }
            groups.addAll(others);
            return groups;
        }
    }

    /**
     * Groups the records of several partitions.
     *
     * @param partitions of all rows of the batch
     * @param highest how many of these records' partitions count as the highest
     * @param mostTogether how many of the other partitions a group may have
     */
    Spanning spanning(long[] partitions, int highest, int mostTogether) {
        if (spanningCount == 0) {
            return Spanning.NONE;
        }
        long lowestOfHighest = lowestOfHighest(partitions, highest);
        BitSet latest = new BitSet();
        List<BitSet> others = new ArrayList<>();
        Set<Long> ofGroup = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (!spanning[i]) {
                continue;
            }
            Set<Long> ofRecord = partitionsOf(i, partitions);
            BitSet group = others.isEmpty() ? null : others.get(others.size() - 1);
            if (ofRecord.stream().allMatch(partition -> partition >= lowestOfHighest)) {
                group = latest;
            } else {
                ofGroup.addAll(ofRecord);
                if (group == null || ofGroup.size() > mostTogether) {
                    group = new BitSet();
                    others.add(group);
                    ofGroup = ofRecord;
                }
            }
            group.set(firstRows[i], firstRows[i] + rowCounts[i]);
        }
        return new Spanning(latest, others);
    }

    private long lowestOfHighest(long[] partitions, int highest) {
        TreeSet<Long> found = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            if (spanning[i]) {
                found.addAll(partitionsOf(i, partitions));
                while (found.size() > highest) {
                    found.pollFirst();
                }
            }
        }
        return found.first();
    }

    private Set<Long> partitionsOf(int record, long[] partitions) {
        Set<Long> found = new HashSet<>();
        for (int row = firstRows[record]; row < firstRows[record] + rowCounts[record]; row++) {
            found.add(partitions[row]);
        }
        return found;
    }

    /**
     * Which rows of a batch that is packed are of one record.
     *
     * @param places where each row of the open batch is in the one that is packed, or -1
     */
    Bundles packed(int[] places) {
        Bundles.Builder packed = new Bundles.Builder();
        for (int i = 0; i < count; i++) {
            // All of a record's rows are packed together.
            if (places[firstRows[i]] >= 0) {
                packed.beginBundle(rowCounts[i]);
                for (int row = firstRows[i]; row < firstRows[i] + rowCounts[i]; row++) {
                    packed.addRow(places[row]);
                }
            }
        }
        return packed.build();
    }

    /**
     * Forgets records whose rows were taken out of the batch.
     *
     * @param numbers the new number of each row that is kept, or -1
     */
    void keep(int[] numbers) {
        int kept = 0;
        spanningCount = 0;
        for (int i = 0; i < count; i++) {
            if (numbers[firstRows[i]] >= 0) {
                firstRows[kept] = numbers[firstRows[i]];
                rowCounts[kept] = rowCounts[i];
                spanning[kept] = spanning[i];
                spanningCount += spanning[i] ? 1 : 0;
                kept++;
            }
        }
        count = kept;
    }

    void clear() {
        count = 0;
        spanningCount = 0;
    }
}
