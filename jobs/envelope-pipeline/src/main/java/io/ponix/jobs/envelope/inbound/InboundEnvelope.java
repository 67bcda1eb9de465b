package io.ponix.jobs.envelope.inbound;

import io.ponix.jobs.message.RawMessage;
import java.util.Map;

/**
 * A message of the raw stream and what its bytes say. Immutable (the array is shared, and nobody
 * writes to it), so that it can be parked or handed on without a copy.
 *
 * <p>A message that is not a RawEnvelope is represented too: {@link #malformation()} then says why,
 * and the parsed fields are those before the fault, or empty.
 */
public final class InboundEnvelope {

    private final RawMessage message;
    private final String malformation;
    private final String organizationId;

    // The one of the two ids that names the device: a third field would make every envelope larger.
    private final String device;
    private final boolean external;
    private final int payloadOffset;
    private final int payloadLength;
    private final boolean hasOccurredAt;
    private final long occurredAtSeconds;
    private final int occurredAtNanos;
    private final long fPort;
    private final Map<String, String> attributes;

    InboundEnvelope(RawMessage message, String malformation, RawEnvelopeParser parsed) {
        this.message = message;
        this.malformation = malformation;
        this.organizationId = parsed.organizationId;
        this.external = parsed.endDeviceId.isEmpty() && !parsed.externalId.isEmpty();
        this.device = external ? parsed.externalId : parsed.endDeviceId;
        this.payloadOffset = parsed.payloadOffset;
        this.payloadLength = parsed.payloadLength;
        this.hasOccurredAt = parsed.hasOccurredAt;
        this.occurredAtSeconds = parsed.occurredAtSeconds;
        this.occurredAtNanos = parsed.occurredAtNanos;
        this.fPort = parsed.fPort;
        this.attributes = parsed.attributes;
    }

    /** The message that it was read from. */
    public RawMessage message() {
        return message;
    }

    /** Why the bytes are not a RawEnvelope, or {@code null} if they are one. */
    public String malformation() {
        return malformation;
    }

    /** The organization the producer believes the device belongs to; may be empty. */
    public String organizationId() {
        return organizationId;
    }

    /** The device's id; empty if it is named by its {@link #externalId()}, or not at all. */
    public String endDeviceId() {
        return external ? "" : device;
    }

    /** What the sender calls the device, as it was sent; empty if it gives the device's id. */
    public String externalId() {
        return external ? device : "";
    }

    /** Where in the message's {@link RawMessage#data() data} the payload begins. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** How many bytes the payload has. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Whether the envelope says when the reading was taken. */
    public boolean hasOccurredAt() {
        return hasOccurredAt;
    }

    /** The seconds of occurred_at as the producer wrote them: any 64-bit number. */
    public long occurredAtSeconds() {
        return occurredAtSeconds;
    }

    /** The nanoseconds of occurred_at as the producer wrote them: any 32-bit number. */
    public int occurredAtNanos() {
        return occurredAtNanos;
    }

    /** The LoRaWAN FPort, 0 to 2<sup>32</sup>-1; 0 where there is none. */
    public long fPort() {
        return fPort;
    }

    /** The transport's metadata, in the envelope's order. Not to be changed. */
    public Map<String, String> attributes() {
        return attributes;
    }

    @Override
    public String toString() {
        return "InboundEnvelope{" + message.stream() + ":" + message.sequence() + "}";
    }
}
