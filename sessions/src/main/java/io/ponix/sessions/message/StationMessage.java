package io.ponix.sessions.message;

import io.ponix.sessions.MeterValue;
import io.ponix.sessions.SessionEvent;
import java.time.Instant;
import java.util.List;

/** What a message says of a station's sessions. */
public sealed interface StationMessage {

    /**
     * Something of a session that has an id.
     *
     * @param sessionId the station's; another station may have the same
     */
    record OfSession(String sessionId, SessionEvent event) implements StationMessage {}

    /**
     * The start of a session that has no id yet: the answer to the message gives it one, as OCPP
     * 1.6 has it.
     *
     * @param messageId of the message that is answered
     */
    record StartRequest(String messageId, SessionEvent event) implements StationMessage {}

    /** The answer to the start of a session. */
    record StartAnswer(String messageId, String sessionId) implements StationMessage {}

    /**
     * The station went on to something else: no session goes on there. It is in force for those
     * that started before.
     *
     * @param connector where; empty: at the whole station, as it started anew
     */
    record Release(Instant time, String connector) implements StationMessage {}

    /**
     * What was measured of no session.
     *
     * @param connector where; empty where it is not said
     */
    record Reading(String connector, List<MeterValue> meterValues) implements StationMessage {

        /** Keeps its own list. */
        public Reading {
            meterValues = List.copyOf(meterValues);
        }
    }
}
