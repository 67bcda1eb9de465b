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
        if (value instanceof Map) {
            Map<?, ?> object = (Map<?, ?>) value;
            requireNamesOfTheirOwn(object);
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                try {
                    require(entry.getValue());
                } catch (InvalidOutputException e) {
                    throw e.inside((String) entry.getKey());
                }
            }
        } else if (value instanceof Collection) {
            requireNumbersOfOneType((Collection<?>) value);
            int index = 0;
            for (Object element : (Collection<?>) value) {
                try {
                    require(element);
                } catch (InvalidOutputException e) {
                    throw e.inside(index);
                }
                index++;
            }
        }
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

    /**
     * Of lists in a list ClickHouse takes the type of all numbers from some: where one list makes
     * it UInt64, it refuses a negative number in another (but not in all cases; {@code [[1,
     * 18446744073709551615], [-1, 1]]} is one).
     */
    private static void requireNumbersOfOneType(Collection<?> list) {
        int unsigned = 0;
        int negative = 0;
        int both = 0;
        for (Object element : list) {
            if (element instanceof Collection) {
                boolean isUnsigned = contains((Collection<?>) element, true);
                boolean isNegative = contains((Collection<?>) element, false);
                unsigned += isUnsigned ? 1 : 0;
                negative += isNegative ? 1 : 0;
                both += isUnsigned && isNegative ? 1 : 0;
            }
        }
        // In two different ones.
        if (unsigned > 0 && negative > 0 && unsigned + negative - both > 1) {
            throw new InvalidOutputException(
                    "ClickHouse has no type for lists of integers of which one holds a number beyond"
                            + " 2^63 and another a negative one: write double(x) or string(x)");
        }
    }

    private static boolean contains(Collection<?> list, boolean beyondInt64) {
        for (Object element : list) {
            boolean found;
            if (element instanceof Collection) {
                found = contains((Collection<?>) element, beyondInt64);
            } else if (beyondInt64) {
                found = element instanceof UnsignedLong && isBeyondInt64((UnsignedLong) element);
            } else {
                found = element instanceof Long && (Long) element < 0;
            }
            if (found) {
                return true;
            }
        }
        return false;
    }
}
