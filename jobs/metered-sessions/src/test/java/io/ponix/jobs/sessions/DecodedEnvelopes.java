package io.ponix.jobs.sessions;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;

/** Decoded envelopes as the pipeline publishes them. */
public final class DecodedEnvelopes {

    public static final String ORGANIZATION = "org";

    /** When all of them occurred, in milliseconds since 1970: 2026-12-01T12:00:00Z. */
    public static final long OCCURRED_AT = 1_796_126_400_000L;

    private DecodedEnvelopes() {}

    /**
     * @param session in JSON, with ' for "; what the row has under the key "session"
     */
    public static ProcessedEnvelope of(String organization, String device, String session) {
        return ofRow(organization, device, "{\"session\":" + session.replace('\'', '"') + "}");
    }

    public static ProcessedEnvelope ofRow(String organization, String device, String row) {
        Struct.Builder data = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(row, data);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(row, e);
        }
        return ProcessedEnvelope.newBuilder()
                .setOrganizationId(organization)
                .setEndDeviceId(device)
                .setOccurredAt(Timestamps.fromMillis(OCCURRED_AT))
                .setProcessedAt(Timestamps.fromMillis(OCCURRED_AT))
                .setData(data)
                .build();
    }
}
