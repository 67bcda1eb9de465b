package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ponix.connector.nats.source.enumerator.JetStreamEnumeratorState;
import io.ponix.connector.nats.source.enumerator.JetStreamEnumeratorStateSerializer;
import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitSerializer;
import io.ponix.connector.nats.source.split.MessageStamp;
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
 * version must write exactly its own. That of the sink is in its package.
 */
class StateGoldenFilesTest {

    private static final JetStreamSplit SPLIT_1 =
            new JetStreamSplit("raw", "raw.0.*", 258, JetStreamSplit.NO_STOP);
    private static final JetStreamSplit SPLIT_2 =
            new JetStreamSplit(
                    "raw",
                    "raw.*.*",
                    258,
                    JetStreamSplit.NO_STOP,
                    1_763_715_600_123_456_789L,
                    List.of(new AlreadyRead("raw.0.*", 300), new AlreadyRead("raw.1.*", 258)),
                    List.of());

    private static final JetStreamSplit SPLIT_3 =
            SPLIT_2.at(
                    258,
                    List.of(
                            new MessageStamp(100, 1_763_715_700_000_000_001L),
                            new MessageStamp(257, 1_763_715_800_123_456_789L)));

    /** Every version of one kind of state: the n-th value is what version n+1's file holds. */
    private record Kind<T>(
            String file, SimpleVersionedSerializer<T> serializer, List<T> valueOfVersion) {

        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Kind<?>> kinds() {
        return Stream.of(
                new Kind<>(
                        "split",
                        new JetStreamSplitSerializer(),
                        List.of(SPLIT_1, SPLIT_2, SPLIT_3)),
                new Kind<>(
                        "enumerator-state",
                        new JetStreamEnumeratorStateSerializer(),
                        List.of(
                                enumeratorState(SPLIT_1),
                                enumeratorState(SPLIT_2),
                                enumeratorState(SPLIT_3))));
    }

    private static JetStreamEnumeratorState enumeratorState(JetStreamSplit unassigned) {
        return new JetStreamEnumeratorState(
                List.of(unassigned.splitId(), "raw raw.7.*"), List.of(unassigned));
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
    <T> void currentVersionWritesItsGoldenFile(Kind<T> kind) throws Exception {
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
