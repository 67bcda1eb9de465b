package io.ponix.transforms;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.ErrorValue;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text of a value where nothing says of which type it is: as an attribute of an envelope, not
 * in JSON.
 */
public final class ValueText {
    private static final Pattern CLASS_NAMES = Pattern.compile("^(?:[\\w.$]+Exception: )+");

    private ValueText() {}

    /**
     * The text of a string, a number or a bool, empty for anything else.
     *
     * <p>Of numbers it is the shortest decimal that reads back as the same number, and without a
     * decimal point where it is whole: {@code 5}, {@code 5u} and {@code 5.0} are {@code "5"},
     * {@code -9.50} is {@code "-9.5"}. Only doubles below 10<sup>-6</sup> and from 10<sup>21</sup>
     * on have an exponent. NaN and infinities are no numbers.
     */
    public static Optional<String> of(Object value) {
        if (value instanceof String
                || value instanceof Long
                || value instanceof UnsignedLong
                || value instanceof Boolean) {
            return Optional.of(value.toString());
        } else if (value instanceof Double && Double.isFinite((Double) value)) {
            // -0.0 plus 0.0 is 0.0.
            String text = JsonWriter.text((Double) value + 0.0);
            return Optional.of(text.endsWith(".0") ? text.substring(0, text.length() - 2) : text);
        }
        return Optional.empty();
    }

    /**
     * Why evaluating a value failed; empty for one that did not. The planner leaves the error of an
     * operand of {@code &&}, {@code ||}, {@code all()} or {@code exists()} in the map or list that
     * the value is in.
     */
    public static Optional<String> failure(Object value) {
        if (!(value instanceof ErrorValue)) {
            return Optional.empty();
        }
        Exception failure = ((ErrorValue) value).value();
        return Optional.of(
                EvaluationMessages.of(
                        failure, withoutClassNames(String.valueOf(failure.getMessage()))));
    }

    /** cel-java's errors that wrap others begin with the names of their classes. */
    static String withoutClassNames(String message) {
        return CLASS_NAMES.matcher(message).replaceFirst("");
    }

    /** Names the type of a value in a message, with its article: "a list", "an int". */
    public static String typeName(Object value) {
        return CelTypeName.of(value);
    }
}
