package io.ponix.connector.nats.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class JetStreamSplitSerializerTest {

    /** Written by version 1: must be readable for ever. */
    private static final String VERSION_1 =
            "0001" + "73" + "0005" + "732e302e2a" + "0000000000000102" + "7fffffffffffffff";

    private final JetStreamSplitSerializer serializer = new JetStreamSplitSerializer();

    @Test
    void formatOfVersion1IsPinned() throws Exception {
        JetStreamSplit split = new JetStreamSplit("s", "s.0.*", 258, JetStreamSplit.NO_STOP);

        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(serializer.serialize(split))).isEqualTo(VERSION_1);
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1))).isEqualTo(split);
    }

    @Test
    void everySplitSurvives() throws Exception {
        for (JetStreamSplit split :
                List.of(
                        new JetStreamSplit("stream", ">", JetStreamSplit.EARLIEST, 1),
                        new JetStreamSplit("ströme", "ä.>", Long.MAX_VALUE, 0),
                        new JetStreamSplit("s", "a".repeat(10_000), 1, 2))) {
            assertThat(serializer.deserialize(1, serializer.serialize(split))).isEqualTo(split);
        }
    }

    @Test
    void unknownVersionIsRefused() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("split of version 2")
                .hasMessageContaining("newer");
    }
}
