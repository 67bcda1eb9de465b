package io.ponix.transforms.runtime;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what functions go through in one evaluation: the characters of strings, the bytes of
 * bytes, and the elements of lists and maps, each of which counts as {@value #UNITS_PER_ELEMENT}
 * because that is about what it costs in memory and time.
 *
 * <p>Functions know nothing of the evaluation they run in, so the meter belongs to the thread.
 */
public final class WorkMeter {
    static final int UNITS_PER_ELEMENT = 8;

    private static final ThreadLocal<WorkMeter> CURRENT = ThreadLocal.withInitial(WorkMeter::new);

    private long limit;
    private long left;

    private WorkMeter() {}

    static WorkMeter current() {
        return CURRENT.get();
    }

    /** Begins an evaluation on this thread that may use {@code limit} units. */
    public static void start(long limit) {
        WorkMeter meter = current();
        meter.limit = limit;
        meter.left = limit;
    }

    /** How many units the latest evaluation on this thread used, at most its limit. */
    public static long used() {
        WorkMeter meter = current();
        return meter.limit - Math.max(0, meter.left);
    }

    /**
     * Charges the evaluation that runs on this thread.
     *
     * @throws CelInvalidArgumentException if it has used up its limit
     */
    public static void chargeCurrent(long units) {
        current().charge(units);
    }

    /**
     * @throws CelInvalidArgumentException if the evaluation has used up its limit
     */
    void charge(long units) {
        left -= units;
        if (left < 0 || units < 0) {
            // Stays used up even if an || or && swallows this error.
            left = -1;
            throw new CelInvalidArgumentException(
                    "the evaluation goes over functionWork, "
                            + limit
                            + " characters, bytes and elements (each "
                            + UNITS_PER_ELEMENT
                            + ") handled by functions");
        }
    }

    /** Charges for the outermost level of a value. */
    void chargeShallow(Object value) {
        charge(shallow(value));
    }

    /**
     * Charges for a value with everything nested in it, counted as often as it is met: a list that
     * holds one other list twice costs a function that walks it twice as much.
     */
    void chargeDeep(Object value) {
        charge(shallow(value));
        if (value instanceof Optional) {
            charge(UNITS_PER_ELEMENT);
            ((Optional<?>) value).ifPresent(this::chargeDeep);
        } else if (value instanceof Collection) {
            for (Object element : (Collection<?>) value) {
                chargeDeep(element);
            }
        } else if (value instanceof Map) {
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                chargeDeep(entry.getKey());
                chargeDeep(entry.getValue());
            }
        }
    }

    /** Charges {@code times} times what {@link #chargeDeep(Object)} does, but at least once. */
    void chargeDeep(Object value, long times) {
        long before = left;
        chargeDeep(value);
        charge((before - left) * Math.max(0, times - 1));
    }

    static long shallow(Object value) {
        if (value instanceof String) {
            return ((String) value).length();
        } else if (value instanceof Collection) {
            return (long) UNITS_PER_ELEMENT * ((Collection<?>) value).size();
        } else if (value instanceof Map) {
            return (long) UNITS_PER_ELEMENT * ((Map<?, ?>) value).size();
        } else if (value instanceof CelByteString) {
            return ((CelByteString) value).size();
        }
        return 0;
    }
}
