package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.SimpleType;
import java.util.List;

/**
 * {@code int(string, int) -> int}: the number that a text gives in a base of 2 to 36, with the
 * letters of either case for the digits beyond 9, and a {@code -} before it if it is negative.
 */
public final class NumberTextFunctions extends DeclaredFunctions {

    public NumberTextFunctions() {
        super(
                List.of(
                        new Overload(
                                "int",
                                "int_string_base",
                                FunctionCost.ARGUMENTS,
                                SimpleType.INT,
                                List.of(SimpleType.STRING, SimpleType.INT),
                                arguments -> number((String) arguments[0], (Long) arguments[1]))));
    }

    private static long number(String text, long base) {
        if (base < Character.MIN_RADIX || base > Character.MAX_RADIX) {
            throw new CelInvalidArgumentException("int: the base " + base + ", not 2 to 36");
        }
        int start = text.startsWith("-") ? 1 : 0;
        if (text.length() == start) {
            throw new CelBadFormatException("int: " + QuotedText.of(text) + " has no digit");
        }
        for (int i = start; i < text.length(); i++) {
            char digit = text.charAt(i);
            // Character.digit takes the digits of every script.
            if (digit >= 0x80 || Character.digit(digit, (int) base) < 0) {
                throw new CelBadFormatException(
                        "int: no digit of base "
                                + base
                                + " at offset "
                                + i
                                + " of the text "
                                + QuotedText.of(text));
            }
        }
        try {
            return Long.parseLong(text, (int) base);
        } catch (NumberFormatException e) {
            throw new CelBadFormatException(
                    "int: " + QuotedText.of(text) + " is beyond the 64 bits of an int");
        }
    }
}
