package io.ponix.transforms;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * The budget of one evaluation, so that no expression stalls or exhausts the process it runs in. An
 * evaluation that goes over a limit ends with {@link TransformException.Kind#EVALUATION_FAILED} and
 * a message that names the limit.
 *
 * @param comprehensionIterations how many elements all macros that loop (map, filter, exists, ...)
 *     may visit together, nested loops multiplied; at least 1
 * @param functionWork how many characters, bytes and elements functions may go through together, as
 *     their input or output; an element of a list or map counts as 8. What loops, comparisons and
 *     schemas do counts in units of about the same time, which is less than 100 ns: this bounds
 *     both the time and the memory of an evaluation; at least 1
 * @param outputBytes how long the JSON may become, that of all rows together, in bytes; at least 2
 * @param outputDepth how deep objects and lists may be nested in the JSON of a row; at least 1
 * @param outputRows how many rows a list may have; at least 1
 * @param maxDuration how much processor time of its thread an evaluation may take, the last resort
 *     where work takes longer than it should; looked at now and then, so that an evaluation can
 *     take some milliseconds more; at least 1 ms
 */
public record TransformLimits(
        int comprehensionIterations,
        long functionWork,
        int outputBytes,
        int outputDepth,
        int outputRows,
        Duration maxDuration)
        implements Serializable {

    private static final long serialVersionUID = 3L;

    /** 10,000 iterations, 10,000,000 units of work, 1 MiB of JSON, 32 levels, 10,000 rows, 2 s. */
    public static final TransformLimits DEFAULT =
            new TransformLimits(10_000, 10_000_000, 1 << 20, 32, 10_000, Duration.ofSeconds(2));

    /**
     * @throws IllegalArgumentException if a limit is below its minimum
     */
    public TransformLimits {
        requireAtLeast(1, comprehensionIterations, "comprehensionIterations");
        requireAtLeast(1, functionWork, "functionWork");
        requireAtLeast(2, outputBytes, "outputBytes");
        requireAtLeast(1, outputDepth, "outputDepth");
        requireAtLeast(1, outputRows, "outputRows");
        requireAtLeast(
                1,
                Objects.requireNonNull(maxDuration, "maxDuration").toMillis(),
                "maxDuration in ms");
    }

    private static void requireAtLeast(int minimum, long value, String name) {
        if (value < minimum) {
            throw new IllegalArgumentException(
                    name + " must be at least " + minimum + ", is " + value);
        }
    }
}
