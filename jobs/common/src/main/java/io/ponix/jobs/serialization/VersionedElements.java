package io.ponix.jobs.serialization;

import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * A {@link VersionedSerializer} in the shape that sinks want for their writers' state. The version
 * that counts is the one inside the elements; this shape's own never changes.
 *
 * @param <T> the type of the elements
 */
public final class VersionedElements<T> implements SimpleVersionedSerializer<T> {

    private static final int VERSION = 1;

    private final VersionedSerializer<T> elements;

    /**
     * @param elements writes and reads the elements
     */
    public VersionedElements(VersionedSerializer<T> elements) {
        this.elements = elements;
    }

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(T element) throws IOException {
        DataOutputSerializer target = new DataOutputSerializer(64);
        elements.serialize(element, target);
        return target.getCopyOfBuffer();
    }

    @Override
    public T deserialize(int version, byte[] serialized) throws IOException {
        return elements.deserialize(new DataInputDeserializer(serialized));
    }
}
