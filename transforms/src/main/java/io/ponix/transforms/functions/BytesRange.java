package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;

/** Refuses to read outside of the bytes there are. */
final class BytesRange {
    private BytesRange() {}

    /**
     * @throws CelInvalidArgumentException unless {@code size} bytes from {@code offset} on are
     *     inside of {@code available} bytes
     */
    static void check(String function, long offset, int size, int available) {
        if (offset < 0 || offset > available - size) {
            throw outside(function, offset, size, available);
        }
    }

    private static CelInvalidArgumentException outside(
            String function, long offset, int size, int available) {
        return new CelInvalidArgumentException(
                function
                        + ": "
                        + count(size)
                        + " at offset "
                        + offset
                        + " "
                        + (size == 1 ? "is" : "are")
                        + " outside of the "
                        + count(available)
                        + " there are");
    }

    /** {@code 1 byte}, {@code 2 bytes}. */
    static String count(long bytes) {
        return bytes + (bytes == 1 ? " byte" : " bytes");
    }
}
