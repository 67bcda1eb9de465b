package io.ponix.cli.simulation;

import static io.ponix.cli.simulation.TestReadings.publish;
import static io.ponix.cli.simulation.TestReadings.reading;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.ponix.cli.program.CommandException;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that acknowledges before it has saved anything. */
class MqttPublisherITCase {

    private static final int BEFORE_THE_KILL = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir private Path home;

    @Test
    void whatAKilledBrokerMayHaveForgottenIsPublishedAgainUnderTheSameId() {
        Map<String, Set<String>> idsByReading = new ConcurrentHashMap<>();
        AtomicInteger acknowledged = new AtomicInteger();
        try (EmbeddedMqttBroker broker = EmbeddedMqttBroker.builder().home(home).build()) {
            broker.start();
            subscribe(broker, publish -> {}).disconnect();
            try (MqttPublisher publisher =
                    new MqttPublisher(broker.url(), acknowledged::incrementAndGet, PATIENCE)) {
                AtomicBoolean restarted = new AtomicBoolean();
                CompletableFuture<Integer> publishing =
                        CompletableFuture.supplyAsync(() -> publish(publisher, restarted));
                await().atMost(SOON)
                        .until(() -> acknowledged.get() > BEFORE_THE_KILL || publishing.isDone());
                broker.kill();
                broker.start();
                // It may not have saved that there is a subscriber.
                Mqtt5BlockingClient subscriber =
                        subscribe(broker, publish -> note(publish, idsByReading));
                restarted.set(true);
                int published = publishing.join();

                assertThat(acknowledged).hasValue(published);
                assertThat(publisher.repeated()).isPositive();
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(idsByReading).hasSize(published));
                assertThat(idsByReading.values()).allSatisfy(ids -> assertThat(ids).hasSize(1));
                subscriber.disconnect();
            }
        }
    }

    @Test
    void whatNobodyIsSubscribedToIsNotTaken() {
        try (EmbeddedMqttBroker broker = EmbeddedMqttBroker.builder().home(home).build()) {
            broker.start();
            try (MqttPublisher publisher =
                    new MqttPublisher(broker.url(), () -> {}, Duration.ofMillis(500))) {
                publisher.publish(reading("1"));

                assertThatThrownBy(publisher::flush)
                        .isInstanceOf(CommandException.class)
                        .hasMessageContaining("nobody is subscribed to org-001/device")
                        .hasMessageContaining("gateway");
            }
        }
    }

    @Test
    void aBrokerThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> new MqttPublisher("mqtt://127.0.0.1:1", () -> {}, PATIENCE))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("mqtt://127.0.0.1:1 does not answer");
    }

    /** Connects as one whose session outlives the connection. */
    private static Mqtt5BlockingClient subscribe(
            EmbeddedMqttBroker broker, Consumer<Mqtt5Publish> received) {
        Mqtt5BlockingClient client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier("subscriber")
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildBlocking();
        client.toAsync().publishes(MqttGlobalPublishFilter.ALL, received);
        client.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send();
        client.subscribeWith().topicFilter("org-001/+").qos(MqttQos.AT_LEAST_ONCE).send();
        return client;
    }

    private static void note(Mqtt5Publish publish, Map<String, Set<String>> idsByReading) {
        idsByReading
                .computeIfAbsent(
                        new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8),
                        reading -> ConcurrentHashMap.newKeySet())
                .add(publish.getUserProperties().asList().get(0).getValue().toString());
    }
}
