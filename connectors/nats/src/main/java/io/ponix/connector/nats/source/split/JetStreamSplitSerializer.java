package io.ponix.connector.nats.source.split;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;
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
 *
 * <p>Version 2: the same, then when the stream was created (64 bits, nanoseconds since 1970, 0 =
 * unknown), the number of filters that were read already (32 bits), and for each of them the filter
 * subject and the sequence before which it was (64 bits).
 *
 * <p>Version 3: the same, then the number of messages of the history (32 bits), and for each of
 * them, the oldest first, its sequence and when it was stored (64 bits each, nanoseconds since
 * 1970).
 */
@Internal
public final class JetStreamSplitSerializer implements SimpleVersionedSerializer<JetStreamSplit> {

    /** The first version. */
    public static final int VERSION_1 = 1;

    /** Knows when the stream was created and what replaced splits have read. */
    public static final int VERSION_2 = 2;

    /** Knows messages by which it is noticed that the stream went back. */
    public static final int VERSION_3 = 3;

    @Override
    public int getVersion() {
        return VERSION_3;
    }

    @Override
    public byte[] serialize(JetStreamSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(128);
        write(split, out);
        return out.getCopyOfBuffer();
    }

    @Override
    public JetStreamSplit deserialize(int version, byte[] serialized) throws IOException {
        if (version < VERSION_1 || version > VERSION_3) {
            throw new IOException(
                    "The state holds a JetStream split of version "
                            + version
                            + "; this version of the connector reads versions 1 to 3. Was it written by a newer one?");
        }
        return read(version, new DataInputDeserializer(serialized));
    }

    /** Writes the fields of version 3. */
    public static void write(JetStreamSplit split, DataOutputView out) throws IOException {
        out.writeUTF(split.stream());
        out.writeUTF(split.filterSubject());
        out.writeLong(split.nextSequence());
        out.writeLong(split.stoppingSequence());
        out.writeLong(split.streamCreatedNanos());
        out.writeInt(split.alreadyRead().size());
        for (AlreadyRead read : split.alreadyRead()) {
            out.writeUTF(read.filterSubject());
            out.writeLong(read.beforeSequence());
        }
        out.writeInt(split.history().size());
        for (MessageStamp stamp : split.history()) {
            out.writeLong(stamp.sequence());
            out.writeLong(stamp.timestampNanos());
        }
    }

    /** Reads the fields of version 1, 2 or 3. */
    public static JetStreamSplit read(int version, DataInputView in) throws IOException {
        String stream = in.readUTF();
        String filterSubject = in.readUTF();
        long nextSequence = in.readLong();
        long stoppingSequence = in.readLong();
        if (version == VERSION_1) {
            return new JetStreamSplit(stream, filterSubject, nextSequence, stoppingSequence);
        }
        long streamCreatedNanos = in.readLong();
        int count = in.readInt();
        List<AlreadyRead> alreadyRead = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            alreadyRead.add(new AlreadyRead(in.readUTF(), in.readLong()));
        }
        List<MessageStamp> history = new ArrayList<>();
        if (version >= VERSION_3) {
            int stamps = in.readInt();
            for (int i = 0; i < stamps; i++) {
                history.add(new MessageStamp(in.readLong(), in.readLong()));
            }
        }
        return new JetStreamSplit(
                stream,
                filterSubject,
                nextSequence,
                stoppingSequence,
                streamCreatedNanos,
                alreadyRead,
                history);
    }
}
