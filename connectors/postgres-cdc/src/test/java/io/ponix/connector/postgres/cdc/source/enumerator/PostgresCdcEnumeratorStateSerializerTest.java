package io.ponix.connector.postgres.cdc.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState.Phase;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.io.IOException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PostgresCdcEnumeratorStateSerializerTest {

    private final PostgresCdcEnumeratorStateSerializer serializer =
            new PostgresCdcEnumeratorStateSerializer();

    /** States and their bytes as version 1 writes them; must be readable for ever. */
    static Stream<Arguments> version1() {
        return Stream.of(
                Arguments.of(new PostgresCdcEnumeratorState(Phase.SLOT_NOT_READY, null), "00"),
                Arguments.of(
                        new PostgresCdcEnumeratorState(
                                Phase.UNASSIGNED,
                                new PostgresCdcSplit(
                                        "s",
                                        "p",
                                        ReplicationPosition.between(
                                                WalPosition.parse("0/1A2B3C")))),
                        "01"
                                + "00000001"
                                + "00000022"
                                + "000173"
                                + "000170"
                                + "00000000001a2b3c"
                                + "0000000000000000"
                                + "0000000000000000"
                                + "00000000"),
                Arguments.of(new PostgresCdcEnumeratorState(Phase.ASSIGNED, null), "02"));
    }

    @ParameterizedTest
    @MethodSource("version1")
    void readsVersion1(PostgresCdcEnumeratorState state, String bytes) throws IOException {
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(bytes))).isEqualTo(state);
    }

    /** States and their bytes as version 2 writes them; must be readable for ever. */
    static Stream<Arguments> version2() {
        return Stream.of(
                Arguments.of(new PostgresCdcEnumeratorState(Phase.SLOT_NOT_READY, null), "00"),
                Arguments.of(
                        new PostgresCdcEnumeratorState(
                                Phase.UNASSIGNED,
                                new PostgresCdcSplit(
                                        "s",
                                        "p",
                                        ReplicationPosition.between(WalPosition.parse("0/1A2B3C"))
                                                .on(3))),
                        "01"
                                + "00000002"
                                + "00000026"
                                + "000173"
                                + "000170"
                                + "00000000001a2b3c"
                                + "0000000000000000"
                                + "0000000000000000"
                                + "00000000"
                                + "00000003"),
                Arguments.of(new PostgresCdcEnumeratorState(Phase.ASSIGNED, null), "02"));
    }

    @ParameterizedTest
    @MethodSource("version2")
    void writesAndReadsVersion2(PostgresCdcEnumeratorState state, String bytes) throws IOException {
        assertThat(serializer.getVersion()).isEqualTo(2);
        assertThat(HexFormat.of().formatHex(serializer.serialize(state))).isEqualTo(bytes);
        assertThat(serializer.deserialize(2, HexFormat.of().parseHex(bytes))).isEqualTo(state);
    }

    @Test
    void refusesAVersionFromTheFuture() {
        assertThatThrownBy(() -> serializer.deserialize(3, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("enumerator version 3");
    }

    @Test
    void refusesAnUnknownPhase() {
        assertThatThrownBy(() -> serializer.deserialize(1, new byte[] {9}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown phase 9");
    }
}
