package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState.Phase;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorStateSerializer;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplitSerializer;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * State that released versions wrote, as files: each must be restored for ever, and the current
 * version must write exactly its own.
 */
class StateGoldenFilesTest {

    private static final PostgresCdcSplit SPLIT_1 =
            new PostgresCdcSplit(
                    "a_slot",
                    "a_publication",
                    ReplicationPosition.between(WalPosition.parse("16/B374D848"))
                            .within(757, 0x16B374D900L, 3));

    private static final PostgresCdcSplit SPLIT_2 =
            new PostgresCdcSplit("a_slot", "a_publication", SPLIT_1.position().on(3));

    /** Every version of one kind of state: the n-th value is what version n's file holds. */
    private record Kind<T>(
            String file, SimpleVersionedSerializer<T> serializer, List<T> valueOfVersion) {

        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Kind<?>> kinds() {
        return Stream.of(
                new Kind<>("split", new PostgresCdcSplitSerializer(), List.of(SPLIT_1, SPLIT_2)),
                new Kind<>(
                        "enumerator-state",
                        new PostgresCdcEnumeratorStateSerializer(),
                        List.of(
                                new PostgresCdcEnumeratorState(Phase.UNASSIGNED, SPLIT_1),
                                new PostgresCdcEnumeratorState(Phase.UNASSIGNED, SPLIT_2))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T> void everyVersionIsRestored(Kind<T> kind) throws Exception {
        assertThat(kind.valueOfVersion())
                .as("a golden file for each version of %s", kind.file())
                .hasSize(kind.serializer().getVersion());
        for (int version : IntStream.rangeClosed(1, kind.valueOfVersion().size()).toArray()) {
            assertThat(kind.serializer().deserialize(version, golden(kind.file(), version)))
                    .as("%s, version %d", kind.file(), version)
                    .isEqualTo(kind.valueOfVersion().get(version - 1));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T> void theCurrentVersionWritesItsGoldenFile(Kind<T> kind) throws Exception {
        int version = kind.serializer().getVersion();
        byte[] written = kind.serializer().serialize(kind.valueOfVersion().get(version - 1));
        if (!Arrays.equals(written, golden(kind.file(), version))) {
            fail(
                    "Version %d of %s is written otherwise than in its golden file. A savepoint of a"
                            + " released version could not be restored, or would be read wrongly: raise"
                            + " getVersion(), keep reading version %d, and add a golden file for version %d"
                            + " (xxd -r -p) with:%n%s",
                    version, kind.file(), version, version + 1, HexFormat.of().formatHex(written));
        }
    }

    private static byte[] golden(String kind, int version) throws IOException {
        String file = "/state/" + kind + "-v" + version + ".bin";
        try (InputStream in = StateGoldenFilesTest.class.getResourceAsStream(file)) {
            assertThat(in).as("src/test/resources" + file).isNotNull();
            return in.readAllBytes();
        }
    }
}
