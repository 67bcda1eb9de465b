package io.ponix.jobs.sessions.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Checks the bytes that a state serializer writes and reads. */
public final class SerializedForm {

    private SerializedForm() {}

    /** The element as hexadecimal digits. */
    public static <T> String write(TypeSerializer<T> serializer, T element) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(element, out);
        return HexFormat.of().formatHex(out.getCopyOfBuffer());
    }

    /** The element that hexadecimal digits stand for; all of them must be consumed. */
    public static <T> T read(TypeSerializer<T> serializer, String hex) throws IOException {
        DataInputDeserializer in = new DataInputDeserializer(HexFormat.of().parseHex(hex));
        T element = serializer.deserialize(in);
        assertThat(in.available()).as("bytes left over").isZero();
        return element;
    }

    /**
     * An element has exactly these bytes, is read back from them, an unknown version is refused,
     * and the serializer's snapshot restores the same serializer.
     */
    public static <T> void assertGolden(TypeSerializer<T> serializer, T element, String hex)
            throws IOException {
        assertThat(write(serializer, element)).isEqualTo(hex);
        assertThat(read(serializer, hex)).usingRecursiveComparison().isEqualTo(element);
        assertThatThrownBy(() -> read(serializer, "63" + hex.substring(2)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format version 99")
                .hasMessageContaining("newer Ponix");
        TypeSerializerSnapshot<T> snapshot = serializer.snapshotConfiguration();
        assertThat(snapshot.restoreSerializer()).isEqualTo(serializer);
    }
}
