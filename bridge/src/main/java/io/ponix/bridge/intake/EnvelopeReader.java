package io.ponix.bridge.intake;

import io.ponix.proto.envelope.EnvelopeRefusedException;
import io.ponix.proto.envelope.GatewayMessage;
import io.ponix.proto.envelope.MessageIds;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Takes envelopes that a sender has made itself: all of a message, or none. Safe for use by several
 * threads at once.
 *
 * <p>The organization, which may be left out, is the gateway's; {@code occurred_at}, too, is when
 * the message came in. The message id of an envelope is made of that of the message and its place
 * in it.
 */
public final class EnvelopeReader {

    private final LongSupplier maxPayload;

    /**
     * @param maxPayload how many bytes the NATS server takes, now
     */
    public EnvelopeReader(LongSupplier maxPayload) {
        this.maxPayload = maxPayload;
    }

    /**
     * An envelope as it was sent.
     *
     * @param place where in the message, for the person who sent it; empty where there is but one
     */
    public record Sent(String place, RawEnvelope envelope) {}

    /**
     * Says what is to be stored of them.
     *
     * @param message has an id
     */
    public Reading read(Gateway gateway, ReceivedMessage message, List<Sent> envelopes) {
        List<Reading.Uplink> uplinks = new ArrayList<>(envelopes.size());
        for (Sent sent : envelopes) {
            RawEnvelope envelope;
            try {
                envelope =
                        message.by(gateway)
                                .envelope(
                                        // Not for the sender to say.
                                        sent.envelope().toBuilder()
                                                .putAttributes(
                                                        GatewayMessage.GATEWAY_ATTRIBUTE,
                                                        gateway.getGatewayId())
                                                .build(),
                                        maxPayload.getAsLong());
            } catch (EnvelopeRefusedException e) {
                return Reading.refused(
                        gateway, message, new Refusal(e.reason(), sent.place() + e.getMessage()));
            }
            String device = GatewayMessage.device(envelope);
            uplinks.add(
                    new Reading.Uplink(
                            device,
                            envelope,
                            MessageIds.of(
                                    gateway.getGatewayId(),
                                    device,
                                    message.senderId().orElseThrow(),
                                    "" + uplinks.size())));
        }
        return new Reading(gateway, message, uplinks, Optional.empty());
    }
}
