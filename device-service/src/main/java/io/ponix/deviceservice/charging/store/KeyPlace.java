package io.ponix.deviceservice.charging.store;

import io.ponix.deviceservice.request.PageToken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * After which key a page of a list begins, whether or not there is something under that key by now.
 * Its text is for callers to hand back, not to read.
 *
 * @param list the name of the list, so that a token of another one is none
 * @param parts of the key
 */
public record KeyPlace(String list, List<String> parts) {

    /** No key has one. */
    private static final String SEPARATOR = "\n";

    /** Copies what it is given. */
    public KeyPlace {
        parts = List.copyOf(parts);
    }

    /** The place of a key. */
    public static KeyPlace of(String list, String... parts) {
        return new KeyPlace(list, List.of(parts));
    }

    /**
     * Reads a page token.
     *
     * @param token empty for the first page
     * @param count how many parts a key has
     * @return of the first page: empty parts, which are before all others
     * @throws io.ponix.deviceservice.request.RequestException INVALID_ARGUMENT when the token is
     *     not one that {@link #text()} made for this list
     */
    public static KeyPlace parse(String list, String token, int count) {
        if (token.isEmpty()) {
            return new KeyPlace(list, Collections.nCopies(count, ""));
        }
        try {
            List<String> parts =
                    new ArrayList<>(
                            List.of(
                                    new String(
                                                    Base64.getUrlDecoder().decode(token),
                                                    StandardCharsets.UTF_8)
                                            .split(SEPARATOR, -1)));
            if (parts.size() == count + 1
                    && parts.remove(0).equals(list)
                    && parts.stream().allMatch(KeyPlace::isPartOfKey)) {
                return new KeyPlace(list, parts);
            }
        } catch (IllegalArgumentException e) {
            // Reported below, like a text of something else.
        }
        throw PageToken.refused();
    }

    private static boolean isPartOfKey(String text) {
        return !text.isEmpty() && text.chars().noneMatch(Character::isISOControl);
    }

    /** A part of the key. */
    public String part(int index) {
        return parts.get(index);
    }

    /** Returns the text that {@link #parse} reads. */
    public String text() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        (list + SEPARATOR + String.join(SEPARATOR, parts))
                                .getBytes(StandardCharsets.UTF_8));
    }
}
