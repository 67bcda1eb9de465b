package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.Mqtt3RxClient;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3ConnectRestrictions;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAck;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.unsubscribe.Mqtt3Unsubscribe;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectRestrictions;
import io.ponix.client.tls.TlsException;
import io.reactivex.Flowable;
import io.reactivex.Single;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * MQTT 3.1.1. The session stays for as long as the broker likes, and how much it delivers before
 * the first acknowledgement is its own matter, too.
 */
final class Mqtt3BrokerClient extends SessionClient<Mqtt3Publish> {

    /**
     * The broker does not hear of it, as this version of MQTT has no way to say so: the client ends
     * the connection instead of reading a packet that is larger. Its restrictions are of one class
     * for both versions; only the builder for this one has no method for it.
     */
    private static final Mqtt3ConnectRestrictions LARGEST_PACKET =
            (Mqtt3ConnectRestrictions)
                    Mqtt5ConnectRestrictions.builder()
                            .maximumPacketSize(ClientSettings.LARGEST_PACKET)
                            .build();

    private final Mqtt3RxClient client;
    private final Mqtt3Connect connect;
    private final Mqtt3Connect connectAnew;

    /** Whether the broker had the session, and so the subscription, when it was connected to. */
    private volatile boolean isResumed;

    Mqtt3BrokerClient(ClientSettings settings, Listener listener) throws TlsException {
        super(listener);
        Mqtt3ClientBuilder builder = settings.builder(listener).useMqttVersion3();
        if (settings.credential().username().isPresent()) {
            builder =
                    builder.simpleAuth()
                            .username(settings.credential().username().get())
                            .password(settings.credential().passwordBytes())
                            .applySimpleAuth();
        }
        client = builder.buildRx();
        connect =
                Mqtt3Connect.builder()
                        .cleanSession(false)
                        .keepAlive(ClientSettings.KEEP_ALIVE_SECONDS)
                        .restrictions(LARGEST_PACKET)
                        .build();
        connectAnew = connect.extend().cleanSession(true).build();
    }

    @Override
    Flowable<Mqtt3Publish> deliveries() {
        return client.publishes(MqttGlobalPublishFilter.ALL, true).filter(this::isNew);
    }

    @Override
    Single<Boolean> resume() {
        return client.connect(connect)
                .map(Mqtt3ConnAck::isSessionPresent)
                .doOnSuccess(isPresent -> isResumed = isPresent);
    }

    /**
     * Acknowledges and leaves out what the broker has retained and delivers with each subscription
     * anew, also with one that it had: by this version it cannot be asked not to. What it retains
     * while there is the subscription it delivers like any other message.
     */
    private boolean isNew(Mqtt3Publish publish) {
        if (isResumed && publish.isRetain()) {
            publish.acknowledge();
            return false;
        }
        return true;
    }

    @Override
    Received received(Mqtt3Publish publish) {
        return Received.now(
                publish.getTopic().toString(),
                publish.getPayloadAsBytes(),
                Map.of(),
                Optional.empty(),
                publish.getQos(),
                publish::acknowledge);
    }

    @Override
    public CompletableFuture<MqttQos> subscribe(String filter) {
        return Futures.of(
                        client.subscribe(
                                Mqtt3Subscribe.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.EXACTLY_ONCE)
                                        .build()))
                // The codes of what is granted are those of QoS; any other is a failure.
                .thenApply(answer -> MqttQos.fromCode(answer.getReturnCodes().get(0).getCode()));
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
}
