package io.ponix.transforms.functions;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;

/**
 * What a decoding function returns: a map from string to value in the order of first insertion,
 * smaller and quicker to fill and to read in order than a {@code LinkedHashMap}.
 *
 * <p>The decoder that makes an object fills it with {@link #set} and lets go of it; from then on it
 * is read only. Values are what CEL works with, down to the last nested one, because the runtime
 * converts nothing: {@code Long}, {@code Double}, {@code String}, {@code Boolean}, {@code
 * CelByteString}, {@code NullValue}, {@code Instant}, {@code Duration}, a {@code List} or another
 * map of those; never null.
 */
public final class DecodedObject extends AbstractMap<String, Object> {
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
    public Object get(Object key) {
        int position = positionOf(key);
        return position < 0 ? null : values[position];
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return new EntrySet();
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
