package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import java.util.Arrays;
import java.util.HexFormat;

/** Single bits, groups of bits, parts and the text of bytes. */
final class BytesParts {
    private static final int LARGEST_GROUP = 32;

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
     * {@code bits(offset, from, length)}: the unsigned number in {@code length} bits, 1 to 32, from
     * bit {@code from} of a byte on, 0 to 7. What the byte does not hold continues in the low bits
     * of the next.
     */
    static Object bits(Object[] arguments) {
        byte[] bytes = BytesContents.of((CelByteString) arguments[0]);
        long offset = (Long) arguments[1];
        long from = (Long) arguments[2];
        long length = (Long) arguments[3];
        if (from < 0 || from > 7) {
            throw new CelInvalidArgumentException(
                    "bits: from bit " + from + " of a byte, not 0 to 7");
        }
        if (length < 1 || length > LARGEST_GROUP) {
            throw new CelInvalidArgumentException(
                    "bits: a length of " + length + " bits, not 1 to " + LARGEST_GROUP);
        }
        int size = (int) (from + length + 7) / 8;
        BytesRange.check("bits", offset, size, bytes.length);
        long mask = (1L << length) - 1;
        return BytesNumber.littleEndian(bytes, (int) offset, size) >> from & mask;
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
