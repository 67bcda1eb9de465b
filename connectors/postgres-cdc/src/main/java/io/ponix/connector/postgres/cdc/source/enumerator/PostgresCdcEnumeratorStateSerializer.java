package io.ponix.connector.postgres.cdc.source.enumerator;

import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState.Phase;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplitSerializer;
import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * State format of the enumerator.
 *
 * <p>Version 1: phase (1 byte: 0 slot not ready, 1 unassigned, 2 assigned); for 1 the version (4
 * bytes), length (4) and bytes of the split.
 */
@Internal
public final class PostgresCdcEnumeratorStateSerializer
        implements SimpleVersionedSerializer<PostgresCdcEnumeratorState> {

    /** The first format. */
    static final int VERSION_1 = 1;

    /** The same, but its split is of version 2. */
    static final int VERSION_2 = 2;

    private static final int CURRENT_VERSION = VERSION_2;

    private final PostgresCdcSplitSerializer splitSerializer = new PostgresCdcSplitSerializer();

    @Override
    public int getVersion() {
        return CURRENT_VERSION;
    }

    @Override
    public byte[] serialize(PostgresCdcEnumeratorState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(128);
        out.writeByte(
                switch (state.phase()) {
                    case SLOT_NOT_READY -> 0;
                    case UNASSIGNED -> 1;
                    case ASSIGNED -> 2;
                });
        if (state.split() != null) {
            byte[] split = splitSerializer.serialize(state.split());
            out.writeInt(splitSerializer.getVersion());
            out.writeInt(split.length);
            out.write(split);
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public PostgresCdcEnumeratorState deserialize(int version, byte[] serialized)
            throws IOException {
        switch (version) {
            case VERSION_1:
            case VERSION_2:
                return deserialize(new DataInputDeserializer(serialized));
            default:
                throw new IOException(
                        "State of the Postgres CDC source has enumerator version "
                                + version
                                + ", but this release reads versions up to "
                                + CURRENT_VERSION
                                + ". Restore it with the release that wrote it, or a newer one.");
        }
    }

    private PostgresCdcEnumeratorState deserialize(DataInputDeserializer in) throws IOException {
        byte phase = in.readByte();
        switch (phase) {
            case 0:
                return new PostgresCdcEnumeratorState(Phase.SLOT_NOT_READY, null);
            case 1:
                int splitVersion = in.readInt();
                byte[] split = new byte[in.readInt()];
                in.readFully(split);
                return new PostgresCdcEnumeratorState(
                        Phase.UNASSIGNED, splitSerializer.deserialize(splitVersion, split));
            case 2:
                return new PostgresCdcEnumeratorState(Phase.ASSIGNED, null);
            default:
                throw new IOException(
                        "Corrupt state of the Postgres CDC source: unknown phase " + phase);
        }
    }
}
