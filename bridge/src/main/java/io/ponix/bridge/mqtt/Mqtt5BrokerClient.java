package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.Mqtt5RxClient;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.unsubscribe.Mqtt5Unsubscribe;
import io.ponix.client.tls.TlsException;
import io.reactivex.Flowable;
import io.reactivex.Single;
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
final class Mqtt5BrokerClient extends SessionClient<Mqtt5Publish> {

    /** The user property with which a sender gives a message an id. */
    static final String MESSAGE_ID = "message-id";

    private final Mqtt5RxClient client;
    private final Mqtt5Connect connect;

    Mqtt5BrokerClient(ClientSettings settings, Listener listener) throws TlsException {
        super(listener);
        Mqtt5ClientBuilder builder = settings.builder(listener).useMqttVersion5();
        if (settings.credential().username().isPresent()) {
            builder =
                    builder.simpleAuth()
                            .username(settings.credential().username().get())
                            .password(settings.credential().passwordBytes())
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
    Flowable<Mqtt5Publish> deliveries() {
        return client.publishes(MqttGlobalPublishFilter.ALL, true);
    }

    @Override
    Single<Boolean> resume() {
        return client.connect(connect).map(Mqtt5ConnAck::isSessionPresent);
    }

    @Override
    Received received(Mqtt5Publish publish) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Mqtt5UserProperty property : publish.getUserProperties().asList()) {
            headers.putIfAbsent(property.getName().toString(), property.getValue().toString());
        }
        return Received.now(
                publish.getTopic().toString(),
                publish.getPayloadAsBytes(),
                headers,
                // An empty one tells nothing from anything.
                Optional.ofNullable(headers.get(MESSAGE_ID)).filter(id -> !id.isBlank()),
                publish.getQos(),
                publish::acknowledge);
    }

    @Override
    public CompletableFuture<MqttQos> subscribe(String filter) {
        return Futures.of(
                        client.subscribe(
                                Mqtt5Subscribe.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.EXACTLY_ONCE)
                                        // Not with every connection anew.
                                        .retainHandling(
                                                Mqtt5RetainHandling
                                                        .SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
                                        .build()))
                // The codes of what is granted are those of QoS; any other is a failure.
                .thenApply(answer -> MqttQos.fromCode(answer.getReasonCodes().get(0).getCode()));
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
}
