package io.ponix.bridge.mqtt;

import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.intake.IntakeMessage;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What was published, as it is read. */
final class MqttMessages {

    /** The attribute that has the topic of an envelope from MQTT. */
    private static final String TOPIC_ATTRIBUTE = "mqtt_topic";

    private MqttMessages() {}

    /** A message that has come in now. */
    static ReceivedMessage of(
            String topic,
            byte[] payload,
            Map<String, String> userProperties,
            Optional<String> senderId) {
        return new ReceivedMessage(
                new IntakeMessage(topic, payload, userProperties, Instant.now()),
                senderId,
                Map.of(TOPIC_ATTRIBUTE, topic));
    }
}
