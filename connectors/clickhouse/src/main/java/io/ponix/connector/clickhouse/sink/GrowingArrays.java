package io.ponix.connector.clickhouse.sink;

/** How the buffers of a batch grow. */
final class GrowingArrays {

    /** The largest array every JVM can allocate. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private GrowingArrays() {}

    /**
     * The next capacity of an array: at least {@code needed}, else half as much again.
     *
     * @param capacity elements it holds now
     * @param needed elements it must hold; negative if the sum overflowed
     * @return the new capacity
     */
    static int grow(int capacity, int needed) {
        if (needed < 0 || needed > LARGEST) {
            throw new IllegalStateException(
                    "A batch cannot hold more than " + LARGEST + " bytes; lower maxBatchBytes");
        }
        return (int) Math.min(LARGEST, Math.max(needed, capacity + (capacity >> 1) + 16L));
    }
}
