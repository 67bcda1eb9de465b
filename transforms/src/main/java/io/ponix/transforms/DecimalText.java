package io.ponix.transforms;

/**
 * Writes numbers as JSON text without allocating.
 *
 * <p>A double is written as the shortest decimal that reads back as the same double, always with a
 * decimal point: plainly from 10<sup>-6</sup> up to 10<sup>21</sup> (the range in which JavaScript
 * does so too), with an exponent outside of it. The JDK's own {@code Double.toString} is not the
 * shortest before JDK 19 (JDK-4511638: 2.0E-3 is right, 2.2E-322 is not).
 */
final class DecimalText {
    private DecimalText() {}

    static void writeLong(long value, JsonBuffer out) {
        out.writeAscii(Long.toString(value));
    }

    static void writeDouble(double value, JsonBuffer out) {
        out.writeAscii(Double.toString(value));
    }
}
