package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.Mqtt5RxClient;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.unsubscribe.Mqtt5Unsubscribe;
import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.client.tls.TlsException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * MQTT 5.
 *
 * <p>No receive maximum is announced: how much is delivered before the first acknowledgement is
 * left to the broker's own setting, as with MQTT 3.1.1. Mosquitto 2.0.11 delivers a few more than
 * it is announced once nothing is acknowledged for a while, which ends the connection by the
 * protocol, and delivers them again as soon as the session is resumed, so that it never gets
 * further.
 */
final class Mqtt5BrokerClient implements BrokerClient {

    /** The user property with which a sender gives a message an id. */
    static final String MESSAGE_ID = "message-id";

    private final Listener listener;
    private final Mqtt5RxClient client;
    private final Mqtt5Connect connect;
    private volatile boolean listening;

    Mqtt5BrokerClient(ClientSettings settings, Listener listener) throws TlsException {
        this.listener = listener;
        Mqtt5ClientBuilder builder =
                settings.builder()
                        .useMqttVersion5()
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
                Mqtt5Connect.builder()
                        .cleanStart(false)
                        .sessionExpiryInterval(settings.sessionExpiry().toSeconds())
                        .keepAlive(ClientSettings.KEEP_ALIVE_SECONDS)
                        .restrictions()
                        .maximumPacketSize(ClientSettings.LARGEST_PACKET)
                        .applyRestrictions()
                        .build();
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

    private static ReceivedMessage message(Mqtt5Publish publish) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Mqtt5UserProperty property : publish.getUserProperties().asList()) {
            headers.putIfAbsent(property.getName().toString(), property.getValue().toString());
        }
        return MqttMessages.of(
                publish.getTopic().toString(),
                publish.getPayloadAsBytes(),
                headers,
                Optional.ofNullable(headers.get(MESSAGE_ID)));
    }

    @Override
    public CompletableFuture<Void> subscribe(String filter) {
        return Futures.of(
                        client.subscribe(
                                Mqtt5Subscribe.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.EXACTLY_ONCE)
                                        .build()))
                .thenAccept(granted -> {});
    }

    @Override
    public CompletableFuture<Void> unsubscribe(String filter) {
        return Futures.of(
                        client.unsubscribe(Mqtt5Unsubscribe.builder().topicFilter(filter).build()))
                .thenAccept(done -> {});
    }

    @Override
    public CompletableFuture<Void> disconnect(boolean endSession) {
        return Futures.of(
                client.disconnect(
                        endSession
                                ? Mqtt5Disconnect.builder().sessionExpiryInterval(0).build()
                                : Mqtt5Disconnect.builder().build()));
    }

    private record Received(Mqtt5Publish publish, ReceivedMessage message) implements Delivery {

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
