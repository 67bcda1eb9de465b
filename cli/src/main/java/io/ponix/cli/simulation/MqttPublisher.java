package io.ponix.cli.simulation;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import io.nats.client.NUID;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Publishes readings to an MQTT broker as a device does that speaks MQTT 5: at QoS 1, to the topic
 * {@code <organization_id>/<device_id>}, with the payload alone. Of an envelope's other fields
 * nothing goes along.
 *
 * <p>Every message has an id (user property {@code message-id}), and one that is not acknowledged
 * is published again until it is; neither is one that nobody is subscribed to, which the broker
 * would forget. A broker may have forgotten, too, what it acknowledged shortly before it was
 * killed: whenever the connection was lost, what was acknowledged in the {@value
 * #FORGOTTEN_SECONDS} s before is published again. By its id each is stored once within the
 * stream's duplicate window.
 */
public final class MqttPublisher implements ReadingPublisher {

    /**
     * Mosquitto 2.0.11 saves what it has every two seconds where it is told one (autosave_interval
     * 1), acknowledges without waiting for that, and was seen to forget up to 2.0 s when killed. A
     * busy disk makes it later.
     */
    private static final long FORGOTTEN_SECONDS = 10;

    private static final long FORGOTTEN_NANOS = TimeUnit.SECONDS.toNanos(FORGOTTEN_SECONDS);
    private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(10);
    private static final Duration PAUSE_BEFORE_RECONNECT = Duration.ofMillis(200);
    private static final int KEEP_ALIVE_SECONDS = 10;
    private static final String MESSAGE_ID = "message-id";

    private final URI broker;
    private final Runnable acknowledged;
    private final Mqtt5AsyncClient client;
    private final Publications<Mqtt5PublishResult> publications;
    private final String idPrefix = NUID.nextGlobal();

    /** The latest, in the order of their acknowledgements; of the publishing thread alone. */
    private final Deque<Message> recent = new ArrayDeque<>();

    /** When the connection was lost, until that is made up for; null while it was not. */
    private final AtomicReference<Long> lostAt = new AtomicReference<>();

    private volatile boolean connected;

    /** Neither before the first connection, of which a person is to know, nor after the last. */
    private volatile boolean reconnecting;

    private boolean makingUp;
    private long published;
    private long repeated;

    private static final class Message {

        private final String topic;
        private final byte[] payload;
        private final String id;
        private volatile long acknowledgedAt;

        Message(String topic, byte[] payload, String id) {
            this.topic = topic;
            this.payload = payload;
            this.id = id;
        }
    }

    /**
     * Connects.
     *
     * @param brokerUrl {@code mqtt://host:port}
     * @param acknowledged told of every reading that the broker has acknowledged, in the order they
     *     were published
     * @param patience how long a reading is repeated before it counts as refused
     * @throws CommandException when there is no broker
     */
    public MqttPublisher(String brokerUrl, Runnable acknowledged, Duration patience) {
        this.broker = URI.create(brokerUrl);
        this.acknowledged = acknowledged;
        this.publications = new Publications<>(Publications.IN_FLIGHT, patience, this::refused);
        this.client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier("ponix-simulate-" + idPrefix)
                        .serverHost(broker.getHost())
                        .serverPort(broker.getPort())
                        .addConnectedListener(
                                context -> {
                                    connected = true;
                                    reconnecting = true;
                                })
                        .addDisconnectedListener(
                                context -> {
                                    if (connected) {
                                        connected = false;
                                        lostAt.compareAndSet(null, System.nanoTime());
                                    }
                                    context.getReconnector()
                                            .reconnect(reconnecting)
                                            .delay(
                                                    PAUSE_BEFORE_RECONNECT.toMillis(),
                                                    TimeUnit.MILLISECONDS);
                                })
                        .buildAsync();
        try {
            client.connectWith()
                    .keepAlive(KEEP_ALIVE_SECONDS)
                    .send()
                    .orTimeout(CONNECTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new CommandException(
                    "the MQTT broker at " + broker + " does not answer: " + reason(e.getCause()),
                    e.getCause());
        }
    }

    private CommandException refused(Throwable cause) {
        return new CommandException(
                "the MQTT broker at " + broker + " did not take a reading: " + reason(cause),
                cause);
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    @Override
    public void publish(RawEnvelope envelope) {
        makeUpForLoss();
        publish(
                new Message(
                        envelope.getOrganizationId() + "/" + envelope.getEndDeviceId(),
                        envelope.getPayload().toByteArray(),
                        idPrefix + "-" + published++),
                acknowledged);
    }

    private void publish(Message message, Runnable noted) {
        publications.add(
                () -> send(message),
                result -> {
                    recent.add(message);
                    forgetOld();
                    noted.run();
                });
    }

    private CompletableFuture<Mqtt5PublishResult> send(Message message) {
        return client.publishWith()
                .topic(message.topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(message.payload)
                .userProperties()
                .add(MESSAGE_ID, message.id)
                .applyUserProperties()
                .send()
                .thenApply(result -> taken(message, result));
    }

    private static Mqtt5PublishResult taken(Message message, Mqtt5PublishResult result) {
        if (result.getError().isPresent()) {
            throw new CompletionException(result.getError().get());
        }
        if (result instanceof Mqtt5PublishResult.Mqtt5Qos1Result qos1
                && qos1.getPubAck().getReasonCode()
                        == Mqtt5PubAckReasonCode.NO_MATCHING_SUBSCRIBERS) {
            throw new CompletionException(
                    new IOException(
                            "nobody is subscribed to "
                                    + message.topic
                                    + "; is the bridge up, and what is the gateway's status?"));
        }
        message.acknowledgedAt = System.nanoTime();
        return result;
    }

    private void forgetOld() {
        long oldest = System.nanoTime() - FORGOTTEN_NANOS;
        while (!makingUp
                && lostAt.get() == null
                && !recent.isEmpty()
                && recent.peek().acknowledgedAt - oldest < 0) {
            recent.remove();
        }
    }

    /** Whether there was anything to make up for. */
    private boolean makeUpForLoss() {
        Long lost = lostAt.getAndSet(null);
        if (lost == null) {
            return false;
        }
        makingUp = true;
        // By the broker that answers now.
        publications.flush();
        makingUp = false;
        List<Message> forgotten =
                recent.stream()
                        .filter(message -> message.acknowledgedAt - lost >= -FORGOTTEN_NANOS)
                        .toList();
        recent.clear();
        for (Message message : forgotten) {
            repeated++;
            publish(message, () -> {});
        }
        return true;
    }

    /** How many readings that the broker had acknowledged were published again. */
    public long repeated() {
        return repeated;
    }

    @Override
    public void flush() {
        do {
            publications.flush();
        } while (makeUpForLoss());
    }

    @Override
    public void close() {
        reconnecting = false;
        client.disconnect()
                .orTimeout(CONNECTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> null)
                .join();
    }
}
