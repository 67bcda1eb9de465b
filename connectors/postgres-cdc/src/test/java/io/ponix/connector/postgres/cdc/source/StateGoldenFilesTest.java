package io.ponix.connector.postgres.cdc.source;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState.Phase;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorStateSerializer;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplitSerializer;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import io.ponix.connector.testing.GoldenState;
import java.util.List;
import java.util.stream.Stream;
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

    static Stream<GoldenState<?>> kinds() {
        return Stream.of(
                new GoldenState<>(
                        "split", new PostgresCdcSplitSerializer(), List.of(SPLIT_1, SPLIT_2)),
                new GoldenState<>(
                        "enumerator-state",
                        new PostgresCdcEnumeratorStateSerializer(),
                        List.of(
                                new PostgresCdcEnumeratorState(Phase.UNASSIGNED, SPLIT_1),
                                new PostgresCdcEnumeratorState(Phase.UNASSIGNED, SPLIT_2))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyVersionIsRestored(GoldenState<?> kind) throws Exception {
        kind.assertEveryVersionIsRestored();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theCurrentVersionWritesItsGoldenFile(GoldenState<?> kind) throws Exception {
        kind.assertCurrentVersionWritesItsGoldenFile();
    }
}
