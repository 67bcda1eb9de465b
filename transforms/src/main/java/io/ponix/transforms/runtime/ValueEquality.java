package io.ponix.transforms.runtime;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.RuntimeEquality;
import io.ponix.transforms.budget.WorkMeter;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * CEL's equality, which pays for what it looks at while it looks: values that differ early cost
 * little, and no shape of values makes it take longer than was paid.
 */
final class ValueEquality {
    private static final int UNITS_PER_VALUE = 2;

    /** Texts and bytes are compared some at a time. */
    private static final int LENGTH_PER_UNIT = 8;

    /** Knows how numbers of several types compare. */
    private final RuntimeEquality numbers;

    ValueEquality(RuntimeEquality numbers) {
        this.numbers = numbers;
    }

    boolean equal(Object left, Object right) {
        return equal(left, right, WorkMeter.current());
    }

    boolean equal(Object left, Object right, WorkMeter meter) {
        meter.charge(UNITS_PER_VALUE);
        if (left == right) {
            return true;
        }
        if (left instanceof Number) {
            return right instanceof Number && numbers.objectEquals(left, right);
        } else if (left instanceof String) {
            if (!(right instanceof String)
                    || ((String) left).length() != ((String) right).length()) {
                return false;
            }
            meter.charge(((String) left).length() / LENGTH_PER_UNIT);
            return left.equals(right);
        } else if (left instanceof CelByteString) {
            if (!(right instanceof CelByteString)
                    || ((CelByteString) left).size() != ((CelByteString) right).size()) {
                return false;
            }
            meter.charge(((CelByteString) left).size() / LENGTH_PER_UNIT);
            return left.equals(right);
        } else if (left instanceof Iterable) {
            return right instanceof Iterable
                    && equalElements((Iterable<?>) left, (Iterable<?>) right, meter);
        } else if (left instanceof Map) {
            return right instanceof Map && equalEntries((Map<?, ?>) left, (Map<?, ?>) right, meter);
        } else if (left instanceof Optional) {
            return right instanceof Optional
                    && equal(
                            ((Optional<?>) left).orElse(null),
                            ((Optional<?>) right).orElse(null),
                            meter);
        }
        return left != null && left.equals(right);
    }

    private boolean equalElements(Iterable<?> left, Iterable<?> right, WorkMeter meter) {
        Iterator<?> others = right.iterator();
        for (Object element : left) {
            if (!others.hasNext() || !equal(element, others.next(), meter)) {
                return false;
            }
        }
        return !others.hasNext();
    }

    private boolean equalEntries(Map<?, ?> left, Map<?, ?> right, WorkMeter meter) {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : left.entrySet()) {
            meter.charge(WorkMeter.UNITS_PER_ELEMENT);
            Optional<Object> other = find(right, entry.getKey());
            if (other.isEmpty() || !equal(entry.getValue(), other.get(), meter)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The value of a key. Anything that cannot be a key is not in any map; to look for it would
     * take the hash of all that is nested in it.
     */
    Optional<Object> find(Map<?, ?> map, Object key) {
        return canBeKey(key) ? numbers.findInMap(map, key) : Optional.empty();
    }

    /** A double is never a key, but finds the integer that it is equal to. */
    static boolean canBeKey(Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean;
    }

    /** A hash that equal values share, paid for by what it goes through. */
    int hash(Object value, WorkMeter meter) {
        meter.charge(UNITS_PER_VALUE);
        if (value instanceof Number) {
            return Double.hashCode(
                    value instanceof UnsignedLong
                            ? ((UnsignedLong) value).doubleValue()
                            : ((Number) value).doubleValue() + 0.0);
        } else if (value instanceof Map) {
            int hash = 1;
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                hash += hash(entry.getKey(), meter) ^ hash(entry.getValue(), meter);
            }
            return hash;
        } else if (value instanceof Iterable) {
            int hash = 1;
            for (Object element : (Iterable<?>) value) {
                hash = 31 * hash + hash(element, meter);
            }
            return hash;
        } else if (value instanceof Optional) {
            return ((Optional<?>) value).map(content -> 1 + hash(content, meter)).orElse(0);
        }
        meter.charge(WorkMeter.shallow(value) / LENGTH_PER_UNIT);
        return value == null ? 0 : value.hashCode();
    }
}
