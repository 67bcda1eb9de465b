package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableList;
import dev.cel.common.values.CelValueConverter;
import dev.cel.common.values.OptionalValue;
import dev.cel.runtime.ConcatenatedListView;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;

/**
 * Passes values between the planner and functions as they are. Everything a transform can get hold
 * of is a CEL value already: the variables, the constants, and by contract the results of
 * functions, down to the last nested entry.
 */
final class NativeValueConverter extends CelValueConverter {
    private static final VarHandle SOURCES = sources();

    @Override
    public Object toRuntimeValue(Object value) {
        if (value instanceof Optional) {
            return toOptionalValue((Optional<?>) value);
        }
        if (value instanceof ConcatenatedListView) {
            return contents((ConcatenatedListView<?>) value);
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
     * The planner keeps the list that {@code cel.bind} or a macro begins with in a view that cannot
     * be indexed and could be appended to in place. Nothing does: {@code +} is {@link
     * AppendedList}. An expression that names the list gets the list itself, because a copy for
     * each time would cost the square of its length in a loop.
     */
    private static Object contents(ConcatenatedListView<?> view) {
        List<?> sources = (List<?>) SOURCES.get(view);
        return sources.size() == 1 ? sources.get(0) : ImmutableList.copyOf(view);
    }

    private static VarHandle sources() {
        try {
            return MethodHandles.privateLookupIn(ConcatenatedListView.class, MethodHandles.lookup())
                    .findVarHandle(ConcatenatedListView.class, "sourceLists", List.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this version of cel-java does not keep lists in"
                            + " ConcatenatedListView.sourceLists",
                    e);
        }
    }
}
