package io.ponix.deviceservice.enddevice;

import io.ponix.deviceservice.request.RequestException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;

/**
 * Where a page of devices ends: the last device's place in the order of the list. Unlike a count of
 * rows it stays right while devices are created and deleted between pages.
 *
 * <p>Its text is for callers to hand back, not to read: base 64 of {@code
 * <seconds>:<nanoseconds>:<device id>}.
 */
record EndDevicePageToken(Instant createdAt, String deviceId) {

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    /** Returns the token after which the next page begins. */
    static EndDevicePageToken after(EndDevice last) {
        return new EndDevicePageToken(last.createdAt(), last.id());
    }

    /**
     * Reads a token.
     *
     * @throws RequestException INVALID_ARGUMENT when the text is not one that {@link #text()} made
     */
    static EndDevicePageToken parse(String text) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(":", 3);
            if (parts.length == 3) {
                Instant createdAt =
                        Instant.ofEpochSecond(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
                // What Postgres could not even compare was never a device's.
                if (createdAt.isAfter(Instant.EPOCH) && createdAt.isBefore(LATEST)) {
                    return new EndDevicePageToken(createdAt, parts[2]);
                }
            }
        } catch (IllegalArgumentException | DateTimeException exception) {
            // Reported below, like a text with too few parts.
        }
        throw RequestException.invalidArgument("Page token is not one that this method returned");
    }

    String text() {
        String token = createdAt.getEpochSecond() + ":" + createdAt.getNano() + ":" + deviceId;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(token.getBytes(StandardCharsets.UTF_8));
    }
}
