package io.ponix.bridge.intake;

import com.google.protobuf.ByteString;
import io.ponix.intake.IntakeException;
import io.ponix.proto.envelope.EnvelopeRefusedException;
import io.ponix.proto.envelope.GatewayMessage;
import io.ponix.proto.envelope.MessageIds;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what a message of a gateway means. Safe for use by several threads at once.
 *
 * <p><b>Without an intake</b> the topic is {@code <organization_id>/<device_id>}, and the payload
 * the envelope's, as it is. <b>With one</b> its uplinks are the envelopes: all of them, or the
 * message is refused.
 *
 * <p>Attributes are those of the intake, then those of the transport; see {@link GatewayMessage}.
 *
 * <p><b>Message ids.</b> An uplink whose sender gives it an id, in the message or beside it, has
 * the same each time it is received. Any other has one of its own each time: two readings that are
 * equal must both be kept, and a message that a broker delivers again, as it does not know that the
 * bridge had it, cannot be told from them.
 */
public final class MessageReader {

    private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);

    private final CompiledIntakes intakes = new CompiledIntakes();
    private final UnnamedMessageIds unnamed = new UnnamedMessageIds();
    private final LongSupplier maxPayload;

    /**
     * @param maxPayload how many bytes the NATS server takes, now
     */
    public MessageReader(LongSupplier maxPayload) {
        this.maxPayload = maxPayload;
    }

    /**
     * Whether reading a message of the gateway may take as long as an expression may: 2 s of
     * processor time.
     */
    public static boolean mayTakeLong(Gateway gateway) {
        return gateway.getIntakeCase() != Gateway.IntakeCase.INTAKE_NOT_SET;
    }

    /** Says what the message means. Never fails. */
    public Reading read(Gateway gateway, ReceivedMessage message) {
        try {
            List<Reading.Uplink> uplinks =
                    mayTakeLong(gateway)
                            ? byIntake(gateway, message)
                            : List.of(byTopic(gateway, message));
            return new Reading(gateway, message, uplinks, Optional.empty());
        } catch (EnvelopeRefusedException e) {
            return Reading.refused(gateway, message, new Refusal(e.reason(), e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            // A fault of ours, or many large messages at once: the message is kept for a replay,
            // and those behind it go on.
            LOG.error("Gateway {}: a message could not be read", gateway.getGatewayId(), e);
            return Reading.refused(
                    gateway,
                    message,
                    new Refusal(
                            RefusalReason.REFUSAL_REASON_INTAKE,
                            "the bridge failed to read it: " + e));
        }
    }

    private Reading.Uplink byTopic(Gateway gateway, ReceivedMessage message)
            throws EnvelopeRefusedException {
        String topic = message.content().topic();
        int slash = topic.indexOf('/');
        String organization = slash < 0 ? "" : topic.substring(0, slash);
        String device = topic.substring(slash + 1);
        if (organization.isEmpty() || device.isEmpty() || device.indexOf('/') >= 0) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_TOPIC,
                    "the topic is not <organization_id>/<device_id>");
        }
        RawEnvelope envelope =
                message.by(gateway)
                        .envelope(
                                RawEnvelope.newBuilder()
                                        .setOrganizationId(organization)
                                        .setEndDeviceId(device)
                                        .setPayload(
                                                ByteString.copyFrom(message.content().payload()))
                                        .build(),
                                maxPayload.getAsLong());
        return new Reading.Uplink(
                device,
                envelope,
                message.senderId()
                        .map(id -> MessageIds.of(gateway.getGatewayId(), device, id))
                        .orElseGet(() -> unnamed.next(gateway.getGatewayId())));
    }

    private List<Reading.Uplink> byIntake(Gateway gateway, ReceivedMessage message)
            throws EnvelopeRefusedException {
        List<io.ponix.intake.Uplink> found;
        try {
            found = intakes.of(gateway).evaluate(message.content());
        } catch (IntakeException | UnusableIntakeException e) {
            throw new EnvelopeRefusedException(RefusalReason.REFUSAL_REASON_INTAKE, e.getMessage());
        }
        List<Reading.Uplink> uplinks = new ArrayList<>(found.size());
        for (io.ponix.intake.Uplink each : found) {
            uplinks.add(uplink(gateway, message, each, uplinks.size()));
        }
        return uplinks;
    }

    private Reading.Uplink uplink(
            Gateway gateway, ReceivedMessage message, io.ponix.intake.Uplink uplink, int index)
            throws EnvelopeRefusedException {
        RawEnvelope envelope =
                message.by(gateway)
                        .envelope(
                                RawEnvelope.newBuilder()
                                        .setOrganizationId(uplink.organizationId().orElse(""))
                                        .setEndDeviceId(uplink.deviceId().orElse(""))
                                        .setExternalId(uplink.externalId().orElse(""))
                                        .setPayload(ByteString.copyFrom(uplink.payload()))
                                        .setFPort(uplink.fPort())
                                        .setOccurredAt(
                                                ReceivedMessage.timestamp(uplink.occurredAt()))
                                        .putAllAttributes(uplink.attributes())
                                        .build(),
                                maxPayload.getAsLong());
        // One device has one spelling, as the subject decides about the order of its envelopes.
        String device = GatewayMessage.device(envelope);
        String gatewayId = gateway.getGatewayId();
        String messageId =
                uplink.messageId()
                        .map(id -> MessageIds.of(gatewayId, device, id))
                        .or(
                                () ->
                                        message.senderId()
                                                .map(
                                                        id ->
                                                                MessageIds.of(
                                                                        gatewayId,
                                                                        device,
                                                                        id,
                                                                        "" + index)))
                        .orElseGet(() -> unnamed.next(gatewayId));
        return new Reading.Uplink(device, envelope, messageId);
    }
}
