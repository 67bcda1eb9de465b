package io.ponix.bridge.intake;

import io.ponix.proto.uplink.v1.RefusalReason;

/**
 * Why there is no envelope of a message, and not because it is no reading.
 *
 * @param message what is wrong with it, in one line, for the person who sends
 */
public record Refusal(RefusalReason reason, String message) {}
