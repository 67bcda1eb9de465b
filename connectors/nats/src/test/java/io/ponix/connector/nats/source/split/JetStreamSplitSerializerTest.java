package io.ponix.connector.nats.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the bytes are is pinned by {@link io.ponix.connector.nats.source.StateGoldenFilesTest}. */
class JetStreamSplitSerializerTest {

    private final JetStreamSplitSerializer serializer = new JetStreamSplitSerializer();

    @Test
    void everySplitSurvives() throws Exception {
        for (JetStreamSplit split :
                List.of(
                        new JetStreamSplit("stream", ">", JetStreamSplit.EARLIEST, 1),
                        new JetStreamSplit("ströme", "ä.>", Long.MAX_VALUE, 0),
                        new JetStreamSplit("s", "a".repeat(10_000), 1, 2),
                        new JetStreamSplit(
                                "s",
                                ">",
                                1,
                                2,
                                Long.MAX_VALUE,
                                List.of(
                                        new AlreadyRead("s.0.*", 5),
                                        new AlreadyRead("s.1.*", Long.MAX_VALUE)),
                                List.of(
                                        new MessageStamp(1, -1),
                                        new MessageStamp(Long.MAX_VALUE, 7))))) {
            assertThat(serializer.deserialize(3, serializer.serialize(split))).isEqualTo(split);
        }
    }

    @Test
    void unknownVersionIsRefused() {
        for (int version : new int[] {0, 4}) {
            assertThatThrownBy(() -> serializer.deserialize(version, new byte[0]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("split of version " + version)
                    .hasMessageContaining("newer");
        }
    }
}
