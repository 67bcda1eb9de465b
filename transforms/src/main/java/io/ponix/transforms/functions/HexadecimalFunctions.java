package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.util.List;

/**
 * {@code hex.decode(string) -> bytes}, and {@code hex_decode} as it was called first: pairs of
 * hexadecimal digits, of either case, with nothing between them. What {@code hex()} of bytes gives.
 */
public final class HexadecimalFunctions extends DeclaredFunctions {
    private static final int BITS_OF_DIGIT = 4;
    private static final int RADIX = 16;

    public HexadecimalFunctions() {
        super(
                List.of(
                        decode("hex.decode", "hex.decode_string"),
                        decode("hex_decode", "hex_decode_string")));
    }

    private static Overload decode(String function, String id) {
        return new Overload(
                function,
                id,
                FunctionCost.ARGUMENTS,
                SimpleType.BYTES,
                List.of(SimpleType.STRING),
                arguments -> decoded(function, (String) arguments[0]));
    }

    private static CelByteString decoded(String function, String text) {
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            // Character.digit takes the digits of every script.
            int value = digit < 0x80 ? Character.digit(digit, RADIX) : -1;
            if (value < 0) {
                throw new CelBadFormatException(
                        function + ": no hexadecimal digit at offset " + i + " of the text");
            }
            if (i / 2 < bytes.length) {
                bytes[i / 2] |= (byte) (i % 2 == 0 ? value << BITS_OF_DIGIT : value);
            }
        }
        if (text.length() % 2 != 0) {
            throw new CelBadFormatException(
                    function + ": " + text.length() + " digits do not make whole bytes");
        }
        return CelByteString.of(bytes);
    }
}
