package io.ponix.bench.intake;

import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.simulation.HttpPublisher;
import io.ponix.cli.simulation.MqttPublisher;
import io.ponix.cli.simulation.ReadingPublisher;
import io.ponix.cli.stack.StackAddresses;
import java.time.Duration;

/** How messages get into the stream. Each may be repeated, and is stored once. */
enum IntakeWay {
    /** What the others can reach at most: JetStream does no less for them. */
    DIRECTLY("directly"),
    MQTT("MQTT, QoS 1"),
    HTTP("HTTP"),
    HTTP_LINES("HTTP, " + IntakeWay.LINES + " lines");

    /** Readings of a request. */
    static final int LINES = 100;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String title;

    IntakeWay(String title) {
        this.title = title;
    }

    /** As a person reads it. */
    String title() {
        return title;
    }

    /** Whether a reading is sent at once, and not with others. */
    boolean isOneByOne() {
        return this != HTTP_LINES;
    }

    /** A publisher of this way, for one thread. */
    ReadingPublisher publisher(StackAddresses addresses, String gatewayKey) {
        return switch (this) {
            case DIRECTLY ->
                    EnvelopePublisher.persistent(
                            addresses.nats(),
                            addresses.names().rawStream(),
                            sequence -> {},
                            PATIENCE);
            case MQTT -> new MqttPublisher(addresses.mqttUrl(), () -> {}, PATIENCE);
            case HTTP ->
                    new HttpPublisher(
                            addresses.uplinksUrl(),
                            addresses.bridgeTrust(),
                            gatewayKey,
                            1,
                            sequence -> {},
                            PATIENCE);
            case HTTP_LINES ->
                    new HttpPublisher(
                            addresses.uplinksUrl(),
                            addresses.bridgeTrust(),
                            gatewayKey,
                            LINES,
                            sequence -> {},
                            PATIENCE);
        };
    }
}
