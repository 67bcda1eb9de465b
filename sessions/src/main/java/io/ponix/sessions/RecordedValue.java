package io.ponix.sessions;

/**
 * A value of a session.
 *
 * @param arrival which of the session's values it was to arrive, from 0
 */
public record RecordedValue(MeterValue value, long arrival) {}
