package io.ponix.connector.nats.sink;

import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Keeps messages that no stream has stored yet in checkpoints and savepoints.
 *
 * <p>Version 1: subject, number of headers (32 bits, big-endian), for each its name, the number of
 * its values (32 bits) and the values, then the data. Texts and data are a length in bytes (32
 * bits) and the bytes, texts in UTF-8.
 */
final class JetStreamPublicationSerializer
        implements SimpleVersionedSerializer<JetStreamPublication> {

    static final int VERSION_1 = 1;

    /** Most messages have some hundred bytes of headers. */
    private static final int USUAL_OVERHEAD = 512;

    @Override
    public int getVersion() {
        return VERSION_1;
    }

    @Override
    public byte[] serialize(JetStreamPublication publication) throws IOException {
        DataOutputSerializer out =
                new DataOutputSerializer(publication.data().length + USUAL_OVERHEAD);
        writeText(publication.subject(), out);
        Headers headers = publication.headers();
        out.writeInt(headers == null ? 0 : headers.size());
        if (headers != null) {
            for (String name : headers.keySet()) {
                List<String> values = headers.get(name);
                writeText(name, out);
                out.writeInt(values.size());
                for (String value : values) {
                    writeText(value, out);
                }
            }
        }
        writeBytes(publication.data(), out);
        return out.getCopyOfBuffer();
    }

    @Override
    public JetStreamPublication deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION_1) {
            throw new IOException(
                    "The state holds a JetStream message of version "
                            + version
                            + "; this version of the connector reads version 1. Was it written by a newer one?");
        }
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        String subject = readText(in);
        int count = in.readInt();
        Headers headers = count == 0 ? null : new Headers();
        for (int i = 0; i < count; i++) {
            String name = readText(in);
            for (int values = in.readInt(); values > 0; values--) {
                headers.add(name, readText(in));
            }
        }
        return JetStreamPublication.of(subject, headers, readBytes(in));
    }

    private static void writeText(String text, DataOutputSerializer out) throws IOException {
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    private static String readText(DataInputDeserializer in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static void writeBytes(byte[] bytes, DataOutputSerializer out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputDeserializer in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("Damaged state: a length of " + length);
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
