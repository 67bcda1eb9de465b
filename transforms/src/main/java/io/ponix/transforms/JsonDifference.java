package io.ponix.transforms;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.functions.DocumentFunctions;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A place where a JSON document is not what was expected.
 *
 * @param path where, from the root {@code $}: {@code $.readings[2].value}
 * @param expected the expected JSON there, or null if nothing is expected there
 * @param actual the JSON that is there, or null if there is nothing
 */
public record JsonDifference(String path, String expected, String actual) {

    /**
     * Compares two documents. The order of keys does not matter; a number is as expected if it is
     * not further than {@code tolerance} away, whether it is written with a decimal point or not.
     *
     * @param tolerance at least 0
     * @return all differences in the order of the expected document, what is not expected last;
     *     empty if there are none
     * @throws IllegalArgumentException if one of the documents is not JSON
     */
    public static List<JsonDifference> between(String expected, String actual, double tolerance) {
        if (!(tolerance >= 0)) {
            throw new IllegalArgumentException("the tolerance is " + tolerance + ", not 0 or more");
        }
        List<JsonDifference> differences = new ArrayList<>();
        compare(
                "$",
                DocumentFunctions.decodeJson(expected),
                DocumentFunctions.decodeJson(actual),
                tolerance,
                differences);
        return differences;
    }

    private static void compare(
            String path,
            Object expected,
            Object actual,
            double tolerance,
            List<JsonDifference> differences) {
        if (expected instanceof Map && actual instanceof Map) {
            compareMaps(path, (Map<?, ?>) expected, (Map<?, ?>) actual, tolerance, differences);
        } else if (expected instanceof List && actual instanceof List) {
            compareLists(path, (List<?>) expected, (List<?>) actual, tolerance, differences);
        } else if (!isSame(expected, actual, tolerance)) {
            differences.add(new JsonDifference(path, text(expected), text(actual)));
        }
    }

    private static void compareMaps(
            String path,
            Map<?, ?> expected,
            Map<?, ?> actual,
            double tolerance,
            List<JsonDifference> differences) {
        expected.forEach(
                (key, value) -> {
                    String place = path + InvalidOutputException.step((String) key);
                    if (actual.containsKey(key)) {
                        compare(place, value, actual.get(key), tolerance, differences);
                    } else {
                        differences.add(new JsonDifference(place, text(value), null));
                    }
                });
        actual.forEach(
                (key, value) -> {
                    if (!expected.containsKey(key)) {
                        String place = path + InvalidOutputException.step((String) key);
                        differences.add(new JsonDifference(place, null, text(value)));
                    }
                });
    }

    private static void compareLists(
            String path,
            List<?> expected,
            List<?> actual,
            double tolerance,
            List<JsonDifference> differences) {
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            String place = path + "[" + i + "]";
            if (i >= actual.size()) {
                differences.add(new JsonDifference(place, text(expected.get(i)), null));
            } else if (i >= expected.size()) {
                differences.add(new JsonDifference(place, null, text(actual.get(i))));
            } else {
                compare(place, expected.get(i), actual.get(i), tolerance, differences);
            }
        }
    }

    private static boolean isSame(Object expected, Object actual, double tolerance) {
        if (expected.equals(actual)) {
            return true;
        }
        if (!(expected instanceof Number && actual instanceof Number)) {
            return false;
        }
        if (isInfinite(expected) || isInfinite(actual)) {
            return false;
        }
        BigDecimal distance = exactly(expected).subtract(exactly(actual)).abs();
        return distance.compareTo(BigDecimal.valueOf(tolerance)) <= 0;
    }

    /** A number like 1e999. */
    private static boolean isInfinite(Object number) {
        return number instanceof Double && ((Double) number).isInfinite();
    }

    private static BigDecimal exactly(Object number) {
        if (number instanceof Double) {
            return new BigDecimal((Double) number);
        } else if (number instanceof UnsignedLong) {
            return new BigDecimal(((UnsignedLong) number).bigIntegerValue());
        }
        return BigDecimal.valueOf((Long) number);
    }

    private static String text(Object value) {
        if (isInfinite(value)) {
            return value.toString();
        }
        return value instanceof NullValue ? "null" : JsonWriter.text(value);
    }

    /** {@code $.a: expected 1, is 2}. */
    @Override
    public String toString() {
        if (actual == null) {
            return path + ": expected " + expected + ", is missing";
        } else if (expected == null) {
            return path + ": not expected, is " + actual;
        }
        return path + ": expected " + expected + ", is " + actual;
    }
}
