package io.ponix.deviceservice.transform;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.transform.v1.EvaluateRequest;
import java.util.HexFormat;

/** The payload of a request, out of what it is written in. */
final class EvaluatedPayload {

    /** As much as NATS carries in a message by default. */
    private static final int LARGEST = 1 << 20;

    private EvaluatedPayload() {}

    /**
     * Returns the payload.
     *
     * @throws RequestException INVALID_ARGUMENT when it is too large or not hexadecimal
     */
    static byte[] of(EvaluateRequest request) {
        byte[] payload =
                request.hasPayloadHex()
                        ? parse(request.getPayloadHex())
                        : request.getPayload().toByteArray();
        if (payload.length > LARGEST) {
            throw RequestException.invalidArgument(
                    "The payload has "
                            + payload.length
                            + " bytes; at most "
                            + LARGEST
                            + " can be tried");
        }
        return payload;
    }

    private static byte[] parse(String hex) {
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
                        "payload_hex holds '"
                                + Character.toString(character)
                                + "' at position "
                                + position
                                + ", which is no hexadecimal digit");
            }
        }
        if (digits.length() % 2 != 0) {
            throw RequestException.invalidArgument(
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
