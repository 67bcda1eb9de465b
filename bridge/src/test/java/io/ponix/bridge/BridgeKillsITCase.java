package io.ponix.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the broker has acknowledged to who published it is in the stream, whatever is killed on the
 * way.
 */
@ExtendWith(BridgeStack.Shared.class)
class BridgeKillsITCase {

    private static final int MESSAGES = 20_000;

    private static BridgeStack stack;

    @BeforeAll
    static void share(BridgeStack shared) {
        stack = shared;
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_VERSION_5", "MQTT_VERSION_3_1_1"})
    void nothingThatWasAcknowledgedIsLostWhateverIsKilled(MqttVersion version) throws Exception {
        Gateway gateway = stack.create(stack.ownBroker().setMqttVersion(version));
        atMost(30).until(() -> stack.metric("ponix_bridge_connected", gateway) == 1);
        Publisher publisher = new Publisher(stack);
        long before = stack.lastSequence(BridgeStack.RAW);

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
        publisher.publish(8 * MESSAGES / 10);
        kills.join();

        // mosquitto acknowledges before it has written to its disk, so it is killed when that
        // is done, with what waits for NATS in its hands.
        stack.nats.freeze();
        long frozen = System.currentTimeMillis();
        publisher.publish(2 * MESSAGES / 10);
        Path saved = stack.broker.home().resolve("mqtt/data/mosquitto.db");
        atMost(20)
                .until(
                        () ->
                                Files.getLastModifiedTime(saved).toMillis()
                                        > Math.max(frozen, publisher.lastAcknowledged()));
        stack.broker.kill();
        stack.nats.resume();
        stack.broker.start();

        atMost(60)
                .untilAsserted(
                        () ->
                                assertThat(stack.lastSequence(BridgeStack.RAW))
                                        .isGreaterThanOrEqualTo(before + MESSAGES));
        atMost(60).until(() -> stack.metric("ponix_bridge_unacknowledged", gateway) == 0);
        atMost(60).untilAsserted(() -> publisher.assertThatNothingIsLost());
        assertThat(publisher.acknowledged()).hasSize(MESSAGES);
        stack.delete(gateway);
        atMost(20).until(() -> stack.metric("ponix_bridge_connected", gateway) == 0);
    }

    private static ConditionFactory atMost(int seconds) {
        return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(20));
    }
}
