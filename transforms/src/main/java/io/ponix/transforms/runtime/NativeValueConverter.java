package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableList;
import dev.cel.common.values.CelValueConverter;
import dev.cel.common.values.OptionalValue;
import dev.cel.runtime.ConcatenatedListView;
import io.ponix.transforms.budget.WorkMeter;
import java.util.Optional;

/**
 * Passes values between the planner and functions as they are. Everything a transform can get hold
 * of is a CEL value already: the variables, the constants, and by contract the results of
 * functions, down to the last nested entry.
 */
final class NativeValueConverter extends CelValueConverter {

    @Override
    public Object toRuntimeValue(Object value) {
        if (value instanceof Optional) {
            return toOptionalValue((Optional<?>) value);
        }
        if (value instanceof ConcatenatedListView) {
            return snapshot((ConcatenatedListView<?>) value);
        }
        return value;
    }

    @Override
    public Object maybeUnwrap(Object value) {
        if (value instanceof OptionalValue) {
            OptionalValue<?, ?> optional = (OptionalValue<?, ?>) value;
            return optional.isZeroValue() ? Optional.empty() : Optional.of(optional.value());
        }
        return value;
    }

    private static Object toOptionalValue(Optional<?> value) {
        return value.isPresent() ? OptionalValue.create(value.get()) : OptionalValue.EMPTY;
    }

    /**
     * The planner keeps the list that {@code cel.bind} or a macro builds up in a view that appends
     * in place and cannot be indexed. An expression that names it gets a copy, or it could change
     * under its hands.
     */
    private static ImmutableList<Object> snapshot(ConcatenatedListView<?> view) {
        WorkMeter.current().charge(view.size());
        return ImmutableList.copyOf(view);
    }
}
