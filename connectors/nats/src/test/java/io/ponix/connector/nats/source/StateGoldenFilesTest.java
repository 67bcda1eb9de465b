package io.ponix.connector.nats.source;

import io.ponix.connector.nats.source.enumerator.JetStreamEnumeratorState;
import io.ponix.connector.nats.source.enumerator.JetStreamEnumeratorStateSerializer;
import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitSerializer;
import io.ponix.connector.nats.source.split.MessageStamp;
import io.ponix.connector.testing.GoldenState;
import java.util.List;
import java.util.stream.Stream;
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

    static Stream<GoldenState<?>> kinds() {
        return Stream.of(
                new GoldenState<>(
                        "split",
                        new JetStreamSplitSerializer(),
                        List.of(SPLIT_1, SPLIT_2, SPLIT_3)),
                new GoldenState<>(
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
    void everyVersionIsRestored(GoldenState<?> kind) throws Exception {
        kind.assertEveryVersionIsRestored();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void currentVersionWritesItsGoldenFile(GoldenState<?> kind) throws Exception {
        kind.assertCurrentVersionWritesItsGoldenFile();
    }
}
