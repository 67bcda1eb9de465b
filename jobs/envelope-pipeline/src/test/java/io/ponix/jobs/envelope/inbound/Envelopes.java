package io.ponix.jobs.envelope.inbound;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Instant;
import java.util.HexFormat;

/** Envelopes for tests. */
public final class Envelopes {

    /** Channel 1, temperature 27.2. */
    public static final String TEMPERATURE = "01670110";

    private Envelopes() {}

    /** A valid envelope. */
    public static RawEnvelope.Builder envelope(
            String organization, String device, Instant occurredAt) {
        return RawEnvelope.newBuilder()
                .setOrganizationId(organization)
                .setEndDeviceId(device)
                .setPayload(ByteString.copyFrom(HexFormat.of().parseHex(TEMPERATURE)))
                .setOccurredAt(timestamp(occurredAt));
    }

    /** A time in protobuf's form. */
    public static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /** An envelope as the operator reads it. */
    public static InboundEnvelope inbound(long sequence, RawEnvelope envelope) {
        return new EnvelopeParser().parse(message(sequence, envelope));
    }

    /** An envelope as the source hands it on. */
    public static RawMessage message(long sequence, RawEnvelope envelope) {
        return new RawMessage(
                "raw_envelopes",
                sequence,
                "raw_envelopes.0." + envelope.getEndDeviceId(),
                1_000_000 + sequence,
                envelope.toByteArray());
    }
}
