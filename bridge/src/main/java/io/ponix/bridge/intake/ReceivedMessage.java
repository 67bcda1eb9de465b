package io.ponix.bridge.intake;

import com.google.protobuf.Timestamp;
import io.ponix.intake.IntakeMessage;
import io.ponix.proto.envelope.GatewayMessage;
import io.ponix.proto.gateway.v1.Gateway;
import java.time.Instant;
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
        IntakeMessage content, Optional<String> senderId, Map<String, String> attributes) {

    /** What its envelopes are made by. */
    GatewayMessage by(Gateway gateway) {
        return new GatewayMessage(
                gateway.getOrganizationId(),
                gateway.getGatewayId(),
                attributes,
                timestamp(content.receivedAt()));
    }

    /** A time as Protocol Buffers have it. */
    public static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
