package io.ponix.sessions;

/** What a message says of a session. */
public enum EventType {
    STARTED,
    UPDATED,
    ENDED,

    /**
     * The station says something that it does not say within a session: that it has started anew,
     * or that its connector is free. It ends a session whose end never came, unless the session
     * shows that it goes on.
     */
    IMPLIED_END
}
