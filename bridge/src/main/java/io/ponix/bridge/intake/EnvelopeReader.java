package io.ponix.bridge.intake;

import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.registry.ExternalId;
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

    private static final int LONGEST_DEVICE_ID = 256;

    /** The years 1970 to 2106, which the table has. */
    private static final long LAST_SECOND = 4_294_967_295L;

    private static final int HIGHEST_F_PORT = 255;
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final LongSupplier largestEnvelope;

    /**
     * @param largestEnvelope how many bytes an envelope may have, now
     */
    public EnvelopeReader(LongSupplier largestEnvelope) {
        this.largestEnvelope = largestEnvelope;
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
            Optional<Refusal> refusal = refusal(gateway.getOrganizationId(), sent);
            if (refusal.isPresent()) {
                return Reading.refused(gateway, message, refusal.get());
            }
            RawEnvelope.Builder envelope =
                    sent.envelope().toBuilder()
                            .setOrganizationId(gateway.getOrganizationId())
                            .setExternalId(ExternalId.normal(sent.envelope().getExternalId()))
                            .putAttributes(MessageReader.GATEWAY_ATTRIBUTE, gateway.getGatewayId());
            if (!envelope.hasOccurredAt()) {
                envelope.setOccurredAt(MessageReader.timestamp(message.content().receivedAt()));
            }
            String device =
                    envelope.getEndDeviceId().isEmpty()
                            ? envelope.getExternalId()
                            : envelope.getEndDeviceId();
            uplinks.add(
                    new Reading.Uplink(
                            device,
                            envelope.build(),
                            MessageIds.of(
                                    gateway.getGatewayId(),
                                    device,
                                    message.senderId().orElseThrow(),
                                    "" + uplinks.size())));
        }
        return new Reading(gateway, message, uplinks, Optional.empty());
    }

    private Optional<Refusal> refusal(String organizationId, Sent sent) {
        RawEnvelope envelope = sent.envelope();
        String place = sent.place();
        String organization = envelope.getOrganizationId();
        if (!organization.isEmpty() && !organization.equals(organizationId)) {
            return refused(
                    RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH,
                    place + "organization_id is not the gateway's, " + organizationId);
        }
        String device = envelope.getEndDeviceId();
        String external = envelope.getExternalId();
        if (device.isEmpty() && external.isBlank()) {
            return refused(
                    RefusalReason.REFUSAL_REASON_DEVICE_ID,
                    place + "neither end_device_id nor external_id is given");
        }
        if (device.length() > LONGEST_DEVICE_ID || external.length() > LONGEST_DEVICE_ID) {
            return refused(
                    RefusalReason.REFUSAL_REASON_DEVICE_ID,
                    place
                            + (device.isEmpty() ? "external_id" : "end_device_id")
                            + " has more than "
                            + LONGEST_DEVICE_ID
                            + " characters");
        }
        if (envelope.getFPort() < 0 || envelope.getFPort() > HIGHEST_F_PORT) {
            return refused(
                    RefusalReason.REFUSAL_REASON_INTAKE,
                    place + "f_port must be 0 to " + HIGHEST_F_PORT);
        }
        long seconds = envelope.getOccurredAt().getSeconds();
        int nanos = envelope.getOccurredAt().getNanos();
        if (seconds < 0 || seconds > LAST_SECOND || nanos < 0 || nanos >= NANOS_PER_SECOND) {
            return refused(
                    RefusalReason.REFUSAL_REASON_INTAKE,
                    place + "occurred_at is not in the years 1970 to 2106");
        }
        long size = envelope.getSerializedSize() + organizationId.length();
        long largest = largestEnvelope.getAsLong();
        if (size > largest) {
            return refused(
                    RefusalReason.REFUSAL_REASON_TOO_LARGE,
                    place
                            + "the envelope has "
                            + size
                            + " bytes, and the NATS server takes "
                            + largest
                            + " (max_payload)");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refused(RefusalReason reason, String message) {
        return Optional.of(new Refusal(reason, message));
    }
}
