package io.ponix.transforms.runtime;

import dev.cel.runtime.CelFunctionBinding;
import io.ponix.transforms.budget.WorkMeter;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The result of {@code list + list}. Lists of CEL never change; this one shares its array with the
 * lists that it was made from, so that a macro that appends its elements one by one copies each of
 * them once and not once per step.
 */
final class AppendedList extends AbstractList<Object> implements RandomAccess {
    private final Storage storage;
    private final int size;

    private AppendedList(Storage storage, int size) {
        this.storage = storage;
        this.size = size;
    }

    static CelFunctionBinding binding() {
        return CelFunctionBinding.from(
                "add_list", List.class, List.class, AppendedList::concatenate);
    }

    private static AppendedList concatenate(List<?> left, List<?> right) {
        int size = Math.addExact(left.size(), right.size());
        Storage storage;
        if (left instanceof AppendedList && ((AppendedList) left).endsItsStorage()) {
            storage = ((AppendedList) left).storage;
            WorkMeter.current().chargeShallow(right);
        } else {
            WorkMeter.current().charge((long) WorkMeter.UNITS_PER_ELEMENT * size);
            storage = new Storage(size);
            storage.append(left);
        }
        storage.append(right);
        return new AppendedList(storage, size);
    }

    /** Whether nothing was appended to this list so far: what follows it is free. */
    private boolean endsItsStorage() {
        return size == storage.used;
    }

    @Override
    public Object get(int index) {
        return storage.elements[Objects.checkIndex(index, size)];
    }

    @Override
    public int size() {
        return size;
    }

    private static final class Storage {
        private Object[] elements;
        private int used;

        Storage(int capacity) {
            elements = new Object[capacity];
        }

        void append(List<?> list) {
            int needed = Math.addExact(used, list.size());
            if (needed > elements.length) {
                elements = Arrays.copyOf(elements, Math.max(needed, used + (used >> 1) + 4));
            }
            // Through an array: the list may be a view of these very elements.
            Object[] added = list.toArray();
            System.arraycopy(added, 0, elements, used, added.length);
            used = needed;
        }
    }
}
