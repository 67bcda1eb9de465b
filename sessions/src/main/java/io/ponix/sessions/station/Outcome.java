package io.ponix.sessions.station;

import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.message.StationMessage;

/** What a message comes to. */
public sealed interface Outcome {

    /** Something of a session. */
    record OfSession(String sessionId, SessionEvent event) implements Outcome {}

    /** Something was measured of no session. */
    record OfNone(StationMessage.Reading reading) implements Outcome {}

    /** A session started, and nobody ever said what its id is. */
    record NeverAnswered(String messageId, SessionEvent start) implements Outcome {}
}
