package io.ponix.deviceservice.charging.session;

import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.request.PageToken;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Where a session is in the list of them: by start, newest first, then by station and id; those
 * whose start is not known are behind all others.
 */
record SessionPlace(Optional<Instant> startedAt, String stationId, String sessionId) {

    private static final String LIST = "sessions";
    private static final String UNKNOWN = "-";
    private static final int LAST_YEAR = 9999;

    /**
     * Reads a page token.
     *
     * @return empty for the first page
     * @throws io.ponix.deviceservice.request.RequestException INVALID_ARGUMENT when it is none of
     *     this list
     */
    static Optional<SessionPlace> parse(String token) {
        KeyPlace place = KeyPlace.parse(LIST, token, 3);
        return token.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new SessionPlace(
                                place.part(0).equals(UNKNOWN)
                                        ? Optional.empty()
                                        : Optional.of(time(place.part(0))),
                                KeyText.parse(place.part(1)),
                                KeyText.parse(place.part(2))));
    }

    /** A time that the database can compare. */
    static Instant time(String text) {
        try {
            Instant time = Instant.parse(text);
            int year = time.atOffset(ZoneOffset.UTC).getYear();
            if (year > 0 && year <= LAST_YEAR) {
                return time;
            }
        } catch (DateTimeException e) {
            // Reported below, like one that is out of range.
        }
        throw PageToken.refused();
    }

    KeyPlace key() {
        return KeyPlace.of(
                LIST,
                startedAt.map(Instant::toString).orElse(UNKNOWN),
                KeyText.of(stationId),
                KeyText.of(sessionId));
    }
}
