package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import java.util.Arrays;
import java.util.HexFormat;

/** Single bits, groups of bits, parts and the text of bytes. */
final class BytesParts {
    /** In bits: an int holds no more without its sign. */
    private static final int LARGEST_UNSIGNED = 63;

    private BytesParts() {}

    /** {@code bit(offset, n)}: bit {@code n} of a byte, 0 the lowest, 7 the highest. */
    static Object bit(Object[] arguments) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        long offset = (Long) arguments[1];
        long bit = (Long) arguments[2];
        if (bit < 0 || bit > 7) {
            throw new CelInvalidArgumentException("bit: bit " + bit + " of a byte, not 0 to 7");
        }
        BytesRange.check("bit", offset, 1, bytes.length);
        return (bytes[(int) offset] >> bit & 1) == 1;
    }

    /**
     * {@code bits(offset, from, length)}: the unsigned number in {@code length} bits, 1 to 63, from
     * bit {@code from} on, which counts from the lowest bit of the byte at {@code offset}. What a
     * byte does not hold continues in the low bits of the next.
     */
    static Object bits(Object[] arguments) {
        return unsigned(lowestFirst("bits", arguments, LARGEST_UNSIGNED), arguments);
    }

    /** {@code ibits(offset, from, length)}: the same, 1 to 64 bits in two's complement. */
    static Object signedBits(Object[] arguments) {
        return signed(lowestFirst("ibits", arguments, Long.SIZE), arguments);
    }

    /**
     * {@code bits_be(offset, from, length)}: the unsigned number in {@code length} bits, 1 to 63,
     * from bit {@code from} on, which counts from the highest bit of the byte at {@code offset}.
     * What a byte does not hold continues in the high bits of the next.
     */
    static Object bitsBigEndian(Object[] arguments) {
        return unsigned(highestFirst("bits_be", arguments, LARGEST_UNSIGNED), arguments);
    }

    /** {@code ibits_be(offset, from, length)}: the same, 1 to 64 bits in two's complement. */
    static Object signedBitsBigEndian(Object[] arguments) {
        return signed(highestFirst("ibits_be", arguments, Long.SIZE), arguments);
    }

    /** The group in the low bits; what is above them is anything. */
    private static long lowestFirst(String function, Object[] arguments, int longest) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        int at = firstByte(function, arguments, longest, bytes.length);
        int from = (int) ((Long) arguments[2] % Byte.SIZE);
        int size = size(arguments);
        if (size <= Long.BYTES) {
            return BytesNumber.littleEndian(bytes, at, size) >>> from;
        }
        long last = bytes[at + Long.BYTES];
        return BytesNumber.littleEndian(bytes, at, Long.BYTES) >>> from | last << Long.SIZE - from;
    }

    /** The group in the low bits; what is above them is anything. */
    private static long highestFirst(String function, Object[] arguments, int longest) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        int at = firstByte(function, arguments, longest, bytes.length);
        int from = (int) ((Long) arguments[2] % Byte.SIZE);
        int size = size(arguments);
        int behind = Byte.SIZE * size - from - (int) (long) (Long) arguments[3];
        if (size <= Long.BYTES) {
            return BytesNumber.bigEndian(bytes, at, size) >>> behind;
        }
        int last = bytes[at + Long.BYTES] & 0xFF;
        return BytesNumber.bigEndian(bytes, at, Long.BYTES) << Byte.SIZE - behind | last >>> behind;
    }

    /** The byte that the group begins in; all its bytes are there. */
    private static int firstByte(String function, Object[] arguments, int longest, int available) {
        long offset = (Long) arguments[1];
        long from = (Long) arguments[2];
        long length = (Long) arguments[3];
        if (from < 0) {
            throw new CelInvalidArgumentException(
                    function + ": from bit " + from + ", where the first is bit 0");
        }
        if (length < 1 || length > longest) {
            throw new CelInvalidArgumentException(
                    function + ": a length of " + length + " bits, not 1 to " + longest);
        }
        // An offset that is out of range is told as it is, and not added to.
        long first = offset < 0 || offset > available ? offset : offset + from / Byte.SIZE;
        BytesRange.check(function, first, size(arguments), available);
        return (int) first;
    }

    /** How many bytes a group is in, 1 to 9. */
    private static int size(Object[] arguments) {
        long from = (Long) arguments[2] % Byte.SIZE;
        return (int) (from + (Long) arguments[3] + Byte.SIZE - 1) / Byte.SIZE;
    }

    private static long unsigned(long group, Object[] arguments) {
        int above = Long.SIZE - (int) (long) (Long) arguments[3];
        return group << above >>> above;
    }

    private static long signed(long group, Object[] arguments) {
        int above = Long.SIZE - (int) (long) (Long) arguments[3];
        return group << above >> above;
    }

    /** {@code reverse()}: the same bytes, the last one first. */
    static Object reverse(Object[] arguments) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return CelByteString.of(reversed);
    }

    /** {@code slice(from, to)}: the bytes from {@code from} on, up to but without {@code to}. */
    static Object slice(Object[] arguments) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        long from = (Long) arguments[1];
        long to = (Long) arguments[2];
        if (from < 0 || to < from || to > bytes.length) {
            throw new CelInvalidArgumentException(
                    "slice: "
                            + from
                            + " to "
                            + to
                            + " is not a part of the "
                            + BytesRange.count(bytes.length)
                            + " there are");
        }
        return CelByteString.of(Arrays.copyOfRange(bytes, (int) from, (int) to));
    }

    /** {@code hex()}: two lower-case hexadecimal digits per byte. */
    static String hex(CelByteString value) {
        return HexFormat.of().formatHex(BytesContents.of(value));
    }
}
