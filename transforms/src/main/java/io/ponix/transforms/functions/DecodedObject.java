package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.StructValue;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a decoding function returns: a map from string to value that keeps the order of first
 * insertion.
 *
 * <p>To CEL's functions and macros it is a {@link Map}. That it is a {@link StructValue} as well
 * tells the planner runtime that the object already is a CEL value; a plain map it would walk entry
 * by entry, and every nested map again, after each function call and each field selection (five
 * times the cost of the whole decoding). {@code StructValue} is internal to cel-java: this relies
 * on {@code CelValueConverter} of 0.14.0, so read that class when the version in the parent pom
 * changes. The tests of this class show whether the two still fit.
 *
 * <p>The decoder that makes an object fills it with {@link #set} and lets go of it; from then on it
 * is read only. Values are what CEL works with: {@code Long}, {@code Double}, {@code String},
 * {@code Boolean}, {@code CelByteString}, {@code NullValue}, {@code Instant}, a {@code List} of
 * those, or another {@code DecodedObject}; never null.
 */
public final class DecodedObject extends StructValue<String, DecodedObject>
        implements Map<String, Object> {
    private static final CelType TYPE = MapType.create(SimpleType.STRING, SimpleType.DYN);

    /** Up to here comparing the keys one by one is faster than hashing. */
    private static final int LARGEST_WITHOUT_INDEX = 16;

    private String[] keys;
    private Object[] values;
    private int size;
    private Map<String, Integer> index;

    /** An empty object with room for {@code capacity} entries before it grows. */
    DecodedObject(int capacity) {
        keys = new String[capacity];
        values = new Object[capacity];
    }

    /** Adds an entry, or replaces the value of an entry and leaves it in its place. */
    void set(String key, Object value) {
        int position = positionOf(key);
        if (position >= 0) {
            values[position] = value;
            return;
        }
        if (size == keys.length) {
            keys = Arrays.copyOf(keys, 2 * size + 1);
            values = Arrays.copyOf(values, 2 * size + 1);
        }
        keys[size] = key;
        values[size] = value;
        if (index != null) {
            index.put(key, size);
        }
        size++;
        if (index == null && size > LARGEST_WITHOUT_INDEX) {
            index = new HashMap<>();
            for (int i = 0; i < size; i++) {
                index.put(keys[i], i);
            }
        }
    }

    private int positionOf(Object key) {
        if (index != null) {
            return index.getOrDefault(key, -1);
        }
        for (int i = 0; i < size; i++) {
            if (keys[i].equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** The key of the entry at {@code position}, in the order of first insertion. */
    public String keyAt(int position) {
        return keys[Objects.checkIndex(position, size)];
    }

    /** The value of the entry at {@code position}, in the order of first insertion. */
    public Object valueAt(int position) {
        return values[Objects.checkIndex(position, size)];
    }

    @Override
    public DecodedObject value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return size == 0;
    }

    @Override
    public CelType celType() {
        return TYPE;
    }

    @Override
    public Object select(String field) {
        int position = positionOf(field);
        if (position < 0) {
            throw CelAttributeNotFoundException.forMissingMapKey(field);
        }
        return values[position];
    }

    @Override
    public Optional<Object> find(String field) {
        return Optional.ofNullable(get(field));
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public boolean containsKey(Object key) {
        return positionOf(key) >= 0;
    }

    @Override
    public boolean containsValue(Object value) {
        return values().contains(value);
    }

    @Override
    public Object get(Object key) {
        int position = positionOf(key);
        return position < 0 ? null : values[position];
    }

    @Override
    public Set<String> keySet() {
        return asPlainMap().keySet();
    }

    @Override
    public Collection<Object> values() {
        return asPlainMap().values();
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return new EntrySet();
    }

    /** The same content with the views that the JDK derives from an entry set. */
    private Map<String, Object> asPlainMap() {
        return new AbstractMap<>() {
            @Override
            public Set<Entry<String, Object>> entrySet() {
                return DecodedObject.this.entrySet();
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other == this
                || (other instanceof Map && entrySet().equals(((Map<?, ?>) other).entrySet()));
    }

    @Override
    public int hashCode() {
        return entrySet().hashCode();
    }

    @Override
    public String toString() {
        return asPlainMap().toString();
    }

    @Override
    public Object put(String key, Object value) {
        throw readOnly();
    }

    @Override
    public Object remove(Object key) {
        throw readOnly();
    }

    @Override
    public void putAll(Map<? extends String, ?> entries) {
        throw readOnly();
    }

    @Override
    public void clear() {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("A decoded object is read only");
    }

    private final class EntrySet extends AbstractSet<Entry<String, Object>> {
        @Override
        public int size() {
            return size;
        }

        @Override
        public Iterator<Entry<String, Object>> iterator() {
            return new Iterator<>() {
                private int next;

                @Override
                public boolean hasNext() {
                    return next < size;
                }

                @Override
                public Entry<String, Object> next() {
                    if (next >= size) {
                        throw new NoSuchElementException();
                    }
                    int position = next++;
                    return new AbstractMap.SimpleImmutableEntry<>(keys[position], values[position]);
                }
            };
        }
    }
}
