package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.serialization.SerializedType;
import io.ponix.transforms.JsonBuffer;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A decoded reading: one row of {@code processed_envelopes}. Mutable, because the operator fills
 * the same one for every envelope: whoever receives it encodes it at once and keeps nothing of it.
 */
public final class ProcessedRow {

    /** How Flink carries it. */
    public static final TypeInformation<ProcessedRow> TYPE =
            new SerializedType<>(ProcessedRow.class, ProcessedRowSerializer.INSTANCE);

    String organizationId;
    String endDeviceId;
    long occurredAt;
    long processedAt;
    byte[] json;
    int jsonLength;
    String stream;
    long streamSequence;
    long receivedAt;

    /** The device's organization. */
    public String organizationId() {
        return organizationId;
    }

    /** The device. */
    public String endDeviceId() {
        return endDeviceId;
    }

    /** When the reading was taken, in milliseconds since 1970; 1970 to 2106. */
    public long occurredAt() {
        return occurredAt;
    }

    /** When the job decoded it, in milliseconds since 1970. */
    public long processedAt() {
        return processedAt;
    }

    /** An array that begins with the transform's result, a JSON object in UTF-8. */
    public byte[] json() {
        return json;
    }

    /** How many bytes of {@link #json()} belong to the result. */
    public int jsonLength() {
        return jsonLength;
    }

    /** The JetStream stream the envelope was read from. */
    public String stream() {
        return stream;
    }

    /** The envelope's sequence in its stream. */
    public long streamSequence() {
        return streamSequence;
    }

    /** When JetStream stored the envelope, in milliseconds since 1970. */
    public long receivedAt() {
        return receivedAt;
    }

    /** Takes over the content of a buffer, without copying. */
    void setJson(JsonBuffer buffer) {
        json = buffer.array();
        jsonLength = buffer.length();
    }

    @Override
    public String toString() {
        return "ProcessedRow{" + stream + ":" + streamSequence + " of " + endDeviceId + "}";
    }
}
