package io.ponix.jobs.sessions.assembly;

import java.io.Serializable;
import java.time.Duration;

/**
 * What can be set of the assembly. All of it is by when messages were received.
 *
 * @param idle after so long without a message a session is over
 * @param retention so long after the last message of a session, or of a station, it is known
 * @param maxSize meter values and messages that a session may have
 * @param maxSessionsPerStation that a station may begin within the retention
 */
public record AssemblySettings(
        Duration idle, Duration retention, int maxSize, int maxSessionsPerStation)
        implements Serializable {}
