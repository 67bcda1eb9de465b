package io.ponix.transforms.functions;

import com.google.common.base.Utf8;
import dev.cel.common.exceptions.CelBadFormatException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Refuses JSON in bytes that are no UTF-8. The parser takes a character in more bytes than it needs
 * (an overlong form) for that character, so that what a filter before it looked for would be hidden
 * from the filter alone.
 *
 * <p>The parser tells UTF-16 and UTF-32 by the zeros among the first bytes, as of JSON they begin
 * with a character of ASCII, or by a byte order mark; half of a surrogate pair in them comes out as
 * U+FFFD.
 */
final class JsonEncoding {
    private JsonEncoding() {}

    /**
     * Returns if the bytes are UTF-8, or UTF-16 or UTF-32.
     *
     * @param function the name that errors begin with
     * @throws CelBadFormatException if they are neither; says where
     */
    static void require(String function, byte[] document) {
        if (!isWider(document) && !Utf8.isWellFormed(document)) {
            throw new CelBadFormatException(
                    function
                            + ": the document is not UTF-8, at offset "
                            + firstMalformed(document));
        }
    }

    private static boolean isWider(byte[] document) {
        if (document.length < 2) {
            return false;
        }
        int first = document[0] & 0xFF;
        int second = document[1] & 0xFF;
        boolean hasByteOrderMark =
                first == 0xFE && second == 0xFF || first == 0xFF && second == 0xFE;
        return first == 0 || second == 0 || hasByteOrderMark;
    }

    private static int firstMalformed(byte[] document) {
        ByteBuffer bytes = ByteBuffer.wrap(document);
        // Stops at what is malformed, with as many characters as there are bytes at most.
        StandardCharsets.UTF_8
                .newDecoder()
                .decode(bytes, CharBuffer.allocate(document.length), true);
        return bytes.position();
    }
}
