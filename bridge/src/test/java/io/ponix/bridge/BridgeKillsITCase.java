package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the broker has acknowledged to who published it is in the stream, whatever is killed on the
 * way.
 */
class BridgeKillsITCase {

    private static final int MESSAGES = 20_000;
    private static final int IN_FLIGHT = 200;

    @TempDir private Path home;

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_VERSION_5", "MQTT_VERSION_3_1_1"})
    void nothingThatWasAcknowledgedIsLostWhateverIsKilled(MqttVersion version) throws Exception {
        try (BridgeStack stack = new BridgeStack(home, Map.of())) {
            stack.start();
            Gateway gateway = stack.create(stack.ownBroker().setMqttVersion(version));
            atMost(30).until(() -> stack.metric("ponix_bridge_connected", gateway) == 1);
            Publisher publisher = new Publisher(stack);

            Thread kills =
                    new Thread(
                            () -> {
                                publisher.awaitAcknowledged(MESSAGES / 10);
                                stack.bridge.kill();
                                publisher.awaitAcknowledged(2 * MESSAGES / 10);
                                stack.bridge.start();
                                publisher.awaitAcknowledged(3 * MESSAGES / 10);
                                stack.nats.kill();
                                publisher.awaitAcknowledged(4 * MESSAGES / 10);
                                stack.nats.start();
                                publisher.awaitAcknowledged(5 * MESSAGES / 10);
                                stack.bridge.kill();
                                stack.nats.kill();
                                stack.nats.start();
                                stack.bridge.start();
                            });
            kills.start();
            publisher.publish(0, 8 * MESSAGES / 10);
            kills.join();

            // mosquitto acknowledges before it has written to its disk, so it is killed when that
            // is done, with what waits for NATS in its hands.
            stack.nats.freeze();
            long before = System.currentTimeMillis();
            publisher.publish(8 * MESSAGES / 10, MESSAGES);
            Path saved = home.resolve("mqtt/data/mosquitto.db");
            atMost(20)
                    .until(
                            () ->
                                    Files.getLastModifiedTime(saved).toMillis()
                                            > Math.max(before, publisher.lastAcknowledged));
            stack.broker.kill();
            stack.nats.resume();
            stack.broker.start();

            Map<String, Integer> stored = new HashMap<>();
            atMost(60)
                    .untilAsserted(
                            () ->
                                    assertThat(stack.lastSequence(BridgeStack.RAW))
                                            .isGreaterThanOrEqualTo(MESSAGES));
            atMost(60).until(() -> stack.metric("ponix_bridge_unacknowledged", gateway) == 0);
            atMost(60)
                    .untilAsserted(
                            () -> {
                                stored.clear();
                                for (RawEnvelope envelope : stack.envelopes()) {
                                    stored.merge(
                                            envelope.getPayload().toStringUtf8(), 1, Integer::sum);
                                }
                                Set<String> lost = new HashSet<>(publisher.acknowledged);
                                lost.removeAll(stored.keySet());
                                assertThat(lost).isEmpty();
                            });
            assertThat(publisher.acknowledged).hasSize(MESSAGES);
        }
    }

    /** Publishes each message until the broker has acknowledged it. */
    private static final class Publisher {

        final Set<String> acknowledged = new HashSet<>();
        private final AtomicInteger count = new AtomicInteger();
        private final Mqtt5AsyncClient client;
        private volatile long lastAcknowledged;

        Publisher(BridgeStack stack) {
            client =
                    MqttClient.builder()
                            .useMqttVersion5()
                            .identifier("publisher")
                            .serverHost("127.0.0.1")
                            .serverPort(stack.broker.port())
                            .buildAsync();
            client.connect().join();
        }

        void publish(int from, int to) {
            for (int first = from; first < to; first += IN_FLIGHT) {
                List<CompletableFuture<?>> window = new ArrayList<>();
                for (int i = first; i < Math.min(first + IN_FLIGHT, to); i++) {
                    String text = "reading " + i;
                    window.add(
                            client.publishWith()
                                    .topic("org-001/device-" + i % 10)
                                    .qos(MqttQos.AT_LEAST_ONCE)
                                    .payload(text.getBytes(UTF_8))
                                    .send()
                                    .thenAccept(
                                            result -> {
                                                assertThat(result.getError()).isEmpty();
                                                synchronized (acknowledged) {
                                                    acknowledged.add(text);
                                                }
                                                lastAcknowledged = System.currentTimeMillis();
                                                count.incrementAndGet();
                                            }));
                }
                window.forEach(CompletableFuture::join);
            }
        }

        void awaitAcknowledged(int number) {
            atMost(120).until(() -> count.get() >= number);
        }
    }

    private static ConditionFactory atMost(int seconds) {
        return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(20));
    }
}
