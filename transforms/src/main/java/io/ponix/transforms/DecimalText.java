package io.ponix.transforms;

import java.math.BigInteger;

/**
 * Writes numbers as JSON text without allocating.
 *
 * <p>A double is written as the shortest decimal that reads back as the same double (the one
 * nearest to it if there are several), always with a decimal point: plainly from 10<sup>-6</sup> up
 * to 10<sup>21</sup>, the range in which JavaScript does so too, and with an exponent outside of
 * it. {@code Double.toString} is neither free of garbage nor, before JDK 19, always the shortest
 * (JDK-4511638).
 *
 * <p>Readings are short decimals, so those are tried first. All others take the Schubfach algorithm
 * of Raffaello Giulietti, "The Schubfach way to render doubles" (2021); names and section numbers
 * below are that paper's.
 */
final class DecimalText {
    /** The most digits a decimal may have for it to be the only one near its double. */
    private static final double LARGEST_SHORT = 1e15;

    private static final double SHORT_SCALE = 1e4;

    private static final int FRACTION_BITS = 52;
    private static final long FRACTION_MASK = (1L << FRACTION_BITS) - 1;
    private static final int Q_MIN = -1074;
    private static final long C_MIN = 1L << FRACTION_BITS;

    private static final int K_MIN = -324;
    private static final int K_MAX = 292;
    private static final long MASK_63 = Long.MAX_VALUE;

    /** The upper and lower 63 bits of g(k), section 9.8, for every k from K_MIN to K_MAX. */
    private static final long[] G = tableOfG();

    private static final long[] POWERS_OF_TEN = new long[19];

    static {
        long power = 1;
        for (int i = 0; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = power;
            power *= 10;
        }
    }

    private DecimalText() {}

    static void writeLong(long value, JsonBuffer out) {
        if (value == Long.MIN_VALUE) {
            out.writeAscii("-9223372036854775808");
            return;
        }
        if (value < 0) {
            out.writeByte('-');
        }
        long magnitude = Math.abs(value);
        int digits = digits(magnitude);
        putDigits(magnitude, digits, out.reserve(digits), out.length());
        out.advance(digits);
    }

    /** Writes a finite double. */
    static void writeDouble(double value, JsonBuffer out) {
        long bits = Double.doubleToRawLongBits(value);
        if (bits < 0) {
            out.writeByte('-');
        }
        double magnitude = Math.abs(value);
        if (magnitude == 0) {
            out.writeAscii("0.0");
            return;
        }
        // Two decimals of at most 15 digits never round to the same double. If this one does round
        // to the value it is therefore the only one so short, trailing zeros aside.
        double scaled = magnitude * SHORT_SCALE;
        if (scaled < LARGEST_SHORT) {
            long integer = (long) (scaled + 0.5);
            if (integer / SHORT_SCALE == magnitude) {
                writeShort(integer, out);
                return;
            }
        }
        writeShortest(bits & Long.MAX_VALUE, out);
    }

    /** Writes {@code tenThousandths} / 10,000, 0 &lt; tenThousandths &lt; 10<sup>15</sup>. */
    private static void writeShort(long tenThousandths, JsonBuffer out) {
        long whole = tenThousandths / 10_000;
        int decimals = (int) (tenThousandths - whole * 10_000);
        int digits = digits(whole);
        byte[] bytes = out.reserve(digits + 5);
        int at = out.length();
        putDigits(whole, digits, bytes, at);
        at += digits;
        bytes[at++] = '.';
        int tenths = decimals / 1_000;
        bytes[at++] = (byte) ('0' + tenths);
        int rest = decimals - tenths * 1_000;
        for (int unit = 100; rest > 0; unit /= 10) {
            int digit = rest / unit;
            bytes[at++] = (byte) ('0' + digit);
            rest -= digit * unit;
        }
        out.advance(at - out.length());
    }

    private static void writeShortest(long bits, JsonBuffer out) {
        long fraction = bits & FRACTION_MASK;
        int exponent = (int) (bits >>> FRACTION_BITS);
        long c = exponent == 0 ? fraction : fraction | C_MIN;
        int q = Math.max(exponent, 1) - 1 + Q_MIN;

        // Section 9: the value is c * 2^q; k is the exponent of the decimals to choose from, vb,
        // vbl and vbr are the value and the ends of its rounding interval in units of 10^k / 4.
        long odd = c & 1;
        long cb = c << 2;
        long cbr = cb + 2;
        long cbl;
        int k;
        if (c != C_MIN || q == Q_MIN) {
            cbl = cb - 2;
            k = floorLog10OfPowerOf2(q);
        } else {
            cbl = cb - 1;
            k = floorLog10OfThreeQuartersOfPowerOf2(q);
        }
        int h = q + floorLog2OfPowerOf10(-k) + 2;
        long g1 = G[2 * (k - K_MIN)];
        long g0 = G[2 * (k - K_MIN) + 1];
        long vb = roundToOdd(g1, g0, cb << h);
        long vbl = roundToOdd(g1, g0, cbl << h);
        long vbr = roundToOdd(g1, g0, cbr << h);

        long s = vb >> 2;
        if (s >= 100) {
            // One digit less, if one of the two neighbours with it is inside the interval.
            long sp = s / 10 * 10;
            long tp = sp + 10;
            boolean spInside = vbl + odd <= sp << 2;
            boolean tpInside = (tp << 2) + odd <= vbr;
            if (spInside != tpInside) {
                writeDecimal(spInside ? sp : tp, k, out);
                return;
            }
        }
        long t = s + 1;
        boolean sInside = vbl + odd <= s << 2;
        boolean tInside = (t << 2) + odd <= vbr;
        if (sInside != tInside) {
            writeDecimal(sInside ? s : t, k, out);
            return;
        }
        long nearer = vb - ((s + t) << 1);
        writeDecimal(nearer < 0 || (nearer == 0 && (s & 1) == 0) ? s : t, k, out);
    }

    /** Section 9.9: floor(g * cp / 2^126), made odd if anything is cut off. */
    private static long roundToOdd(long g1, long g0, long cp) {
        long x1 = Math.multiplyHigh(g0, cp);
        long y0 = g1 * cp;
        long y1 = Math.multiplyHigh(g1, cp);
        long z = (y0 >>> 1) + x1;
        long w = y1 + (z >>> 63);
        return w | ((z & MASK_63) + MASK_63) >>> 63;
    }

    private static int floorLog10OfPowerOf2(int e) {
        return (int) (e * 661_971_961_083L >> 41);
    }

    private static int floorLog10OfThreeQuartersOfPowerOf2(int e) {
        return (int) (e * 661_971_961_083L - 274_743_187_321L >> 41);
    }

    private static int floorLog2OfPowerOf10(int e) {
        return (int) (e * 913_124_641_741L >> 38);
    }

    /** g(k) = floor(10^-k * 2^-r) + 1 with r = floorLog2OfPowerOf10(-k) - 125: 126 bits. */
    private static long[] tableOfG() {
        long[] table = new long[2 * (K_MAX - K_MIN + 1)];
        for (int k = K_MIN; k <= K_MAX; k++) {
            int r = floorLog2OfPowerOf10(-k) - 125;
            BigInteger numerator = k <= 0 ? BigInteger.TEN.pow(-k) : BigInteger.ONE;
            BigInteger denominator = k > 0 ? BigInteger.TEN.pow(k) : BigInteger.ONE;
            if (r < 0) {
                numerator = numerator.shiftLeft(-r);
            } else {
                denominator = denominator.shiftLeft(r);
            }
            BigInteger g = numerator.divide(denominator).add(BigInteger.ONE);
            table[2 * (k - K_MIN)] = g.shiftRight(63).longValueExact();
            table[2 * (k - K_MIN) + 1] = g.and(BigInteger.valueOf(MASK_63)).longValueExact();
        }
        return table;
    }

    /** Writes {@code decimal} * 10^{@code exponent}, decimal > 0, without trailing zeros. */
    private static void writeDecimal(long decimal, int exponent, JsonBuffer out) {
        long significand = decimal;
        int scale = exponent;
        while (significand % 10 == 0) {
            significand /= 10;
            scale++;
        }
        int digits = digits(significand);
        // The decimal point stands after the first `point` digits.
        int point = digits + scale;
        // The longest: 0.00000 and 17 digits, 21 digits and .0, or 17 digits, point and exponent.
        byte[] bytes = out.reserve(32);
        int start = out.length();
        int end;
        if (point > 21 || point < -5) {
            end = putScientific(significand, digits, point - 1, bytes, start);
        } else if (point <= 0) {
            int at = start;
            bytes[at++] = '0';
            bytes[at++] = '.';
            for (int i = point; i < 0; i++) {
                bytes[at++] = '0';
            }
            putDigits(significand, digits, bytes, at);
            end = at + digits;
        } else if (scale >= 0) {
            putDigits(significand, digits, bytes, start);
            int at = start + digits;
            for (int i = 0; i < scale; i++) {
                bytes[at++] = '0';
            }
            bytes[at++] = '.';
            bytes[at++] = '0';
            end = at;
        } else {
            long divisor = POWERS_OF_TEN[-scale];
            putDigits(significand / divisor, point, bytes, start);
            bytes[start + point] = '.';
            putDigits(significand % divisor, -scale, bytes, start + point + 1);
            end = start + digits + 1;
        }
        out.advance(end - start);
    }

    private static int putScientific(
            long significand, int digits, int exponent, byte[] bytes, int start) {
        long divisor = POWERS_OF_TEN[digits - 1];
        int at = start;
        bytes[at++] = (byte) ('0' + significand / divisor);
        bytes[at++] = '.';
        int decimals = Math.max(digits - 1, 1);
        putDigits(significand % divisor, decimals, bytes, at);
        at += decimals;
        bytes[at++] = 'e';
        if (exponent < 0) {
            bytes[at++] = '-';
        }
        int magnitude = Math.abs(exponent);
        int exponentDigits = digits(magnitude);
        putDigits(magnitude, exponentDigits, bytes, at);
        return at + exponentDigits;
    }

    /** Writes exactly {@code count} digits, with leading zeros. */
    private static void putDigits(long value, int count, byte[] bytes, int start) {
        long rest = value;
        for (int at = start + count - 1; at >= start; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int digits(long value) {
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            if (value < POWERS_OF_TEN[i]) {
                return i;
            }
        }
        return POWERS_OF_TEN.length;
    }
}
