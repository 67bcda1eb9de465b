package io.ponix.bridge.publish;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.nats.client.NUID;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes a raw envelope of what a broker sent, or a refused uplink, and has it stored.
 *
 * <p><b>Topic.</b> {@code <organization_id>/<device_id>}; the payload is the envelope's, as it is.
 *
 * <p><b>Message ids.</b> A message whose sender gives it an id is stored once within the stream's
 * duplicate window, however often the broker delivers it. Any other has an id of its own each time
 * it is received: two readings that are equal must both be kept, and a packet that a broker
 * delivers again, as it does not know that the bridge had it, cannot be told from them. So it is
 * stored twice.
 */
public final class UplinkStore {

    /** The stream of what did not become an envelope. */
    public static final String REFUSED_STREAM = "refused_uplinks";

    /** The attribute that has the topic of an envelope from MQTT. */
    public static final String TOPIC_ATTRIBUTE = "mqtt_topic";

    /** The attribute that has the gateway by which an envelope came in. */
    public static final String GATEWAY_ATTRIBUTE = "gateway_id";

    private static final int LONGEST_DEVICE_ID = 256;

    /** For the headers, and what a refused uplink has besides the payload. */
    private static final int ROOM_BESIDES = 2_048;

    private static final int LONGEST_TOPIC = 4_096;

    private final StreamPublisher publisher;
    private final String rawStream;
    private final String idPrefix = NUID.nextGlobal();
    private final AtomicLong received = new AtomicLong();

    /**
     * @param rawStream the stream of raw envelopes; a device's subject is {@code <stream>.<device>}
     */
    public UplinkStore(StreamPublisher publisher, String rawStream) {
        this.publisher = publisher;
        this.rawStream = rawStream;
    }

    /**
     * What became of a message.
     *
     * @param refusal why it is no envelope; empty for one that is
     * @param duplicate whether the stream had it already
     */
    public record Stored(Optional<RefusalReason> refusal, boolean duplicate) {}

    /** Stores a message of a gateway; completed once it is stored, and never exceptionally. */
    public CompletableFuture<Stored> store(String gatewayId, String organizationId, Uplink uplink) {
        int slash = uplink.topic().indexOf('/');
        String organization = slash < 0 ? "" : uplink.topic().substring(0, slash);
        String device = uplink.topic().substring(slash + 1);
        if (organization.isEmpty() || device.isEmpty() || device.indexOf('/') >= 0) {
            return refuse(
                    gatewayId,
                    organizationId,
                    uplink,
                    RefusalReason.REFUSAL_REASON_TOPIC,
                    "the topic is not <organization_id>/<device_id>");
        }
        if (!organization.equals(organizationId)) {
            return refuse(
                    gatewayId,
                    organizationId,
                    uplink,
                    RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH,
                    "the topic names another organization than the gateway's, " + organizationId);
        }
        if (device.length() > LONGEST_DEVICE_ID) {
            return refuse(
                    gatewayId,
                    organizationId,
                    uplink,
                    RefusalReason.REFUSAL_REASON_DEVICE_ID,
                    "the device's id has more than " + LONGEST_DEVICE_ID + " characters");
        }
        byte[] envelope =
                RawEnvelope.newBuilder()
                        .setOrganizationId(organization)
                        .setEndDeviceId(device)
                        .setPayload(ByteString.copyFrom(uplink.payload()))
                        .setOccurredAt(timestamp(uplink))
                        .putAttributes(TOPIC_ATTRIBUTE, uplink.topic())
                        .putAttributes(GATEWAY_ATTRIBUTE, gatewayId)
                        .build()
                        .toByteArray();
        if (envelope.length > publisher.largestMessage() - ROOM_BESIDES) {
            return refuse(
                    gatewayId,
                    organizationId,
                    uplink,
                    RefusalReason.REFUSAL_REASON_TOO_LARGE,
                    "the envelope has "
                            + envelope.length
                            + " bytes, and the NATS server takes "
                            + (publisher.largestMessage() - ROOM_BESIDES)
                            + " (max_payload)");
        }
        return publisher
                .publish(
                        rawStream,
                        EnvelopeSubjects.of(rawStream, device),
                        envelope,
                        uplink.senderId()
                                .map(id -> idOfSender(gatewayId, device, id))
                                .orElseGet(this::newId))
                .thenApply(ack -> new Stored(Optional.empty(), ack.isDuplicate()));
    }

    private CompletableFuture<Stored> refuse(
            String gatewayId,
            String organizationId,
            Uplink uplink,
            RefusalReason reason,
            String message) {
        int room = (int) Math.max(0, publisher.largestMessage() - ROOM_BESIDES - LONGEST_TOPIC * 4);
        byte[] payload = uplink.payload();
        RefusedUplink refused =
                RefusedUplink.newBuilder()
                        .setGatewayId(gatewayId)
                        .setOrganizationId(organizationId)
                        .setTopic(
                                uplink.topic()
                                        .substring(
                                                0,
                                                Math.min(uplink.topic().length(), LONGEST_TOPIC)))
                        .setPayload(ByteString.copyFrom(payload, 0, Math.min(payload.length, room)))
                        .setPayloadSize(payload.length)
                        .setReceivedAt(timestamp(uplink))
                        .setReason(reason)
                        .setMessage(message)
                        .build();
        return publisher
                .publish(
                        REFUSED_STREAM,
                        REFUSED_STREAM + "." + gatewayId,
                        refused.toByteArray(),
                        newId())
                .thenApply(ack -> new Stored(Optional.of(reason), ack.isDuplicate()));
    }

    private String newId() {
        return "mqtt-" + idPrefix + "-" + received.incrementAndGet();
    }

    /** Of a length that a header may have, whatever the sender calls it. */
    private static String idOfSender(String gatewayId, String device, String id) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {gatewayId, device, id}) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
                digest.update((byte) ':');
                digest.update(bytes);
            }
            return "mqtt-" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }

    private static Timestamp timestamp(Uplink uplink) {
        return Timestamp.newBuilder()
                .setSeconds(uplink.receivedAt().getEpochSecond())
                .setNanos(uplink.receivedAt().getNano())
                .build();
    }
}
