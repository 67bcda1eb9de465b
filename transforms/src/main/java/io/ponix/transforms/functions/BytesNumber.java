package io.ponix.transforms.functions;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A number of a fixed size in a payload, and the function of CEL that reads it: {@code
 * input.u16be(offset)}.
 *
 * <p>The name says all: {@code u}nsigned, {@code i} signed in two's complement, or {@code f}loating
 * point of IEEE 754; the size in bits; {@code be} for the most significant byte first, {@code le}
 * for the least significant one. Integers are CEL's int, doubles CEL's double (floats of 16 and 32
 * bits keep their exact value), and the unsigned 64-bit numbers CEL's uint, as an int cannot hold
 * half of them: write {@code int(input.u64be(0))} to calculate with ints.
 */
enum BytesNumber {
    U8(1, SimpleType.INT),
    I8(1, SimpleType.INT),
    U16BE(2, SimpleType.INT),
    U16LE(2, SimpleType.INT),
    I16BE(2, SimpleType.INT),
    I16LE(2, SimpleType.INT),
    U24BE(3, SimpleType.INT),
    U24LE(3, SimpleType.INT),
    I24BE(3, SimpleType.INT),
    I24LE(3, SimpleType.INT),
    U32BE(4, SimpleType.INT),
    U32LE(4, SimpleType.INT),
    I32BE(4, SimpleType.INT),
    I32LE(4, SimpleType.INT),
    U40BE(5, SimpleType.INT),
    U40LE(5, SimpleType.INT),
    I40BE(5, SimpleType.INT),
    I40LE(5, SimpleType.INT),
    U48BE(6, SimpleType.INT),
    U48LE(6, SimpleType.INT),
    I48BE(6, SimpleType.INT),
    I48LE(6, SimpleType.INT),
    U56BE(7, SimpleType.INT),
    U56LE(7, SimpleType.INT),
    I56BE(7, SimpleType.INT),
    I56LE(7, SimpleType.INT),
    U64BE(8, SimpleType.UINT),
    U64LE(8, SimpleType.UINT),
    I64BE(8, SimpleType.INT),
    I64LE(8, SimpleType.INT),
    F16BE(2, SimpleType.DOUBLE),
    F16LE(2, SimpleType.DOUBLE),
    F32BE(4, SimpleType.DOUBLE),
    F32LE(4, SimpleType.DOUBLE),
    F64BE(8, SimpleType.DOUBLE),
    F64LE(8, SimpleType.DOUBLE);

    private final int size;
    private final CelType type;
    private final String function = name().toLowerCase(Locale.ROOT);

    BytesNumber(int size, CelType type) {
        this.size = size;
        this.type = type;
    }

    /** The name of the function. */
    String function() {
        return function;
    }

    /** The number that a function reads; empty if there is no function of this name. */
    static Optional<BytesNumber> named(String function) {
        return Arrays.stream(values())
                .filter(number -> number.function.equals(function))
                .findFirst();
    }

    /** In bytes. */
    int size() {
        return size;
    }

    /** What the function returns. */
    CelType type() {
        return type;
    }

    /**
     * Reads the number at {@code offset}, which must have all its bytes inside of {@code value}.
     */
    Object read(CelByteString value, long offset) {
        byte[] bytes = BytesContents.of(value);
        BytesRange.check(function, offset, size, bytes.length);
        int at = (int) offset;
        switch (this) {
            case U8:
                return (long) (bytes[at] & 0xFF);
            case I8:
                return (long) bytes[at];
            case U16BE:
            case U24BE:
            case U32BE:
            case U40BE:
            case U48BE:
            case U56BE:
                return bigEndian(bytes, at, size);
            case U16LE:
            case U24LE:
            case U32LE:
            case U40LE:
            case U48LE:
            case U56LE:
                return littleEndian(bytes, at, size);
            case I16BE:
            case I24BE:
            case I32BE:
            case I40BE:
            case I48BE:
            case I56BE:
            case I64BE:
                return signed(bigEndian(bytes, at, size));
            case I16LE:
            case I24LE:
            case I32LE:
            case I40LE:
            case I48LE:
            case I56LE:
            case I64LE:
                return signed(littleEndian(bytes, at, size));
            case U64BE:
                return UnsignedLong.fromLongBits(bigEndian(bytes, at, size));
            case U64LE:
                return UnsignedLong.fromLongBits(littleEndian(bytes, at, size));
            case F16BE:
                return half((int) bigEndian(bytes, at, size));
            case F16LE:
                return half((int) littleEndian(bytes, at, size));
            case F32BE:
                return (double) Float.intBitsToFloat((int) bigEndian(bytes, at, size));
            case F32LE:
                return (double) Float.intBitsToFloat((int) littleEndian(bytes, at, size));
            case F64BE:
                return Double.longBitsToDouble(bigEndian(bytes, at, size));
            case F64LE:
                return Double.longBitsToDouble(littleEndian(bytes, at, size));
            default:
                throw new AssertionError(this);
        }
    }

    private long signed(long unsigned) {
        int unused = Long.SIZE - 8 * size;
        return unsigned << unused >> unused;
    }

    /**
     * The value of 16 bits of IEEE 754: a sign, 5 bits of exponent and 10 of fraction. A double
     * holds each exactly.
     */
    private static double half(int bits) {
        int exponent = bits >> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        double magnitude;
        if (exponent == 0) {
            magnitude = Math.scalb((double) fraction, -24);
        } else if (exponent == 0x1F) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else {
            magnitude = Math.scalb(1024.0 + fraction, exponent - 25);
        }
        return bits >> 15 == 0 ? magnitude : -magnitude;
    }

    /** The unsigned number in {@code size} bytes, most significant first; 8 bytes wrap around. */
    static long bigEndian(byte[] bytes, int at, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | (bytes[at + i] & 0xFF);
        }
        return value;
    }

    /** The unsigned number in {@code size} bytes, least significant first; 8 bytes wrap around. */
    static long littleEndian(byte[] bytes, int at, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | (bytes[at + i] & 0xFF);
        }
        return value;
    }
}
