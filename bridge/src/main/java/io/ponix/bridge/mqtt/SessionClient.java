package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.intake.IntakeMessage;
import io.reactivex.Flowable;
import io.reactivex.Single;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the clients of both versions of MQTT have in common: a session is listened to before it is
 * resumed, and a message is acknowledged by hand.
 *
 * @param <P> what the version calls a published message
 */
abstract class SessionClient<P> implements BrokerClient {

    /** The attribute that has the topic of an envelope from MQTT. */
    private static final String TOPIC_ATTRIBUTE = "mqtt_topic";

    private final Listener listener;
    private volatile boolean listening;

    SessionClient(Listener listener) {
        this.listener = listener;
    }

    /** A message that has come in now. */
    record Received(ReceivedMessage message, MqttQos qos, Runnable acknowledgement)
            implements Delivery {

        static Received now(
                String topic,
                byte[] payload,
                Map<String, String> userProperties,
                Optional<String> senderId,
                MqttQos qos,
                Runnable acknowledgement) {
            return new Received(
                    new ReceivedMessage(
                            new IntakeMessage(topic, payload, userProperties, Instant.now()),
                            senderId,
                            Map.of(TOPIC_ATTRIBUTE, topic)),
                    qos,
                    acknowledgement);
        }

        @Override
        public boolean atMostOnce() {
            return qos == MqttQos.AT_MOST_ONCE;
        }

        @Override
        public void acknowledge() {
            acknowledgement.run();
        }
    }

    /** What is delivered, to be acknowledged by hand; ends with the session. */
    abstract Flowable<P> deliveries();

    /** Connects, with the session of before. */
    abstract Single<?> resume();

    abstract Received received(P message);

    @Override
    public final CompletableFuture<Void> connect() {
        listen();
        // What listens ends with a session that the broker does not have any more.
        return Futures.of(resume()).thenAccept(connected -> listen());
    }

    /** Before the session is resumed: what it holds is delivered at once. */
    private synchronized void listen() {
        if (!listening) {
            listening = true;
            deliveries()
                    .subscribe(
                            message -> listener.delivered(received(message)),
                            ended -> listening = false);
        }
    }
}
