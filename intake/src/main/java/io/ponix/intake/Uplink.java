package io.ponix.intake;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What one device sent, or what its network says about it: what becomes one raw envelope.
 *
 * <p>Either {@code deviceId} or {@code externalId} is there, never both.
 *
 * @param organizationId the organization that the message itself names: whoever publishes the
 *     uplink must refuse one that is not the gateway's. 1 to {@value #MAX_ID_LENGTH} characters
 * @param deviceId the id of the device in Ponix, 1 to {@value #MAX_ID_LENGTH} characters
 * @param externalId what the sender calls the device, for instance its DevEUI, 1 to {@value
 *     #MAX_ID_LENGTH} characters
 * @param payload what a transform sees as {@code input}; may be empty. Not copied
 * @param fPort the LoRaWAN port, 1 to 255; 0 where there is none
 * @param occurredAt when it was sent, from 1970 to 2106; where the expression does not say, when
 *     the message was received
 * @param attributes in the order in which the expression gave them, at most {@value
 *     #MAX_ATTRIBUTES}; a name has 1 to {@value #MAX_ATTRIBUTE_NAME_LENGTH} characters, a value at
 *     most {@value #MAX_ATTRIBUTE_VALUE_LENGTH}
 * @param messageId what a sender that tries again repeats, and no other message of the same gateway
 *     has: 1 to {@value #MAX_MESSAGE_ID_LENGTH} characters of any kind, to be prefixed by the
 *     gateway and escaped before it is a message id of JetStream. Of several uplinks of one message
 *     each needs its own
 */
public record Uplink(
        Optional<String> organizationId,
        Optional<String> deviceId,
        Optional<String> externalId,
        byte[] payload,
        int fPort,
        Instant occurredAt,
        Map<String, String> attributes,
        Optional<String> messageId) {

    /** In characters (code points of Unicode), of an organization, a device and an external id. */
    public static final int MAX_ID_LENGTH = 256;

    /** In characters (code points of Unicode). */
    public static final int MAX_MESSAGE_ID_LENGTH = 512;

    /** How many attributes an uplink may have. */
    public static final int MAX_ATTRIBUTES = 64;

    /** In characters (code points of Unicode). */
    public static final int MAX_ATTRIBUTE_NAME_LENGTH = 128;

    /** In characters (code points of Unicode). */
    public static final int MAX_ATTRIBUTE_VALUE_LENGTH = 4_096;
}
