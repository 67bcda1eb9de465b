package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.ponix.bridge.intake.ReceivedMessage;
import java.util.concurrent.CompletableFuture;

/**
 * A client of one broker, by either version of MQTT. One at a time of connect, subscribe,
 * unsubscribe and disconnect.
 */
interface BrokerClient {

    /** A message, which the broker keeps until it is acknowledged, unless it is of QoS 0. */
    interface Delivery {
        ReceivedMessage message();

        boolean atMostOnce();

        /** Acknowledges it. On a connection that is lost this does nothing. */
        void acknowledge();
    }

    /** Is told of deliveries, in their order, and of a connection that was lost. */
    interface Listener {
        void delivered(Delivery delivery);

        void lost(Throwable cause);
    }

    /** Connects and resumes the session, where the broker has it. */
    CompletableFuture<Void> connect();

    /**
     * Subscribes at QoS 2.
     *
     * @return the QoS that the broker grants, which may be a lower one
     */
    CompletableFuture<MqttQos> subscribe(String filter);

    CompletableFuture<Void> unsubscribe(String filter);

    /**
     * Disconnects.
     *
     * @param endSession whether the broker is to forget the session
     */
    CompletableFuture<Void> disconnect(boolean endSession);
}
