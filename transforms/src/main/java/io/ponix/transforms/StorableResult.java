package io.ponix.transforms;

import com.google.common.primitives.UnsignedLong;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Refuses results that ClickHouse refuses to store, so that trying a transform says so and the sink
 * never looks for such a row in a batch.
 *
 * <p>A column of the type JSON takes every other object there is, down to 500 levels. Results that
 * hold nothing {@linkplain #mayCollide suspicious} need not be looked at.
 */
final class StorableResult {
    private static final String DOT = ".";

    /** What a dot in a key is in the names of paths. */
    private static final String STORED_DOT = "%2E";

    private static final int BEYOND_INT64 = 1;
    private static final int NEGATIVE = 2;

    private static final char REPLACEMENT = '\uFFFD';

    private StorableResult() {}

    /** Whether the name under which a key is stored may be that of another key, too. */
    static boolean mayCollide(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '%' || c >= Character.MIN_SURROGATE) {
                return true;
            }
        }
        return false;
    }

    /** Whether a number does not fit into ClickHouse's Int64. */
    static boolean isBeyondInt64(UnsignedLong number) {
        return number.longValue() < 0;
    }

    /**
     * Returns if ClickHouse stores the value.
     *
     * @param value of maps with strings as keys, collections and scalars
     * @throws InvalidOutputException if it does not; says where
     */
    static void require(Object value) {
        integersOf(value);
    }

    /**
     * Looks at a value and all that is in it, at each once.
     *
     * @return which integers it is, or as a list has, in lists of its own, too: {@link
     *     #BEYOND_INT64} and {@link #NEGATIVE}, or neither
     */
    private static int integersOf(Object value) {
        if (value instanceof Map) {
            Map<?, ?> object = (Map<?, ?>) value;
            requireNamesOfTheirOwn(object);
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                try {
                    integersOf(entry.getValue());
                } catch (InvalidOutputException e) {
                    throw e.inside((String) entry.getKey());
                }
            }
            return 0;
        } else if (value instanceof Collection) {
            return integersOfList((Collection<?>) value);
        } else if (value instanceof Long) {
            return (Long) value < 0 ? NEGATIVE : 0;
        }
        return value instanceof UnsignedLong && isBeyondInt64((UnsignedLong) value)
                ? BEYOND_INT64
                : 0;
    }

    /**
     * Of lists in a list ClickHouse takes the type of all numbers from some: where one list makes
     * it UInt64, it refuses a negative number in another (but not in all cases; {@code [[1,
     * 18446744073709551615], [-1, 1]]} is one).
     */
    private static int integersOfList(Collection<?> list) {
        int all = 0;
        int[] listsWith = new int[(BEYOND_INT64 | NEGATIVE) + 1];
        int index = 0;
        for (Object element : list) {
            int integers;
            try {
                integers = integersOf(element);
            } catch (InvalidOutputException e) {
                throw e.inside(index);
            }
            all |= integers;
            if (element instanceof Collection) {
                listsWith[integers]++;
            }
            index++;
        }
        int unsigned = listsWith[BEYOND_INT64];
        int negative = listsWith[NEGATIVE];
        int both = listsWith[BEYOND_INT64 | NEGATIVE];
        // In two different ones.
        if (unsigned + both > 0 && negative + both > 0 && unsigned + negative + both > 1) {
            throw new InvalidOutputException(
                    "ClickHouse has no type for lists of integers of which one holds a number beyond"
                            + " 2^63 and another a negative one: write double(x) or string(x)");
        }
        return all;
    }

    private static void requireNamesOfTheirOwn(Map<?, ?> object) {
        Map<String, String> keys = new HashMap<>();
        for (Object each : object.keySet()) {
            String key = (String) each;
            String other = keys.put(storedName(key), key);
            if (other != null) {
                throw new InvalidOutputException(
                        "the keys \""
                                + other
                                + "\" and \""
                                + key
                                + "\" have one name in ClickHouse, where a dot is "
                                + STORED_DOT
                                + ", and half of a surrogate pair U+FFFD: rename one of them");
            }
        }
    }

    private static String storedName(String key) {
        StringBuilder name = new StringBuilder(key);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < name.length()
                    && Character.isLowSurrogate(name.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                name.setCharAt(i, REPLACEMENT);
            }
        }
        return name.toString().replace(DOT, STORED_DOT);
    }
}
