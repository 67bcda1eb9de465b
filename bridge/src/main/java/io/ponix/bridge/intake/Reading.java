package io.ponix.bridge.intake;

import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import java.util.List;
import java.util.Optional;

/**
 * What a message means.
 *
 * @param uplinks what is to be stored, in this order; empty for what is refused, and for what is no
 *     reading
 * @param refusal why it cannot be read
 */
public record Reading(
        Gateway gateway, ReceivedMessage message, List<Uplink> uplinks, Optional<Refusal> refusal) {

    /**
     * What becomes one message of the stream.
     *
     * @param device the id by which the envelope names its device, in its normal form
     * @param messageId the same each time the message is received, if its sender has given it an
     *     id; another one each time if not
     */
    public record Uplink(String device, RawEnvelope envelope, String messageId) {}

    static Reading refused(Gateway gateway, ReceivedMessage message, Refusal refusal) {
        return new Reading(gateway, message, List.of(), Optional.of(refusal));
    }
}
