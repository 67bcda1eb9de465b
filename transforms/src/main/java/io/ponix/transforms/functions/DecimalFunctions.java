package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.util.List;

/**
 * Numbers in binary-coded decimal, two digits a byte, the first in the high four bits: {@code
 * bcd(bytes) -> int} with the most significant byte first, {@code bcd_le(bytes) -> int} with the
 * least significant one first. Of 1 to 9 bytes; four bits that are no decimal digit are an error
 * that names their offset.
 */
public final class DecimalFunctions extends DeclaredFunctions {
    /** An int holds any number of 18 digits. */
    private static final int MOST_BYTES = 9;

    public DecimalFunctions() {
        super(
                List.of(
                        new Overload(
                                "bcd",
                                "bcd_bytes",
                                FunctionCost.ARGUMENTS,
                                SimpleType.INT,
                                List.of(SimpleType.BYTES),
                                arguments -> number("bcd", (CelByteString) arguments[0], false)),
                        new Overload(
                                "bcd_le",
                                "bcd_le_bytes",
                                FunctionCost.ARGUMENTS,
                                SimpleType.INT,
                                List.of(SimpleType.BYTES),
                                arguments ->
                                        number("bcd_le", (CelByteString) arguments[0], true))));
    }

    private static long number(String function, CelByteString digits, boolean isReversed) {
        byte[] bytes = BytesContents.of(digits);
        if (bytes.length < 1 || bytes.length > MOST_BYTES) {
            throw new CelInvalidArgumentException(
                    function
                            + ": "
                            + BytesRange.count(bytes.length)
                            + ", where a number takes 1 to "
                            + MOST_BYTES);
        }
        long number = 0;
        for (int i = 0; i < bytes.length; i++) {
            int offset = isReversed ? bytes.length - 1 - i : i;
            int tens = bytes[offset] >> 4 & 0xF;
            int ones = bytes[offset] & 0xF;
            if (tens > 9 || ones > 9) {
                throw new CelInvalidArgumentException(
                        String.format(
                                "%s: 0x%02x at offset %d is not two decimal digits",
                                function, bytes[offset], offset));
            }
            number = 100 * number + 10 * tens + ones;
        }
        return number;
    }
}
