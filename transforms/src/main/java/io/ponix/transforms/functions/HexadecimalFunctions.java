package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;
import java.util.Map;

/**
 * {@code hex_decode(string) -> bytes}: pairs of hexadecimal digits, of either case, with nothing
 * between them. What {@code hex()} of bytes gives.
 */
public final class HexadecimalFunctions implements FunctionLibrary {
    private static final String DECODE = "hex_decode";

    private static final String DECODE_STRING = "hex_decode_string";

    private static final int BITS_OF_DIGIT = 4;
    private static final int RADIX = 16;

    @Override
    public List<String> names() {
        return List.of(DECODE);
    }

    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(DECODE_STRING, FunctionCost.ARGUMENTS);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                DECODE_STRING, SimpleType.BYTES, SimpleType.STRING)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        DECODE,
                        CelFunctionBinding.from(
                                DECODE_STRING, String.class, HexadecimalFunctions::decode)));
    }

    private static CelByteString decode(String text) {
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            // Character.digit takes the digits of every script.
            int value = digit < 0x80 ? Character.digit(digit, RADIX) : -1;
            if (value < 0) {
                throw new CelBadFormatException(
                        DECODE + ": no hexadecimal digit at offset " + i + " of the text");
            }
            if (i / 2 < bytes.length) {
                bytes[i / 2] |= (byte) (i % 2 == 0 ? value << BITS_OF_DIGIT : value);
            }
        }
        if (text.length() % 2 != 0) {
            throw new CelBadFormatException(
                    DECODE + ": " + text.length() + " digits do not make whole bytes");
        }
        return CelByteString.of(bytes);
    }
}
