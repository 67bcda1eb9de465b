package io.ponix.connector.nats.source.split;

import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes splits into checkpoints and savepoints.
 *
 * <p>Version 1: stream (modified UTF-8 with a 16-bit length), filter subject (same), next sequence
 * (64 bits, big-endian, 0 = earliest), stopping sequence (64 bits, exclusive, 2^63-1 = never).
 */
public final class JetStreamSplitSerializer implements SimpleVersionedSerializer<JetStreamSplit> {

    /** The first version. */
    static final int VERSION_1 = 1;

    @Override
    public int getVersion() {
        return VERSION_1;
    }

    @Override
    public byte[] serialize(JetStreamSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(128);
        write(split, out);
        return out.getCopyOfBuffer();
    }

    @Override
    public JetStreamSplit deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION_1) {
            throw new IOException(
                    "The state holds a JetStream split of version "
                            + version
                            + "; this version of the connector reads version 1. Was it written by a newer one?");
        }
        return read(new DataInputDeserializer(serialized));
    }

    /** Writes the fields of version 1. */
    public static void write(JetStreamSplit split, DataOutputView out) throws IOException {
        out.writeUTF(split.stream());
        out.writeUTF(split.filterSubject());
        out.writeLong(split.nextSequence());
        out.writeLong(split.stoppingSequence());
    }

    /** Reads the fields of version 1. */
    public static JetStreamSplit read(DataInputView in) throws IOException {
        return new JetStreamSplit(in.readUTF(), in.readUTF(), in.readLong(), in.readLong());
    }
}
