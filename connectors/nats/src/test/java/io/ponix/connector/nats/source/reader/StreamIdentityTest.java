package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamInfo;
import io.nats.client.support.JsonParser;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.stream.StreamInspector;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamIdentityTest {

    private static final String OLD = "2026-11-21T10:00:00.123456789Z";
    private static final String NEW = "2026-11-21T11:00:00Z";

    @ParameterizedTest
    @EnumSource(RecreatedStreamPolicy.class)
    void sameStreamIsReadOn(RecreatedStreamPolicy policy) throws Exception {
        assertThat(identity(policy, JetStreamSplit.NO_STOP).accept(100, info(OLD))).isEqualTo(100);
    }

    @Test
    void anotherStreamFailsTheJobWithWhatIsKnownOfBoth() {
        StreamIdentity identity = identity(RecreatedStreamPolicy.FAIL, JetStreamSplit.NO_STOP);

        assertThatThrownBy(() -> identity.accept(100, info(NEW)))
                .isInstanceOf(RecreatedStreamException.class)
                .hasMessageContaining("Stream 's' was deleted and created again")
                .hasMessageContaining("read up to sequence 99")
                .hasMessageContaining("created at " + OLD)
                .hasMessageContaining("created at " + NEW)
                .hasMessageContaining("ends at sequence 500")
                .hasMessageContaining("set --recreated to 'start-over'");
    }

    @Test
    void policyMayStartOver() throws Exception {
        StreamIdentity identity =
                identity(RecreatedStreamPolicy.START_OVER, JetStreamSplit.NO_STOP);

        assertThat(identity.accept(100, info(NEW))).isEqualTo(JetStreamSplit.EARLIEST);
        assertThat(identity.createdNanos()).isEqualTo(StreamInspector.createdNanos(info(NEW)));
        assertThat(identity.isSame(info(NEW))).isTrue();
        assertThat(identity.isSame(info(OLD))).isFalse();
    }

    @Test
    void policyMayReadOn() throws Exception {
        StreamIdentity identity =
                identity(RecreatedStreamPolicy.KEEP_POSITION, JetStreamSplit.NO_STOP);

        assertThat(identity.accept(100, info(NEW))).isEqualTo(100);
        assertThat(identity.createdNanos()).isEqualTo(StreamInspector.createdNanos(info(NEW)));
    }

    @ParameterizedTest
    @EnumSource(RecreatedStreamPolicy.class)
    void boundedSourceNeverGoesOnWithAnotherStream(RecreatedStreamPolicy policy) {
        StreamIdentity identity = identity(policy, 1_000);

        assertThatThrownBy(() -> identity.accept(100, info(NEW)))
                .isInstanceOf(RecreatedStreamException.class)
                .hasMessageContaining("bounded");
    }

    private static StreamIdentity identity(RecreatedStreamPolicy policy, long stoppingSequence) {
        return new StreamIdentity(
                new JetStreamSplit(
                        "s",
                        ">",
                        100,
                        stoppingSequence,
                        StreamInspector.createdNanos(info(OLD)),
                        List.of(),
                        List.of()),
                policy,
                "--recreated");
    }

    private static StreamInfo info(String created) {
        try {
            return new StreamInfo(
                    JsonParser.parse(
                            "{\"config\":{\"name\":\"s\"},\"created\":\""
                                    + created
                                    + "\",\"state\":{\"first_seq\":1,\"last_seq\":500}}"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
