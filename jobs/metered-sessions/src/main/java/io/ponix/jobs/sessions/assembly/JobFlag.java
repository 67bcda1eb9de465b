package io.ponix.jobs.sessions.assembly;

/** What is odd about a session that the library of the rules knows nothing of. */
public enum JobFlag {

    /** Nothing was heard of it for long: its end is when it was heard of last. */
    CLOSED_BY_IDLENESS,

    /** It had more meter values, or messages, than are kept. */
    VALUES_LEFT_OUT
}
