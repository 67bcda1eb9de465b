package io.ponix.connector.nats.source.enumerator;

import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes the enumerator's state into checkpoints and savepoints.
 *
 * <p>Version 1: number of known split ids (32 bits), the ids in order; number of unassigned splits
 * (32 bits), the splits as in version 1 of {@link JetStreamSplitSerializer}. Version 2: the same,
 * the splits as in its version 2. Version 3: the same, the splits as in its version 3.
 */
@Internal
public final class JetStreamEnumeratorStateSerializer
        implements SimpleVersionedSerializer<JetStreamEnumeratorState> {

    /** The first version. */
    static final int VERSION_1 = 1;

    /** Holds splits of version 2. */
    static final int VERSION_2 = 2;

    /** Holds splits of version 3. */
    static final int VERSION_3 = 3;

    @Override
    public int getVersion() {
        return VERSION_3;
    }

    @Override
    public byte[] serialize(JetStreamEnumeratorState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        out.writeInt(state.knownSplitIds().size());
        for (String id : new TreeSet<>(state.knownSplitIds())) {
            out.writeUTF(id);
        }
        out.writeInt(state.unassignedSplits().size());
        for (JetStreamSplit split : state.unassignedSplits()) {
            JetStreamSplitSerializer.write(split, out);
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public JetStreamEnumeratorState deserialize(int version, byte[] serialized) throws IOException {
        if (version < VERSION_1 || version > VERSION_3) {
            throw new IOException(
                    "The state holds a JetStream enumerator of version "
                            + version
                            + "; this version of the connector reads versions 1 to 3. Was it written by a newer one?");
        }
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        int known = in.readInt();
        List<String> knownSplitIds = new ArrayList<>();
        for (int i = 0; i < known; i++) {
            knownSplitIds.add(in.readUTF());
        }
        int unassigned = in.readInt();
        List<JetStreamSplit> unassignedSplits = new ArrayList<>();
        for (int i = 0; i < unassigned; i++) {
            unassignedSplits.add(JetStreamSplitSerializer.read(splitVersion(version), in));
        }
        return new JetStreamEnumeratorState(knownSplitIds, unassignedSplits);
    }

    private static int splitVersion(int version) {
        switch (version) {
            case VERSION_1:
                return JetStreamSplitSerializer.VERSION_1;
            case VERSION_2:
                return JetStreamSplitSerializer.VERSION_2;
            case VERSION_3:
                return JetStreamSplitSerializer.VERSION_3;
            default:
                throw new AssertionError(version);
        }
    }
}
