package io.ponix.deviceservice.listing;

import io.ponix.deviceservice.request.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Where a page of a list ends: the last element's values of what the list is in order by, and its
 * id. Unlike a count of rows it stays right while elements are created and deleted between pages.
 *
 * <p>Its text is for callers to hand back, not to read.
 *
 * @param list tells the list from others: what is asked for, and in which order
 * @param values a text each, or microseconds since 1970, empty for a time that is absent
 */
record ListPlace(String list, List<String> values, String id) {

    /** Begins no other token. */
    private static final String MARK = "~";

    /** Is in no text of Postgres. */
    private static final String SEPARATOR = "\0";

    /**
     * Reads a token.
     *
     * @param list that the page is of
     * @param count how many values it has
     * @throws RequestException INVALID_ARGUMENT when the text is not one that {@link #text()} made
     *     for this list
     */
    static ListPlace parse(String text, String list, int count) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(SEPARATOR, -1);
            if (parts.length == count + 2 && parts[0].equals(MARK + list)) {
                return new ListPlace(
                        list,
                        List.of(Arrays.copyOfRange(parts, 1, parts.length - 1)),
                        parts[parts.length - 1]);
            }
        } catch (IllegalArgumentException e) {
            // Reported below, like one of another list.
        }
        throw refused();
    }

    static RequestException refused() {
        return RequestException.invalidArgument(
                "page_token",
                "Page token is not one that this method returned for the same request: filter,"
                        + " order_by and what else says which list it is have to stay the same from"
                        + " page to page");
    }

    /** Returns the text that {@link #parse} reads. */
    String text() {
        String token = MARK + list + SEPARATOR + String.join(SEPARATOR, values) + SEPARATOR + id;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(token.getBytes(StandardCharsets.UTF_8));
    }
}
