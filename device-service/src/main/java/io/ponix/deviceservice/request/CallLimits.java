package io.ponix.deviceservice.request;

import java.time.Duration;

/**
 * What callers may ask of the service.
 *
 * @param requestsPerSecond how many calls of one caller a second are answered, on average
 * @param concurrentEvaluations how many calls of one caller evaluate expressions at once
 * @param idleTimeout how long a connection is kept on which no call is under way
 */
public record CallLimits(int requestsPerSecond, int concurrentEvaluations, Duration idleTimeout) {}
