package io.ponix.deviceservice.charging.session;

import io.ponix.deviceservice.request.PageToken;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What stations say as a part of a page token. Unlike the keys that callers give, ids of stations
 * and sessions may have any character, or none.
 */
final class KeyText {

    private static final String MARK = "=";

    private KeyText() {}

    static String of(String text) {
        return MARK
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads what {@link #of} wrote.
     *
     * @throws io.ponix.deviceservice.request.RequestException INVALID_ARGUMENT when it is not that
     */
    static String parse(String part) {
        try {
            if (part.startsWith(MARK)) {
                return new String(
                        Base64.getUrlDecoder().decode(part.substring(MARK.length())),
                        StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException e) {
            // Reported below, like a part without the mark.
        }
        throw PageToken.refused();
    }
}
