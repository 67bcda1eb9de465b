package io.ponix.transforms.functions;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.budget.WorkMeter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A text with clauses, each of which stands for the next value of a list: {@code %s} any value,
 * {@code %d} an int or uint, {@code %f} and {@code %e} a number with as many decimals as {@code
 * %.2f} says (6 if it says nothing), {@code %x} and {@code %X} a number, text or bytes in
 * hexadecimal, {@code %o} and {@code %b} a number in octal and binary, and {@code %%} a percent
 * sign. In {@code %s} a list is {@code [1, a]} and a map, sorted by its keys, {@code {a: 1}}.
 */
final class TextFormat {
    private static final int DEFAULT_DECIMALS = 6;
    private static final int MOST_DECIMALS = 100;

    /** To round the longest double takes some microseconds. */
    private static final int UNITS_PER_CLAUSE = 100;

    private static final int HEXADECIMAL = 16;
    private static final int OCTAL = 8;
    private static final int BINARY = 2;

    private final String format;
    private final List<?> values;
    private final WorkMeter meter = WorkMeter.current();
    private final StringBuilder text = new StringBuilder();
    private int nextValue;

    TextFormat(String format, List<?> values) {
        this.format = format;
        this.values = values;
    }

    /**
     * The text with all clauses replaced.
     *
     * @throws IllegalArgumentException if a clause is none, has no value or one that it does not
     *     take, or a value has no clause; says which
     */
    String text() {
        meter.charge(format.length());
        int at = 0;
        while (at < format.length()) {
            int clause = format.indexOf('%', at);
            if (clause < 0) {
                clause = format.length();
            }
            text.append(format, at, clause);
            at = clause < format.length() ? clause(clause) : clause;
        }
        if (nextValue < values.size()) {
            throw new IllegalArgumentException(
                    values.size() + " values, where the text has clauses for " + nextValue);
        }
        return text.toString();
    }

    /** Appends what a clause stands for, and returns where the text goes on. */
    private int clause(int start) {
        int at = start + 1;
        int decimals = DEFAULT_DECIMALS;
        if (at < format.length() && format.charAt(at) == '.') {
            int digits = ++at;
            while (at < format.length() && format.charAt(at) >= '0' && format.charAt(at) <= '9') {
                at++;
            }
            // Three digits are beyond what is allowed, and more do not make it better.
            decimals =
                    at == digits
                            ? -1
                            : Integer.parseInt(format.substring(digits, Math.min(at, digits + 4)));
        }
        if (at == format.length() || decimals < 0) {
            throw bad(start, at, "is no clause");
        }
        char kind = format.charAt(at++);
        if (kind == '%') {
            text.append('%');
            return at;
        }
        if ("sdfexXob".indexOf(kind) < 0) {
            throw bad(start, at, "is none of %s %d %f %e %x %X %o %b %%");
        }
        if (decimals > MOST_DECIMALS) {
            throw bad(start, at, "asks for more than " + MOST_DECIMALS + " decimals");
        }
        if (nextValue == values.size()) {
            throw bad(
                    start,
                    at,
                    "has no value: there " + (nextValue == 1 ? "is 1" : "are " + nextValue));
        }
        Object value = values.get(nextValue++);
        meter.charge(UNITS_PER_CLAUSE + decimals);
        boolean isTaken =
                switch (kind) {
                    case 's' -> appendText(value);
                    case 'd' -> appendWhole(value, 10);
                    case 'o' -> appendWhole(value, OCTAL);
                    case 'b' -> appendBinary(value);
                    case 'x' -> appendHexadecimal(value, false);
                    case 'X' -> appendHexadecimal(value, true);
                    default -> appendDecimal(value, decimals, kind == 'e');
                };
        if (!isTaken) {
            throw bad(start, at, "takes " + taken(kind) + ", which value " + nextValue + " is not");
        }
        return at;
    }

    private static String taken(char kind) {
        return switch (kind) {
            case 's' -> "what has a text";
            case 'd', 'o' -> "an int or uint";
            case 'b' -> "an int, uint or bool";
            case 'x', 'X' -> "an int, uint, string or bytes";
            default -> "a number";
        };
    }

    private IllegalArgumentException bad(int start, int end, String what) {
        return new IllegalArgumentException(
                QuotedText.of(format.substring(start, end))
                        + " at offset "
                        + start
                        + " of the text "
                        + what);
    }

    private boolean appendWhole(Object value, int base) {
        if (value instanceof Long number) {
            text.append(Long.toString(number, base));
        } else if (value instanceof UnsignedLong number) {
            text.append(number.toString(base));
        } else {
            return false;
        }
        return true;
    }

    private boolean appendBinary(Object value) {
        if (value instanceof Boolean isTrue) {
            text.append(isTrue ? '1' : '0');
            return true;
        }
        return appendWhole(value, BINARY);
    }

    private boolean appendHexadecimal(Object value, boolean isUpper) {
        HexFormat hex = isUpper ? HexFormat.of().withUpperCase() : HexFormat.of();
        if (value instanceof CelByteString bytes) {
            meter.chargeShallow(value);
            text.append(hex.formatHex(BytesContents.of(bytes)));
            return true;
        } else if (value instanceof String string) {
            meter.chargeShallow(value);
            text.append(hex.formatHex(string.getBytes(StandardCharsets.UTF_8)));
            return true;
        }
        int start = text.length();
        if (!appendWhole(value, HEXADECIMAL)) {
            return false;
        }
        if (isUpper) {
            text.replace(start, text.length(), text.substring(start).toUpperCase(Locale.ROOT));
        }
        return true;
    }

    private boolean appendDecimal(Object value, int decimals, boolean isScientific) {
        if (!(value instanceof Number number)) {
            return false;
        }
        if (value instanceof Double floating && !Double.isFinite(floating)) {
            text.append(floating);
            return true;
        }
        BigDecimal exact =
                number instanceof Double
                        ? new BigDecimal(number.doubleValue())
                        : new BigDecimal(number.toString());
        if (isScientific) {
            appendScientific(exact, decimals);
        } else {
            text.append(exact.setScale(decimals, RoundingMode.HALF_EVEN).toPlainString());
        }
        return true;
    }

    /** One digit, the decimals, and an exponent of two digits or more. */
    private void appendScientific(BigDecimal exact, int decimals) {
        BigDecimal rounded = exact;
        if (exact.signum() != 0) {
            int scale = decimals + exact.scale() - exact.precision() + 1;
            rounded = exact.setScale(scale, RoundingMode.HALF_EVEN);
            if (rounded.precision() > decimals + 1) {
                rounded = rounded.setScale(scale - 1, RoundingMode.UNNECESSARY);
            }
        }
        int exponent = exact.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        BigInteger digits = rounded.unscaledValue().abs();
        String all = exact.signum() == 0 ? "0".repeat(decimals + 1) : digits.toString();
        text.append(exact.signum() < 0 ? "-" : "").append(all, 0, 1);
        if (decimals > 0) {
            text.append('.').append(all, 1, all.length());
        }
        text.append(exponent < 0 ? "e-" : "e+")
                .append(Math.abs(exponent) < 10 ? "0" : "")
                .append(Math.abs(exponent));
    }

    /** Charges for each value that is met, as often as it is met. */
    private boolean appendText(Object value) {
        meter.charge(WorkMeter.UNITS_PER_ELEMENT + WorkMeter.shallow(value));
        if (value instanceof CelByteString bytes) {
            text.append(new String(BytesContents.of(bytes), StandardCharsets.UTF_8));
        } else if (value instanceof List<?> list) {
            text.append('[');
            for (int i = 0; i < list.size(); i++) {
                text.append(i == 0 ? "" : ", ");
                if (!appendText(list.get(i))) {
                    return false;
                }
            }
            text.append(']');
        } else if (value instanceof Map<?, ?> map) {
            return appendMap(map);
        } else if (value instanceof Duration duration) {
            appendSeconds(duration);
        } else if (value == NullValue.NULL_VALUE) {
            text.append("null");
        } else if (value instanceof String
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Instant) {
            text.append(value);
        } else {
            return false;
        }
        return true;
    }

    private boolean appendMap(Map<?, ?> map) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        // Sorting compares each some times.
        meter.charge((long) WorkMeter.UNITS_PER_ELEMENT * entries.size());
        entries.sort((left, right) -> compare(left.getKey(), right.getKey()));
        text.append('{');
        for (int i = 0; i < entries.size(); i++) {
            text.append(i == 0 ? "" : ", ");
            if (!appendText(entries.get(i).getKey())) {
                return false;
            }
            text.append(": ");
            if (!appendText(entries.get(i).getValue())) {
                return false;
            }
        }
        text.append('}');
        return true;
    }

    private static int compare(Object left, Object right) {
        return left.toString().compareTo(right.toString());
    }

    private void appendSeconds(Duration duration) {
        BigDecimal seconds =
                BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano(), 9));
        text.append(seconds.signum() == 0 ? "0" : seconds.stripTrailingZeros().toPlainString())
                .append('s');
    }
}
