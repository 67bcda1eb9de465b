package io.ponix.connector.nats.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the bytes are is pinned by {@link io.ponix.connector.nats.source.StateGoldenFilesTest}. */
class JetStreamEnumeratorStateSerializerTest {

    private final JetStreamEnumeratorStateSerializer serializer =
            new JetStreamEnumeratorStateSerializer();

    @Test
    void emptyStateSurvives() throws Exception {
        JetStreamEnumeratorState state = new JetStreamEnumeratorState(List.of(), List.of());

        assertThat(serializer.deserialize(2, serializer.serialize(state))).isEqualTo(state);
    }

    @Test
    void unknownVersionIsRefused() {
        for (int version : new int[] {0, 4}) {
            assertThatThrownBy(() -> serializer.deserialize(version, new byte[0]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("enumerator of version " + version)
                    .hasMessageContaining("newer");
        }
    }
}
