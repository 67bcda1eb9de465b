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

    /** Null before the first connection. Guarded by this. */
    private Listening listening;

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

    /** Connects; says whether the broker has the session of before. */
    abstract Single<Boolean> resume();

    abstract Received received(P message);

    @Override
    public final CompletableFuture<Void> connect() {
        listen();
        return Futures.of(resume()).thenAccept(this::connected);
    }

    /** Before the session is resumed: what it holds is delivered at once. */
    private synchronized void listen() {
        if (listening == null || listening.hasEnded) {
            listening = new Listening();
            listening.begin();
        }
    }

    /**
     * The client ends what listens with a session that the broker does not have any more. It says
     * so once all that came in it is acknowledged, and acknowledges whatever comes while nobody
     * listens: so the next one is not to wait for that.
     */
    private synchronized void connected(boolean isResumed) {
        if (!isResumed && listening.hadSession) {
            listening.hasEnded = true;
        }
        listen();
        listening.hadSession = true;
    }

    /** To one session. Guarded by the client. */
    private final class Listening {
        private boolean hadSession;
        private boolean hasEnded;

        void begin() {
            deliveries().subscribe(message -> listener.delivered(received(message)), this::ended);
        }

        private void ended(Throwable cause) {
            synchronized (SessionClient.this) {
                hasEnded = true;
            }
        }
    }
}
