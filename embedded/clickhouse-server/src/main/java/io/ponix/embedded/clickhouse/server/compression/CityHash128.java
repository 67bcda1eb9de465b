package io.ponix.embedded.clickhouse.server.compression;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * CityHash128 of version 1.0.2, which ClickHouse pins: the checksum of its compressed blocks. Later
 * versions of CityHash give other values.
 *
 * @param low the first eight bytes of the checksum, little-endian
 * @param high the last eight
 */
record CityHash128(long low, long high) {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long K0 = 0xc3a5c85c97cb3127L;
    private static final long K1 = 0xb492b66fbe98f273L;
    private static final long K2 = 0x9ae16a3b2f90404fL;
    private static final long K3 = 0xc949d7c7509e6557L;
    private static final long MULTIPLIER = 0x9ddfea08eb382d69L;

    static CityHash128 of(byte[] bytes, int offset, int length) {
        if (length >= 16) {
            return withSeed(
                    bytes,
                    offset + 16,
                    length - 16,
                    fetch64(bytes, offset) ^ K3,
                    fetch64(bytes, offset + 8));
        }
        if (length >= 8) {
            return withSeed(
                    bytes,
                    0,
                    0,
                    fetch64(bytes, offset) ^ (length * K0),
                    fetch64(bytes, offset + length - 8) ^ K1);
        }
        return withSeed(bytes, offset, length, K0, K1);
    }

    private static CityHash128 withSeed(
            byte[] bytes, int offset, int length, long seedLow, long seedHigh) {
        if (length < 128) {
            return murmur(bytes, offset, length, seedLow, seedHigh);
        }
        int position = offset;
        int remaining = length;
        long x = seedLow;
        long y = seedHigh;
        long z = length * K1;
        long v0 = Long.rotateRight(y ^ K1, 49) * K1 + fetch64(bytes, position);
        long v1 = Long.rotateRight(v0, 42) * K1 + fetch64(bytes, position + 8);
        long w0 = Long.rotateRight(y + z, 35) * K1 + x;
        long w1 = Long.rotateRight(x + fetch64(bytes, position + 88), 53) * K1;
        do {
            for (int half = 0; half < 2; half++) {
                x = Long.rotateRight(x + y + v0 + fetch64(bytes, position + 16), 37) * K1;
                y = Long.rotateRight(y + v1 + fetch64(bytes, position + 48), 42) * K1;
                x ^= w1;
                y ^= v0;
                z = Long.rotateRight(z ^ w0, 33);
                long[] v = weakHash32(bytes, position, v1 * K1, x + w0);
                long[] w = weakHash32(bytes, position + 32, z + w1, y);
                v0 = v[0];
                v1 = v[1];
                w0 = w[0];
                w1 = w[1];
                long swapped = z;
                z = x;
                x = swapped;
                position += 64;
            }
            remaining -= 128;
        } while (remaining >= 128);
        y += Long.rotateRight(w0, 37) * K0 + z;
        x += Long.rotateRight(v0 + z, 49) * K0;
        // Up to four chunks of 32 bytes from the end.
        for (int tail = 0; tail < remaining; ) {
            tail += 32;
            y = Long.rotateRight(y - x, 42) * K0 + v1;
            w0 += fetch64(bytes, position + remaining - tail + 16);
            x = Long.rotateRight(x, 49) * K0 + w0;
            w0 += v0;
            long[] v = weakHash32(bytes, position + remaining - tail, v0, v1);
            v0 = v[0];
            v1 = v[1];
        }
        x = hash16(x, v0);
        y = hash16(y, w0);
        return new CityHash128(hash16(x + v1, w1) + y, hash16(x + w1, y + v1));
    }

    private static CityHash128 murmur(
            byte[] bytes, int offset, int length, long seedLow, long seedHigh) {
        long a = seedLow;
        long b = seedHigh;
        long c;
        long d;
        int remaining = length - 16;
        if (remaining <= 0) {
            a = shiftMix(a * K1) * K1;
            c = b * K1 + hash0to16(bytes, offset, length);
            d = shiftMix(a + (length >= 8 ? fetch64(bytes, offset) : c));
        } else {
            int position = offset;
            c = hash16(fetch64(bytes, position + length - 8) + K1, a);
            d = hash16(b + length, c + fetch64(bytes, position + length - 16));
            a += d;
            do {
                a = (a ^ (shiftMix(fetch64(bytes, position) * K1) * K1)) * K1;
                b ^= a;
                c = (c ^ (shiftMix(fetch64(bytes, position + 8) * K1) * K1)) * K1;
                d ^= c;
                position += 16;
                remaining -= 16;
            } while (remaining > 0);
        }
        a = hash16(a, c);
        b = hash16(d, b);
        return new CityHash128(a ^ b, hash16(b, a));
    }

    private static long hash0to16(byte[] bytes, int offset, int length) {
        if (length > 8) {
            long a = fetch64(bytes, offset);
            long b = fetch64(bytes, offset + length - 8);
            return hash16(a, Long.rotateRight(b + length, length)) ^ b;
        }
        if (length >= 4) {
            long a = fetch32(bytes, offset);
            return hash16(length + (a << 3), fetch32(bytes, offset + length - 4));
        }
        if (length > 0) {
            int a = bytes[offset] & 0xff;
            int b = bytes[offset + (length >> 1)] & 0xff;
            int c = bytes[offset + length - 1] & 0xff;
            int y = a + (b << 8);
            int z = length + (c << 2);
            return shiftMix((y * K2) ^ (z * K3)) * K2;
        }
        return K2;
    }

    private static long[] weakHash32(byte[] bytes, int offset, long seedA, long seedB) {
        long w = fetch64(bytes, offset);
        long x = fetch64(bytes, offset + 8);
        long y = fetch64(bytes, offset + 16);
        long z = fetch64(bytes, offset + 24);
        long a = seedA + w;
        long b = Long.rotateRight(seedB + a + z, 21);
        long c = a;
        a += x;
        a += y;
        b += Long.rotateRight(a, 44);
        return new long[] {a + z, b + c};
    }

    private static long hash16(long low, long high) {
        long a = (low ^ high) * MULTIPLIER;
        a ^= a >>> 47;
        long b = (high ^ a) * MULTIPLIER;
        b ^= b >>> 47;
        return b * MULTIPLIER;
    }

    private static long shiftMix(long value) {
        return value ^ (value >>> 47);
    }

    private static long fetch64(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    private static long fetch32(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset) & 0xffffffffL;
    }
}
