package io.ponix.jobs.serialization;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A serializer whose every element begins with one byte that says which version of the format it is
 * written in.
 *
 * <p>State outlives the code that wrote it. A subclass names one constant per version it ever wrote
 * and switches on the version when it reads; an unknown version is an error that says so, never a
 * misread. Subclasses are singletons with a public no-argument constructor and a {@link
 * org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot} as snapshot: what may change
 * is inside the elements.
 *
 * @param <T> the type of the elements; immutable unless {@link #isImmutableType()} is overridden
 */
public abstract class VersionedSerializer<T> extends TypeSerializerSingleton<T> {

    private final Class<T> type;
    private final byte version;

    /**
     * @param type the elements' type, for messages
     * @param version the version that {@link #write} writes
     */
    protected VersionedSerializer(Class<T> type, byte version) {
        this.type = type;
        this.version = version;
    }

    /** Writes an element in the newest version, without the version byte. */
    protected abstract void write(T element, DataOutputView target) throws IOException;

    /**
     * Reads an element.
     *
     * @param version the version byte found before it
     * @throws IOException if the input ends early, or {@link #unknownVersion} for a version this
     *     code does not know
     */
    protected abstract T read(byte version, DataInputView source) throws IOException;

    /**
     * The exception for a version byte that no constant names: the state was written by a newer
     * Ponix, or is damaged.
     */
    protected final IOException unknownVersion(byte found) {
        return new IOException(
                "The state holds a "
                        + type.getSimpleName()
                        + " of format version "
                        + found
                        + ", but this build reads versions 1 to "
                        + version
                        + ". Was the savepoint taken by a newer Ponix?");
    }

    @Override
    public final void serialize(T element, DataOutputView target) throws IOException {
        target.writeByte(version);
        write(element, target);
    }

    @Override
    public final T deserialize(DataInputView source) throws IOException {
        return read(source.readByte(), source);
    }

    @Override
    public final T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public final void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public T createInstance() {
        return null;
    }

    @Override
    public T copy(T from) {
        return from;
    }

    @Override
    public final T copy(T from, T reuse) {
        return copy(from);
    }

    @Override
    public final int getLength() {
        return -1;
    }
}
