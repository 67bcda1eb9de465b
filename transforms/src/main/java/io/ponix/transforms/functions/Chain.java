package io.ponix.transforms.functions;

import io.ponix.transforms.budget.WorkMeter;
import java.util.Arrays;
import java.util.List;

/**
 * The values that a loop has given so far. It never changes, and to add one to it takes the same
 * time whatever its length: the accumulator of a loop can be kept and asked at any time.
 */
final class Chain {
    static final Chain EMPTY = new Chain(null, null, 0);

    private final Chain before;
    private final Object last;
    private final int size;

    private Chain(Chain before, Object last, int size) {
        this.before = before;
        this.last = last;
        this.size = size;
    }

    Chain with(Object value) {
        return new Chain(this, value, size + 1);
    }

    /** The values, the first one first; charges the evaluation for the list. */
    List<Object> toList() {
        WorkMeter.chargeCurrent((long) WorkMeter.UNITS_PER_ELEMENT * size);
        Object[] values = new Object[size];
        Chain rest = this;
        for (int i = size - 1; i >= 0; i--) {
            values[i] = rest.last;
            rest = rest.before;
        }
        return Arrays.asList(values);
    }
}
