package io.ponix.deviceservice.request;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;

/**
 * Where a page of a list ends: the last element's place in the order of the list, newest first.
 * Unlike a count of rows it stays right while elements are created and deleted between pages.
 *
 * <p>Its text is for callers to hand back, not to read: base 64 of {@code
 * <seconds>:<nanoseconds>:<id>}.
 */
public record PageToken(Instant createdAt, String id) {

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    /**
     * Reads a token.
     *
     * @throws RequestException INVALID_ARGUMENT when the text is not one that {@link #text()} made
     */
    public static PageToken parse(String text) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(":", 3);
            if (parts.length == 3) {
                Instant createdAt =
                        Instant.ofEpochSecond(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
                // What Postgres could not even compare was never an element's.
                if (createdAt.isAfter(Instant.EPOCH) && createdAt.isBefore(LATEST)) {
                    return new PageToken(createdAt, parts[2]);
                }
            }
        } catch (IllegalArgumentException | DateTimeException exception) {
            // Reported below, like a text with too few parts.
        }
        throw refused();
    }

    /** What the caller is told whose token is not one that the method returned, of any list. */
    public static RequestException refused() {
        return RequestException.invalidArgument(
                "page_token", "Page token is not one that this method returned");
    }

    /** Returns the text that {@link #parse} reads. */
    public String text() {
        String token = createdAt.getEpochSecond() + ":" + createdAt.getNano() + ":" + id;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(token.getBytes(StandardCharsets.UTF_8));
    }
}
