package io.ponix.jobs.message;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.serialization.SerializedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A message of the raw stream as JetStream has it: where it came from, and its bytes, which nobody
 * has looked at yet. This, and not what the bytes say, crosses the exchange and is kept in state,
 * so that it is read once, and by the build that handles it.
 *
 * @param stream the JetStream stream's name
 * @param sequence the message's sequence in the stream
 * @param subject the subject the message is stored under
 * @param receivedAt when JetStream stored it, in milliseconds since 1970
 * @param data the message's bytes; shared, not to be written to
 */
public record RawMessage(
        String stream, long sequence, String subject, long receivedAt, byte[] data) {

    /** How Flink carries and keeps it. */
    public static final TypeInformation<RawMessage> TYPE =
            new SerializedType<>(RawMessage.class, RawMessageSerializer.INSTANCE);

    /** Checks that nothing is {@code null}. */
    public RawMessage {
        requireNonNull(stream, "stream");
        requireNonNull(subject, "subject");
        requireNonNull(data, "data");
    }

    @Override
    public String toString() {
        return "RawMessage{" + stream + ":" + sequence + " on " + subject + "}";
    }
}
