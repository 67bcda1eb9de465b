package io.ponix.proto.envelope;

import com.google.protobuf.Timestamp;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.util.Map;

/**
 * A message that came in by a gateway. What is to be an envelope of it becomes one here, whoever
 * makes it, so that one that is replayed is the one that would have been stored at once.
 *
 * @param organizationId the gateway's
 * @param gatewayId by which it came in
 * @param attributes what the transport knows, for every envelope of the message
 * @param receivedAt when it came in
 */
public record GatewayMessage(
        String organizationId,
        String gatewayId,
        Map<String, String> attributes,
        Timestamp receivedAt) {

    /** The attribute that has the gateway by which an envelope came in. */
    public static final String GATEWAY_ATTRIBUTE = "ponix_gateway_id";

    /** In characters (code points of Unicode), of a device's id and of an external id. */
    public static final int MAX_ID_LENGTH = 256;

    /** Headers take less, those that make a publication conditional too. */
    private static final int ROOM_BESIDES = 4_096;

    /** The years 1970 to 2106, which the table has. */
    private static final long LAST_SECOND = 4_294_967_295L;

    private static final int NANOS_PER_SECOND = 1_000_000_000;
    private static final int HIGHEST_F_PORT = 255;

    /**
     * How many bytes an envelope may have, so that it can be published with its headers.
     *
     * @param maxPayload what the NATS server takes, in bytes
     */
    public static long largestEnvelope(long maxPayload) {
        return maxPayload - ROOM_BESIDES;
    }

    /**
     * Makes an envelope of what is known of it.
     *
     * <p>The organization is the gateway's, {@code occurred_at}, where it is not given, when the
     * message came in, and an external id in its {@linkplain ExternalId#normal normal form}.
     * Attributes are those given, then those of the transport, then {@value #GATEWAY_ATTRIBUTE}: of
     * two with one name the first counts.
     *
     * @param known names the device at least
     * @param maxPayload what the NATS server takes, in bytes
     * @throws EnvelopeRefusedException if it names another organization or no device, if a value is
     *     none that an envelope may have, or if it is too large
     */
    public RawEnvelope envelope(RawEnvelope known, long maxPayload)
            throws EnvelopeRefusedException {
        require(known);
        RawEnvelope.Builder envelope =
                known.toBuilder()
                        .setOrganizationId(organizationId)
                        .setExternalId(ExternalId.normal(known.getExternalId()))
                        .clearAttributes()
                        .putAttributes(GATEWAY_ATTRIBUTE, gatewayId)
                        .putAllAttributes(attributes)
                        .putAllAttributes(known.getAttributesMap());
        if (!known.hasOccurredAt()) {
            envelope.setOccurredAt(receivedAt);
        }
        RawEnvelope made = envelope.build();
        long largest = largestEnvelope(maxPayload);
        if (made.getSerializedSize() > largest) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_TOO_LARGE,
                    "the envelope has "
                            + made.getSerializedSize()
                            + " bytes, and the NATS server takes "
                            + largest
                            + " (max_payload)");
        }
        return made;
    }

    private void require(RawEnvelope known) throws EnvelopeRefusedException {
        String organization = known.getOrganizationId();
        if (!organization.isEmpty() && !organization.equals(organizationId)) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH,
                    "organization_id names another organization than the gateway's, "
                            + organizationId);
        }
        if (known.getEndDeviceId().isEmpty() && known.getExternalId().isBlank()) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_DEVICE_ID,
                    "neither end_device_id nor external_id is given");
        }
        requireName("end_device_id", known.getEndDeviceId());
        requireName("external_id", known.getExternalId());
        if (known.getFPort() < 0 || known.getFPort() > HIGHEST_F_PORT) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_INTAKE, "f_port must be 0 to " + HIGHEST_F_PORT);
        }
        long seconds = known.getOccurredAt().getSeconds();
        int nanos = known.getOccurredAt().getNanos();
        if (seconds < 0 || seconds > LAST_SECOND || nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_INTAKE,
                    "occurred_at is not in the years 1970 to 2106");
        }
    }

    private static void requireName(String field, String id) throws EnvelopeRefusedException {
        if (id.codePointCount(0, id.length()) > MAX_ID_LENGTH) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_DEVICE_ID,
                    field + " has more than " + MAX_ID_LENGTH + " characters");
        }
        if (id.chars().anyMatch(Character::isISOControl)) {
            throw new EnvelopeRefusedException(
                    RefusalReason.REFUSAL_REASON_DEVICE_ID, field + " has control characters");
        }
    }

    /**
     * The id that the subject of an envelope ends with.
     *
     * @param envelope made by {@link #envelope}
     */
    public static String device(RawEnvelope envelope) {
        return envelope.getEndDeviceId().isEmpty()
                ? envelope.getExternalId()
                : envelope.getEndDeviceId();
    }
}
