package io.ponix.sessions.message;

import java.util.List;

/**
 * What was understood of the value of the key {@code session}.
 *
 * @param messages in their order
 * @param refusals what was not understood and why, each beginning with where it is, as {@code
 *     session[2].time}; at most {@value #MOST_REFUSALS}
 * @param refused how many messages were not understood
 * @param unusableValues how many meter values of the others have no number, as NaN, and are left
 *     out
 */
public record StationMessages(
        List<StationMessages.Addressed> messages,
        List<String> refusals,
        int refused,
        int unusableValues) {

    /** So many say enough. */
    public static final int MOST_REFUSALS = 8;

    /** Keeps its own lists. */
    public StationMessages {
        messages = List.copyOf(messages);
        refusals = List.copyOf(refusals);
    }

    /**
     * A message and whose it is.
     *
     * @param station empty: of the device whose envelope it was in
     */
    public record Addressed(String station, StationMessage message) {}
}
