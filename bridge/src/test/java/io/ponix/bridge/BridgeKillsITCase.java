package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is killed on the way, what has an id is in the stream once, and what has none at least
 * once, if its sender repeats what a killed broker may have lost.
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
    void nothingIsLostAndWhatHasAnIdIsStoredOnceWhateverIsKilled(
            MqttVersion version, TestReporter reporter) throws Exception {
        CreateGatewayRequest.Builder request =
                CreateGatewayRequest.newBuilder()
                        .setEmqxConfig(stack.ownBroker().setMqttVersion(version));
        if (version == MqttVersion.MQTT_VERSION_3_1_1) {
            // It has no user properties, by which a sender gives an id beside the message.
            request.setIntakeExpression(
                    """
                    cel.bind(text, string(payload), {
                      "device_id": topic.split("/")[1],
                      "payload": payload,
                      ?"message_id": text.startsWith("named ") ? optional.of(text) : optional.none()
                    })
                    """);
        }
        Gateway gateway = stack.create(request);
        atMost(30).until(() -> stack.metric("ponix_bridge_connected", gateway) == 1);
        RepeatingPublisher publisher = new RepeatingPublisher(stack);

        FutureTask<Void> kills = new FutureTask<>(() -> kill(publisher), null);
        new Thread(kills, "kills").start();
        publisher.publish(MESSAGES);
        kills.get();
        publisher.publish(1); // after the last of the kills

        atMost(120)
                .untilAsserted(
                        () -> {
                            assertThat(publisher.stored(true).values()).doesNotContain(0);
                            assertThat(publisher.stored(false).values()).doesNotContain(0);
                        });
        atMost(60).until(() -> stack.metric("ponix_bridge_unacknowledged", gateway) == 0);
        assertThat(publisher.stored(true)).hasSize(MESSAGES / 2 + 1);
        assertThat(publisher.stored(true).values()).containsOnly(1);
        int doubles = publisher.stored(false).values().stream().mapToInt(count -> count - 1).sum();
        reporter.publishEntry(
                "%d repeated; of %d messages without an id %d stored once more"
                        .formatted(publisher.repeated(), MESSAGES / 2, doubles));
        publisher.disconnect();
        stack.deleteAndAwaitLeft(gateway);
    }

    private static void kill(RepeatingPublisher publisher) {
        publisher.awaitPublished(MESSAGES / 10);
        stack.bridge.kill();
        publisher.awaitPublished(2 * MESSAGES / 10);
        stack.bridge.start();
        publisher.awaitPublished(3 * MESSAGES / 10);
        stack.nats.kill();
        publisher.awaitPublished(4 * MESSAGES / 10);
        stack.nats.start();
        publisher.awaitPublished(5 * MESSAGES / 10);
        stack.bridge.kill();
        stack.nats.kill();
        stack.nats.start();
        stack.bridge.start();
        publisher.awaitPublished(6 * MESSAGES / 10);
        killBroker(publisher);
        publisher.awaitPublished(8 * MESSAGES / 10);
        // With what waits for NATS in its hands.
        stack.nats.freeze();
        killBroker(publisher);
        stack.nats.resume();
    }

    /** It acknowledges before it writes to its disk: what came since it did last is lost. */
    private static void killBroker(RepeatingPublisher publisher) {
        Path saved = stack.broker.home().resolve("mqtt/data/mosquitto.db");
        stack.broker.kill();
        long savedAt;
        try {
            savedAt = Files.getLastModifiedTime(saved).toMillis();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        stack.broker.start();
        publisher.repeatSince(savedAt);
    }
}
