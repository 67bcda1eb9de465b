package io.ponix.jobs.envelope.envelope;

import io.ponix.jobs.envelope.serialization.SerializedType;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A message of the raw stream: where it came from, its bytes, and what they say. Immutable (the
 * arrays are shared, and nobody writes to them), so that it can be parked or handed on without a
 * copy.
 *
 * <p>A message that is not a RawEnvelope is represented too: {@link #malformation()} then says why,
 * and the parsed fields are empty.
 */
public final class InboundEnvelope {

    /** How Flink carries and keeps it. */
    public static final TypeInformation<InboundEnvelope> TYPE =
            new SerializedType<>(InboundEnvelope.class, InboundEnvelopeSerializer.INSTANCE);

    private final String stream;
    private final long streamSequence;
    private final String subject;
    private final long receivedAt;
    private final byte[] data;

    private final String malformation;
    private final String organizationId;
    private final String endDeviceId;
    private final int payloadOffset;
    private final int payloadLength;
    private final boolean hasOccurredAt;
    private final long occurredAtSeconds;
    private final int occurredAtNanos;
    private final long fPort;
    private final Map<String, String> attributes;

    private InboundEnvelope(
            String stream,
            long streamSequence,
            String subject,
            long receivedAt,
            byte[] data,
            String malformation,
            RawEnvelopeParser parsed) {
        this.stream = stream;
        this.streamSequence = streamSequence;
        this.subject = subject;
        this.receivedAt = receivedAt;
        this.data = data;
        this.malformation = malformation;
        this.organizationId = parsed.organizationId;
        this.endDeviceId = parsed.endDeviceId;
        this.payloadOffset = parsed.payloadOffset;
        this.payloadLength = parsed.payloadLength;
        this.hasOccurredAt = parsed.hasOccurredAt;
        this.occurredAtSeconds = parsed.occurredAtSeconds;
        this.occurredAtNanos = parsed.occurredAtNanos;
        this.fPort = parsed.fPort;
        this.attributes = parsed.attributes;
    }

    /**
     * Reads a message's bytes. Never fails: see {@link #malformation()}.
     *
     * @param stream the JetStream stream's name
     * @param streamSequence the message's sequence in the stream
     * @param subject the subject the message is stored under
     * @param receivedAt when JetStream stored it, in milliseconds since 1970
     * @param data the message's bytes; kept, not copied
     */
    public static InboundEnvelope parse(
            String stream, long streamSequence, String subject, long receivedAt, byte[] data) {
        return parse(new RawEnvelopeParser(), stream, streamSequence, subject, receivedAt, data);
    }

    /** The same with a parser that is reused. */
    static InboundEnvelope parse(
            RawEnvelopeParser parser,
            String stream,
            long streamSequence,
            String subject,
            long receivedAt,
            byte[] data) {
        String malformation = null;
        try {
            parser.parse(data);
        } catch (MalformedEnvelopeException e) {
            malformation = e.getMessage();
        }
        return new InboundEnvelope(
                stream, streamSequence, subject, receivedAt, data, malformation, parser);
    }

    /** The JetStream stream's name. */
    public String stream() {
        return stream;
    }

    /** The message's sequence in the stream. */
    public long streamSequence() {
        return streamSequence;
    }

    /** The subject the message is stored under. */
    public String subject() {
        return subject;
    }

    /** When JetStream stored the message, in milliseconds since 1970. */
    public long receivedAt() {
        return receivedAt;
    }

    /** The message's bytes. Not to be written to. */
    public byte[] data() {
        return data;
    }

    /** Why the bytes are not a RawEnvelope, or {@code null} if they are one. */
    public String malformation() {
        return malformation;
    }

    /** The organization the producer believes the device belongs to; may be empty. */
    public String organizationId() {
        return organizationId;
    }

    /** The device's id; may be empty. */
    public String endDeviceId() {
        return endDeviceId;
    }

    /** Where in {@link #data()} the payload begins. */
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
        return "InboundEnvelope{" + stream + ":" + streamSequence + " on " + subject + "}";
    }
}
