package io.ponix.connector.clickhouse.sink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Sorts the rows of a batch by their keys: a natural merge sort of row numbers. Rows arrive nearly
 * in the order of time, so that few runs have to be merged. Stable.
 *
 * <p>Keys share a long beginning (the partition, identifiers that start alike). It is skipped, and
 * the eight bytes behind it decide most comparisons without a look at the keys themselves.
 */
final class RowOrder {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] keys;
    private final int[] keyEnds;
    private final int count;
    private final int commonPrefix;
    private final long[] heads;

    private RowOrder(byte[] keys, int[] keyEnds, int count) {
        this.keys = keys;
        this.keyEnds = keyEnds;
        this.count = count;
        this.commonPrefix = commonPrefix();
        this.heads = new long[count];
        for (int row = 0; row < count; row++) {
            heads[row] = head(row);
        }
    }

    /**
     * The rows' numbers in the order of their keys.
     *
     * @param keys all keys one after the other
     * @param keyEnds where each key ends
     * @param count number of rows
     */
    static int[] sort(byte[] keys, int[] keyEnds, int count) {
        return count == 0 ? new int[0] : new RowOrder(keys, keyEnds, count).mergeRuns();
    }

    private int[] mergeRuns() {
        int[] order = new int[count];
        int[] runEnds = new int[count];
        int runs = 0;
        for (int row = 0; row < count; row++) {
            order[row] = row;
            if (row + 1 == count || compare(row, row + 1) > 0) {
                runEnds[runs++] = row + 1;
            }
        }
        int[] merged = new int[count];
        while (runs > 1) {
            int mergedRuns = 0;
            int from = 0;
            for (int run = 0; run < runs; run += 2) {
                int middle = runEnds[run];
                int to = run + 1 < runs ? runEnds[run + 1] : middle;
                merge(order, from, middle, to, merged);
                runEnds[mergedRuns++] = to;
                from = to;
            }
            runs = mergedRuns;
            int[] swap = order;
            order = merged;
            merged = swap;
        }
        return order;
    }

    private void merge(int[] order, int from, int middle, int to, int[] merged) {
        int left = from;
        int right = middle;
        int at = from;
        while (left < middle && right < to) {
            merged[at++] = compare(order[left], order[right]) <= 0 ? order[left++] : order[right++];
        }
        System.arraycopy(order, left, merged, at, middle - left);
        System.arraycopy(order, right, merged, at + middle - left, to - right);
    }

    private int compare(int left, int right) {
        int byHead = Long.compareUnsigned(heads[left], heads[right]);
        if (byHead != 0) {
            return byHead;
        }
        int skip = commonPrefix;
        int leftStart = start(left) + skip;
        int rightStart = start(right) + skip;
        // A key may end before the prefix plus head does; then the head was padded with zeros and
        // the whole remainder decides.
        return Arrays.compareUnsigned(
                keys, leftStart, keyEnds[left], keys, rightStart, keyEnds[right]);
    }

    private long head(int row) {
        int from = start(row) + commonPrefix;
        int available = keyEnds[row] - from;
        if (available >= Long.BYTES) {
            return (long) LONG.get(keys, from);
        }
        long head = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            head = head << 8 | (i < available ? keys[from + i] & 0xff : 0);
        }
        return head;
    }

    private int commonPrefix() {
        int common = keyEnds[0];
        for (int row = 1; row < count && common > 0; row++) {
            int start = start(row);
            int length = Math.min(common, keyEnds[row] - start);
            int mismatch = Arrays.mismatch(keys, 0, length, keys, start, start + length);
            common = mismatch < 0 ? length : mismatch;
        }
        return common;
    }

    private int start(int row) {
        return row == 0 ? 0 : keyEnds[row - 1];
    }
}
