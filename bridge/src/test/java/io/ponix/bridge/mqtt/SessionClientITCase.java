package io.ponix.bridge.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The session of a client, at a real broker. */
@Timeout(60)
class SessionClientITCase {

    @TempDir private Path home;

    private final BlockingQueue<String> delivered = new LinkedBlockingQueue<>();
    private final CountDownLatch connectionLost = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private final BrokerClient.Listener listener =
            new BrokerClient.Listener() {
                @Override
                public void delivered(BrokerClient.Delivery delivery) {
                    String text = new String(delivery.message().content().payload(), UTF_8);
                    delivered.add(text);
                    if (text.equals("takes long")) {
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    delivery.acknowledge();
                }

                @Override
                public void lost(Throwable cause) {
                    connectionLost.countDown();
                }
            };

    /**
     * HiveMQ's client acknowledges what it is given while nobody listens, and ends what listens
     * with the session: here while a message of the one before is not acknowledged yet.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionThatTheBrokerHasLostIsListenedToWhenItIsThereAgain(boolean mqtt5)
            throws Exception {
        try (EmbeddedMqttBroker broker = EmbeddedMqttBroker.builder().home(home).build()) {
            broker.start();
            BrokerClient client = client(broker, mqtt5);
            client.connect().join();
            client.subscribe("org-001/+").join();
            publish(broker, "takes long");
            assertThat(delivered.poll(20, TimeUnit.SECONDS)).isEqualTo("takes long");

            broker.kill();
            Files.deleteIfExists(home.resolve("mqtt/data/mosquitto.db"));
            connectionLost.await();
            broker.start();
            CompletableFuture<Void> connected = client.connect();
            await().atMost(Duration.ofSeconds(20)).until(() -> connections(broker) == 2);
            // It may be told by the thread that the message before keeps.
            connected.copy().completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
            goOn.countDown();
            connected.join();
            client.subscribe("org-001/+").join();
            publish(broker, "after it");

            assertThat(delivered.poll(20, TimeUnit.SECONDS)).isEqualTo("after it");
            client.disconnect(true).join();
        }
    }

    /** It would be a reading of now with every connection, however old it is. */
    @ParameterizedTest
    @CsvSource({"true, 0", "true, 1", "true, 2", "false, 0", "false, 1", "false, 2"})
    void whatTheBrokerRetainsIsDeliveredWithTheFirstConnectionOnly(boolean mqtt5, int qos)
            throws Exception {
        try (EmbeddedMqttBroker broker = EmbeddedMqttBroker.builder().home(home).build()) {
            broker.start();
            publish(broker, MqttQos.fromCode(qos), true, "of before");
            BrokerClient first = client(broker, mqtt5);
            first.connect().join();
            first.subscribe("org-001/+").join();
            assertThat(delivered.poll(20, TimeUnit.SECONDS)).isEqualTo("of before");
            publish(broker, MqttQos.fromCode(qos), true, "meanwhile");
            assertThat(delivered.poll(20, TimeUnit.SECONDS)).isEqualTo("meanwhile");
            first.disconnect(false).join();

            // The same program again, and another one of the same session.
            BrokerClient[] clients = {first, client(broker, mqtt5)};
            for (int i = 0; i < clients.length; i++) {
                String away = "while it is away " + i;
                publish(broker, MqttQos.AT_LEAST_ONCE, true, away);
                clients[i].connect().join();
                clients[i].subscribe("org-001/+").join();
                publish(broker, MqttQos.AT_LEAST_ONCE, false, "after it " + i);
                assertThat(deliveredUntil("after it " + i)).containsOnlyOnce(away);
                clients[i].disconnect(false).join();
            }
        }
    }

    /** What was acknowledged just before a disconnect may be among it again. */
    private List<String> deliveredUntil(String last) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        while (!texts.contains(last)) {
            String text = delivered.poll(20, TimeUnit.SECONDS);
            assertThat(text).as("after %s", texts).isNotNull();
            texts.add(text);
        }
        return texts;
    }

    private BrokerClient client(EmbeddedMqttBroker broker, boolean mqtt5) throws Exception {
        ClientSettings settings =
                new ClientSettings(
                        BrokerAddress.parse(broker.url()),
                        BrokerCredential.NONE,
                        "session-client",
                        Duration.ofHours(1));
        return mqtt5
                ? new Mqtt5BrokerClient(settings, listener)
                : new Mqtt3BrokerClient(settings, listener);
    }

    private static long connections(EmbeddedMqttBroker broker) throws Exception {
        List<String> log = Files.readAllLines(broker.logFile());
        return log.stream().filter(line -> line.contains(" as session-client ")).count();
    }

    private static void publish(EmbeddedMqttBroker broker, String text) {
        publish(broker, MqttQos.AT_LEAST_ONCE, false, text);
    }

    private static void publish(
            EmbeddedMqttBroker broker, MqttQos qos, boolean retained, String text) {
        Mqtt5BlockingClient publisher =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier("publisher")
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildBlocking();
        publisher.connect();
        publisher
                .publishWith()
                .topic("org-001/device")
                .qos(qos)
                .retain(retained)
                .payload(text.getBytes(UTF_8))
                .send();
        publisher.disconnect();
    }
}
