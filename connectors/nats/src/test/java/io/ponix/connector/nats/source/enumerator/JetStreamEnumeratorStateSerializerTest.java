package io.ponix.connector.nats.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class JetStreamEnumeratorStateSerializerTest {

    /** Written by version 1: must be readable for ever. */
    private static final String VERSION_1 =
            "00000002"
                    + ("0003" + "732061")
                    + ("0003" + "732062")
                    + "00000001"
                    + ("000173" + "000162" + "0000000000000007" + "0000000000000009");

    private final JetStreamEnumeratorStateSerializer serializer =
            new JetStreamEnumeratorStateSerializer();

    @Test
    void formatOfVersion1IsPinned() throws Exception {
        JetStreamEnumeratorState state =
                new JetStreamEnumeratorState(
                        List.of("s b", "s a"), List.of(new JetStreamSplit("s", "b", 7, 9)));

        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(serializer.serialize(state))).isEqualTo(VERSION_1);
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1))).isEqualTo(state);
    }

    @Test
    void emptyStateSurvives() throws Exception {
        JetStreamEnumeratorState state = new JetStreamEnumeratorState(List.of(), List.of());

        assertThat(serializer.deserialize(1, serializer.serialize(state))).isEqualTo(state);
    }

    @Test
    void unknownVersionIsRefused() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("enumerator of version 2")
                .hasMessageContaining("newer");
    }
}
