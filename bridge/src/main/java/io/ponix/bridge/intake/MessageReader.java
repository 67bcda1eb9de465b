package io.ponix.bridge.intake;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.intake.IntakeException;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.registry.ExternalId;
import java.time.Instant;
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
 * <p><b>Attributes</b> are those of the intake, then those of the transport, then {@value
 * #GATEWAY_ATTRIBUTE}, the gateway by which the message came in: of two with one name the first
 * counts.
 *
 * <p><b>Message ids.</b> An uplink whose sender gives it an id, in the message or beside it, has
 * the same each time it is received. Any other has one of its own each time: two readings that are
 * equal must both be kept, and a message that a broker delivers again, as it does not know that the
 * bridge had it, cannot be told from them.
 */
public final class MessageReader {

    private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);

    /** The attribute that has the gateway by which an envelope came in. */
    public static final String GATEWAY_ATTRIBUTE = "ponix_gateway_id";

    private static final int LONGEST_DEVICE_ID = 256;

    private final CompiledIntakes intakes = new CompiledIntakes();
    private final MessageIds messageIds = new MessageIds();
    private final LongSupplier largestEnvelope;

    /**
     * @param largestEnvelope how many bytes an envelope may have, now
     */
    public MessageReader(LongSupplier largestEnvelope) {
        this.largestEnvelope = largestEnvelope;
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
            for (Reading.Uplink uplink : uplinks) {
                requireNotTooLarge(uplink.envelope().getSerializedSize());
            }
            return new Reading(gateway, message, uplinks, Optional.empty());
        } catch (RefusedException e) {
            return Reading.refused(gateway, message, e.refusal());
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
            throws RefusedException {
        String topic = message.content().topic();
        int slash = topic.indexOf('/');
        String organization = slash < 0 ? "" : topic.substring(0, slash);
        String device = topic.substring(slash + 1);
        if (organization.isEmpty() || device.isEmpty() || device.indexOf('/') >= 0) {
            throw new RefusedException(
                    RefusalReason.REFUSAL_REASON_TOPIC,
                    "the topic is not <organization_id>/<device_id>");
        }
        if (!organization.equals(gateway.getOrganizationId())) {
            throw otherOrganization(gateway, "topic");
        }
        if (device.length() > LONGEST_DEVICE_ID) {
            throw new RefusedException(
                    RefusalReason.REFUSAL_REASON_DEVICE_ID,
                    "the device's id has more than " + LONGEST_DEVICE_ID + " characters");
        }
        RawEnvelope envelope =
                envelope(
                                gateway,
                                message,
                                message.content().payload(),
                                message.content().receivedAt())
                        .setEndDeviceId(device)
                        .build();
        return new Reading.Uplink(
                device,
                envelope,
                message.senderId()
                        .map(id -> MessageIds.of(gateway.getGatewayId(), device, id))
                        .orElseGet(() -> messageIds.next(gateway.getGatewayId())));
    }

    private List<Reading.Uplink> byIntake(Gateway gateway, ReceivedMessage message)
            throws RefusedException {
        List<io.ponix.intake.Uplink> found;
        try {
            found = intakes.of(gateway).evaluate(message.content());
        } catch (IntakeException | UnusableIntakeException e) {
            throw new RefusedException(RefusalReason.REFUSAL_REASON_INTAKE, e.getMessage());
        }
        List<Reading.Uplink> uplinks = new ArrayList<>(found.size());
        for (io.ponix.intake.Uplink each : found) {
            if (each.organizationId().isPresent()
                    && !each.organizationId().get().equals(gateway.getOrganizationId())) {
                throw otherOrganization(gateway, "message");
            }
            uplinks.add(uplink(gateway, message, each, uplinks.size()));
        }
        return uplinks;
    }

    private Reading.Uplink uplink(
            Gateway gateway, ReceivedMessage message, io.ponix.intake.Uplink uplink, int index) {
        RawEnvelope.Builder envelope =
                envelope(gateway, message, uplink.payload(), uplink.occurredAt())
                        .setFPort(uplink.fPort())
                        .putAllAttributes(uplink.attributes());
        uplink.deviceId().ifPresent(envelope::setEndDeviceId);
        // One device has one spelling, as the subject decides about the order of its envelopes.
        uplink.externalId().map(ExternalId::normal).ifPresent(envelope::setExternalId);
        String device =
                uplink.deviceId().isPresent()
                        ? envelope.getEndDeviceId()
                        : envelope.getExternalId();
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
                        .orElseGet(() -> messageIds.next(gatewayId));
        return new Reading.Uplink(device, envelope.build(), messageId);
    }

    private static RawEnvelope.Builder envelope(
            Gateway gateway, ReceivedMessage message, byte[] payload, Instant occurredAt) {
        return RawEnvelope.newBuilder()
                .setOrganizationId(gateway.getOrganizationId())
                .setPayload(ByteString.copyFrom(payload))
                .setOccurredAt(timestamp(occurredAt))
                .putAttributes(GATEWAY_ATTRIBUTE, gateway.getGatewayId())
                .putAllAttributes(message.attributes());
    }

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    private void requireNotTooLarge(long size) throws RefusedException {
        long largest = largestEnvelope.getAsLong();
        if (size > largest) {
            throw new RefusedException(
                    RefusalReason.REFUSAL_REASON_TOO_LARGE,
                    "the envelope has "
                            + size
                            + " bytes, and the NATS server takes "
                            + largest
                            + " (max_payload)");
        }
    }

    private static RefusedException otherOrganization(Gateway gateway, String what) {
        return new RefusedException(
                RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH,
                "the "
                        + what
                        + " names another organization than the gateway's, "
                        + gateway.getOrganizationId());
    }
}
