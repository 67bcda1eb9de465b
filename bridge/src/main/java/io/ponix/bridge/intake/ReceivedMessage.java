package io.ponix.bridge.intake;

import io.ponix.intake.IntakeMessage;
import java.util.Map;
import java.util.Optional;

/**
 * A message as it came in at a gateway.
 *
 * @param content what an intake expression sees
 * @param senderId what the sender calls the message, if it says so beside its content: the same
 *     message has the same, and no other message of the gateway
 * @param attributes what the transport knows, for every envelope of the message; those of an intake
 *     expression come before them
 */
public record ReceivedMessage(
        IntakeMessage content, Optional<String> senderId, Map<String, String> attributes) {}
