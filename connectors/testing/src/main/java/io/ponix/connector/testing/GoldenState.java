package io.ponix.connector.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * State that released versions wrote, as files {@code state/<kind>-v<version>.bin} among the test's
 * resources: each must be restored for ever, and the current version must write exactly its own.
 *
 * @param kind of state, as in the names of the files
 * @param valueOfVersion the n-th is what the file of version n holds
 */
public record GoldenState<T>(
        String kind, SimpleVersionedSerializer<T> serializer, List<T> valueOfVersion) {

    /** Fails unless there is a file of every version, and each is read as its value. */
    public void assertEveryVersionIsRestored() throws IOException {
        assertThat(valueOfVersion)
                .as("a golden file for each version of %s", kind)
                .hasSize(serializer.getVersion());
        for (int version = 1; version <= valueOfVersion.size(); version++) {
            assertThat(serializer.deserialize(version, golden(version)))
                    .as("%s, version %d", kind, version)
                    .isEqualTo(valueOfVersion.get(version - 1));
        }
    }

    /** Fails if the newest file is not what is written now. */
    public void assertCurrentVersionWritesItsGoldenFile() throws IOException {
        int version = serializer.getVersion();
        byte[] written = serializer.serialize(valueOfVersion.get(version - 1));
        if (!Arrays.equals(written, golden(version))) {
            fail(
                    "Version %d of %s is written otherwise than in its golden file. A savepoint of a"
                            + " released version could not be restored, or would be read wrongly: raise"
                            + " getVersion(), keep reading version %d, and add a golden file for version %d"
                            + " (xxd -r -p) with:%n%s",
                    version, kind, version, version + 1, HexFormat.of().formatHex(written));
        }
    }

    private byte[] golden(int version) throws IOException {
        String file = "/state/" + kind + "-v" + version + ".bin";
        try (InputStream in = GoldenState.class.getResourceAsStream(file)) {
            assertThat(in).as("src/test/resources" + file).isNotNull();
            return in.readAllBytes();
        }
    }

    @Override
    public String toString() {
        return kind;
    }
}
