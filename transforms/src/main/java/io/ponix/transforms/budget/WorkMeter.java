package io.ponix.transforms.budget;

import dev.cel.common.values.CelByteString;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what functions go through in one evaluation: the characters of strings, the bytes of
 * bytes, and the elements of lists and maps, each of which counts as {@value #UNITS_PER_ELEMENT}
 * because that is about what it costs in memory and time. Loops and comparisons are charged, too,
 * in units of about the same time.
 *
 * <p>As a last resort, where a unit takes longer than it should, an evaluation also has a longest
 * duration. It is the processor time of the thread: a process that is frozen, or waits for a
 * processor, must not turn a payload into a dead letter. Asking for it takes as long as a simple
 * evaluation, so it is asked for when {@value #UNITS_PER_LOOK} units are used and not before.
 *
 * <p>Functions know nothing of the evaluation they run in, so the meter belongs to the thread.
 */
public final class WorkMeter {
    /** What an element of a list or map counts as. */
    public static final int UNITS_PER_ELEMENT = 8;

    private static final ThreadLocal<WorkMeter> CURRENT = ThreadLocal.withInitial(WorkMeter::new);

    private static final long UNITS_PER_LOOK = 100_000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private long limit;
    private long left;
    private Duration longest;

    /** Below this the clock is looked at. */
    private long nextLook;

    private boolean hasDeadline;
    private long deadline;
    private boolean late;

    private WorkMeter() {}

    /** The meter of this thread. */
    public static WorkMeter current() {
        return CURRENT.get();
    }

    /**
     * Begins an evaluation on this thread.
     *
     * @param limit how many units it may use
     * @param longest how much processor time it may take
     */
    public static void start(long limit, Duration longest) {
        WorkMeter meter = current();
        meter.limit = limit;
        meter.left = limit;
        meter.longest = longest;
        meter.nextLook = Math.max(0, limit - UNITS_PER_LOOK);
        meter.hasDeadline = false;
        meter.late = false;
    }

    /** How many units the latest evaluation on this thread used, at most its limit. */
    public static long used() {
        WorkMeter meter = current();
        return meter.limit - Math.max(0, meter.left);
    }

    /** Whether the latest evaluation on this thread used up its units or its time. */
    public static boolean isUsedUp() {
        return current().left < 0;
    }

    /**
     * Charges the evaluation that runs on this thread.
     *
     * @throws BudgetExceededException if it has used up its limit
     */
    public static void chargeCurrent(long units) {
        current().charge(units);
    }

    /**
     * Charges the evaluation.
     *
     * @throws BudgetExceededException if the evaluation has used up its limit
     */
    public void charge(long units) {
        left -= units;
        if (left < nextLook || units < 0) {
            look(units);
        }
    }

    private void look(long units) {
        if (left < 0 || units < 0) {
            // Stays used up even if an || or && swallows this error.
            left = -1;
            nextLook = 0;
            throw new BudgetExceededException(late ? tooLate() : tooMuch());
        }
        nextLook = Math.max(0, left - UNITS_PER_LOOK);
        long now = processorNanos();
        if (!hasDeadline) {
            hasDeadline = true;
            deadline = now + longest.toNanos();
        } else if (now - deadline > 0) {
            late = true;
            left = -1;
            nextLook = 0;
            throw new BudgetExceededException(tooLate());
        }
    }

    private String tooMuch() {
        return "the evaluation goes over functionWork, "
                + limit
                + " characters, bytes and elements (each "
                + UNITS_PER_ELEMENT
                + ") handled by functions: PONIX_TRANSFORM_MAX_WORK of the job and the device"
                + " service";
    }

    private String tooLate() {
        return "the evaluation goes over maxDuration, "
                + longest.toMillis()
                + " ms of processor time: PONIX_TRANSFORM_MAX_DURATION of the job and the device"
                + " service";
    }

    private static long processorNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported()
                ? THREADS.getCurrentThreadCpuTime()
                : System.nanoTime();
    }

    /** Charges for the outermost level of a value. */
    public void chargeShallow(Object value) {
        charge(shallow(value));
    }

    /**
     * Charges for a value with everything nested in it, counted as often as it is met: a list that
     * holds one other list twice costs a function that walks it twice as much.
     */
    public void chargeDeep(Object value) {
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

    /** How many units the outermost level of a value makes. */
    public static long shallow(Object value) {
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
