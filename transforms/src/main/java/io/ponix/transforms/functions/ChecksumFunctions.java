package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionOverload;
import java.util.List;
import java.util.zip.CRC32;

/**
 * What a frame is checked with, all of bytes and all an int.
 *
 * <table>
 * <caption>Checksums</caption>
 * <tr><td>{@code crc16(bytes, string)}</td><td>the variant by its name, see {@link Crc16}</td></tr>
 * <tr><td>{@code crc32(bytes)}</td><td>CRC-32/ISO-HDLC, that of Ethernet, zip and PNG</td></tr>
 * <tr><td>{@code xor(bytes)}</td><td>all bytes in exclusive or, 0 of none</td></tr>
 * <tr><td>{@code sum8(bytes)}</td><td>the lowest eight bits of the sum of all bytes</td></tr>
 * </table>
 */
public final class ChecksumFunctions extends DeclaredFunctions {

    public ChecksumFunctions() {
        super(
                List.of(
                        new Overload(
                                "crc16",
                                "crc16_bytes_string",
                                FunctionCost.ARGUMENTS,
                                SimpleType.INT,
                                List.of(SimpleType.BYTES, SimpleType.STRING),
                                arguments ->
                                        crc16((CelByteString) arguments[0], (String) arguments[1])),
                        ofBytes("crc32", arguments -> crc32(bytes(arguments))),
                        ofBytes("xor", arguments -> xor(bytes(arguments))),
                        ofBytes("sum8", arguments -> sum8(bytes(arguments)))));
    }

    private static Overload ofBytes(String function, CelFunctionOverload definition) {
        return new Overload(
                function,
                function + "_bytes",
                FunctionCost.ARGUMENTS,
                SimpleType.INT,
                List.of(SimpleType.BYTES),
                definition);
    }

    private static byte[] bytes(Object[] arguments) {
        return BytesContents.of((CelByteString) arguments[0]);
    }

    private static long crc16(CelByteString value, String variant) {
        try {
            return Crc16.named(variant).of(BytesContents.of(value));
        } catch (IllegalArgumentException e) {
            throw new CelInvalidArgumentException("crc16: " + e.getMessage());
        }
    }

    private static long crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    private static long xor(byte[] bytes) {
        int xor = 0;
        for (byte each : bytes) {
            xor ^= each;
        }
        return xor & 0xFF;
    }

    private static long sum8(byte[] bytes) {
        int sum = 0;
        for (byte each : bytes) {
            sum += each;
        }
        return sum & 0xFF;
    }
}
