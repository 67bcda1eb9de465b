package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.Mqtt3RxClient;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.unsubscribe.Mqtt3Unsubscribe;
import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.client.tls.TlsException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * MQTT 3.1.1. The session stays for as long as the broker likes, and how much it delivers before
 * the first acknowledgement is its own matter, too.
 */
final class Mqtt3BrokerClient implements BrokerClient {

    private final Listener listener;
    private final Mqtt3RxClient client;
    private final Mqtt3Connect connect;
    private final Mqtt3Connect connectAnew;
    private volatile boolean listening;

    Mqtt3BrokerClient(ClientSettings settings, Listener listener) throws TlsException {
        this.listener = listener;
        Mqtt3ClientBuilder builder =
                settings.builder()
                        .useMqttVersion3()
                        .addDisconnectedListener(context -> listener.lost(context.getCause()));
        if (settings.credential().username().isPresent()) {
            builder =
                    builder.simpleAuth()
                            .username(settings.credential().username().get())
                            .password(
                                    settings.credential()
                                            .password()
                                            .getBytes(StandardCharsets.UTF_8))
                            .applySimpleAuth();
        }
        client = builder.buildRx();
        connect =
                Mqtt3Connect.builder()
                        .cleanSession(false)
                        .keepAlive(ClientSettings.KEEP_ALIVE_SECONDS)
                        .build();
        connectAnew = connect.extend().cleanSession(true).build();
    }

    @Override
    public CompletableFuture<Void> connect() {
        listen();
        // What listens ends with a session that the broker does not have any more.
        return Futures.of(client.connect(connect)).thenAccept(connected -> listen());
    }

    /** Before the session is resumed: what it holds is delivered at once. */
    private synchronized void listen() {
        if (!listening) {
            listening = true;
            client.publishes(MqttGlobalPublishFilter.ALL, true)
                    .subscribe(
                            publish -> listener.delivered(new Received(publish, message(publish))),
                            ended -> listening = false);
        }
    }

    private static ReceivedMessage message(Mqtt3Publish publish) {
        return MqttMessages.of(
                publish.getTopic().toString(),
                publish.getPayloadAsBytes(),
                Map.of(),
                Optional.empty());
    }

    @Override
    public CompletableFuture<Void> subscribe(String filter) {
        return Futures.of(
                        client.subscribe(
                                Mqtt3Subscribe.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.EXACTLY_ONCE)
                                        .build()))
                .thenAccept(granted -> {});
    }

    @Override
    public CompletableFuture<Void> unsubscribe(String filter) {
        return Futures.of(
                client.unsubscribe(Mqtt3Unsubscribe.builder().topicFilter(filter).build()));
    }

    @Override
    public CompletableFuture<Void> disconnect(boolean endSession) {
        CompletableFuture<Void> disconnected = Futures.of(client.disconnect());
        // A session ends by one that is not kept, which takes its place.
        return endSession
                ? disconnected
                        .thenCompose(done -> Futures.of(client.connect(connectAnew)))
                        .thenCompose(done -> Futures.of(client.disconnect()))
                : disconnected;
    }

    private record Received(Mqtt3Publish publish, ReceivedMessage message) implements Delivery {

        @Override
        public boolean atMostOnce() {
            return publish.getQos() == MqttQos.AT_MOST_ONCE;
        }

        @Override
        public void acknowledge() {
            publish.acknowledge();
        }
    }
}
