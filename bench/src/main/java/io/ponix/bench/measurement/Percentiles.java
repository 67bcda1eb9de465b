package io.ponix.bench.measurement;

import java.util.Arrays;

/**
 * How long something took.
 *
 * @param millisP50 half of them less, in milliseconds
 * @param millisP99 99 of 100 less
 * @param millisMaximum the longest
 */
public record Percentiles(double millisP50, double millisP99, double millisMaximum) {

    private static final double NANOS_PER_MILLI = 1e6;

    /**
     * Sums them up.
     *
     * @param nanos at least one; stays as it is
     */
    public static Percentiles ofNanos(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Percentiles(
                at(sorted, 0.5), at(sorted, 0.99), sorted[sorted.length - 1] / NANOS_PER_MILLI);
    }

    /** The least that at least such a part of them do not exceed. */
    private static double at(long[] sorted, double part) {
        return sorted[(int) Math.ceil(part * sorted.length) - 1] / NANOS_PER_MILLI;
    }
}
