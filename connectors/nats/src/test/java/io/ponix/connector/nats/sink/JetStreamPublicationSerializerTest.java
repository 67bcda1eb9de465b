package io.ponix.connector.nats.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import java.io.InputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * Messages that wait are state: what a released version wrote must be restored for ever, and the
 * current version must write exactly its golden file.
 */
class JetStreamPublicationSerializerTest {

    private final JetStreamPublicationSerializer serializer = new JetStreamPublicationSerializer();

    @Test
    void theFirstVersionIsRestored() throws Exception {
        JetStreamPublication restored = serializer.deserialize(1, golden());

        assertThat(restored.subject()).isEqualTo("dead_letters.NO_CONVERSION");
        assertThat(restored.id()).isEqualTo("raw:7:1000");
        assertThat(restored.headers().keySet()).containsExactlyInAnyOrder("Nats-Msg-Id", "Two");
        assertThat(restored.headers().get("Two")).containsExactly("one", "other");
        assertThat(restored.data()).isEqualTo(new byte[] {1, 2, 3});
    }

    @Test
    void theCurrentVersionWritesItsGoldenFile() throws Exception {
        Headers headers = new Headers().add("Two", "one", "other");
        byte[] written =
                serializer.serialize(
                        JetStreamPublication.of(
                                        "dead_letters.NO_CONVERSION", headers, new byte[] {1, 2, 3})
                                .messageId("raw:7:1000"));

        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(HexFormat.of().formatHex(golden()));
    }

    @Test
    void aMessageWithoutHeadersStaysOne() throws Exception {
        JetStreamPublication restored =
                serializer.deserialize(
                        1, serializer.serialize(JetStreamPublication.of("s", new byte[0])));

        assertThat(restored.headers()).isNull();
        assertThat(restored.id()).isNull();
        assertThat(restored.data()).isEmpty();
    }

    @Test
    void damageAndVersionsToComeAreNamed() {
        assertThatThrownBy(() -> serializer.deserialize(2, golden()))
                .hasMessageContaining("version 2")
                .hasMessageContaining("newer");
        assertThatThrownBy(() -> serializer.deserialize(1, new byte[] {127, 0, 0, 0}))
                .hasMessageContaining("Damaged state");
    }

    private static byte[] golden() throws Exception {
        try (InputStream in =
                JetStreamPublicationSerializerTest.class.getResourceAsStream(
                        "/state/publication-v1.bin")) {
            assertThat(in).as("src/test/resources/state/publication-v1.bin").isNotNull();
            return in.readAllBytes();
        }
    }
}
