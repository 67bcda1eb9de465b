package io.ponix.deviceservice.request;

import java.util.HexFormat;

/** The payload of a request that tries something, out of what it is written in. */
public final class EvaluatedPayload {

    /** As much as NATS carries in a message by default. */
    private static final int LARGEST = 1 << 20;

    private static final String HEX = "payload_hex";

    private EvaluatedPayload() {}

    /**
     * Returns the payload.
     *
     * @param field of the request, in which it is
     * @throws RequestException INVALID_ARGUMENT when it is too large to be tried
     */
    public static byte[] requireSize(String field, byte[] payload) {
        if (payload.length > LARGEST) {
            throw RequestException.invalidArgument(
                    field,
                    "The payload has "
                            + payload.length
                            + " bytes; at most "
                            + LARGEST
                            + " can be tried");
        }
        return payload;
    }

    /**
     * Returns the payload that a text in hexadecimal stands for.
     *
     * @throws RequestException INVALID_ARGUMENT when it is not hexadecimal
     */
    public static byte[] ofHex(String hex) {
        StringBuilder digits = new StringBuilder(hex.length());
        int position = 0;
        for (int character : hex.codePoints().toArray()) {
            position++;
            if (HexFormat.isHexDigit(character)) {
                digits.append((char) character);
            } else if (isPrefix(character, digits)) {
                digits.setLength(0);
            } else if (!Character.isWhitespace(character) && character != ':') {
                throw RequestException.invalidArgument(
                        HEX,
                        "payload_hex holds '"
                                + Character.toString(character)
                                + "' at position "
                                + position
                                + ", which is no hexadecimal digit");
            }
        }
        if (digits.length() % 2 != 0) {
            throw RequestException.invalidArgument(
                    HEX,
                    "payload_hex has "
                            + digits.length()
                            + " digits; two make a byte, so one is missing or too much");
        }
        return HexFormat.of().parseHex(digits);
    }

    private static boolean isPrefix(int character, StringBuilder digits) {
        return (character == 'x' || character == 'X')
                && digits.length() == 1
                && digits.charAt(0) == '0';
    }
}
