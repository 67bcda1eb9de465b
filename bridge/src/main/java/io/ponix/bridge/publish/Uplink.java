package io.ponix.bridge.publish;

import java.time.Instant;
import java.util.Optional;

/**
 * A message of a broker.
 *
 * @param topic where it was published
 * @param payload as it came
 * @param receivedAt when it came in
 * @param senderId what the sender calls it, if it says so: the same message has the same
 */
public record Uplink(String topic, byte[] payload, Instant receivedAt, Optional<String> senderId) {}
