package io.ponix.connector.nats.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.nats.NatsSettings;
import java.time.Duration;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class JetStreamSinkTest {

    @Test
    void missingAndInvalidSettingsAreNamed() {
        assertThatThrownBy(() -> JetStreamSink.builder().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("connection: ");
        assertThatThrownBy(() -> JetStreamSink.builder().setConnection(connection()).build())
                .hasMessageStartingWith("serializer: ");
        assertThatThrownBy(() -> complete().setMaxInFlightMessages(0).build())
                .hasMessageStartingWith("maxInFlightMessages: ");
        assertThatThrownBy(() -> complete().setMaxInFlightBytes(0).build())
                .hasMessageStartingWith("maxInFlightBytes: ");
        assertThatThrownBy(() -> complete().setMaxWaitingMessages(0).build())
                .hasMessageStartingWith("maxWaitingMessages: ");
        assertThatThrownBy(() -> complete().setMaxWaitingBytes(0).build())
                .hasMessageStartingWith("maxWaitingBytes: ");
        assertThatThrownBy(() -> complete().setDeliveryTimeout(Duration.ZERO).build())
                .hasMessageStartingWith("deliveryTimeout: ");
    }

    @Test
    void sinkTravelsToTheCluster() throws Exception {
        assertThat(InstantiationUtil.clone(complete().build())).isNotNull();
    }

    @Test
    void publicationKnowsItsSize() {
        JetStreamPublication plain = JetStreamPublication.of("s", new byte[10]);
        assertThat(plain.size()).isEqualTo(10);
        assertThat(plain.headers()).isNull();

        JetStreamPublication identified =
                JetStreamPublication.of("s", new byte[10]).messageId("raw:7");
        // NATS/1.0 CRLF, Nats-Msg-Id:raw:7 CRLF, CRLF
        assertThat(identified.size()).isEqualTo(10 + 10 + 19 + 2);
        assertThat(identified.headers().getFirst("Nats-Msg-Id")).isEqualTo("raw:7");
    }

    private static NatsSettings connection() {
        return NatsSettings.forServers("nats://localhost:4222");
    }

    private static JetStreamSinkBuilder<Long> complete() {
        return JetStreamSink.<Long>builder()
                .setConnection(connection())
                .setSerializer((record, timestamp) -> JetStreamPublication.of("s", new byte[0]));
    }
}
