package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import io.ponix.client.tls.TlsException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How a client connects.
 *
 * @param sessionExpiry how long the broker keeps the session; MQTT 3.1.1 has no such thing
 */
record ClientSettings(
        BrokerAddress address,
        BrokerCredential credential,
        String clientId,
        Duration sessionExpiry) {

    /**
     * In bytes, so that what a broker has in flight to a connection while NATS is away fits into
     * memory. What is larger a broker does not deliver: it drops the message, as MQTT 5 says. By
     * MQTT 3.1.1 it is not told: the client ends the connection at such a message.
     */
    static final int LARGEST_PACKET = 2 << 20;

    /** How often a connection without traffic is looked at, in seconds. */
    static final int KEEP_ALIVE_SECONDS = 30;

    private static final long ANSWERED_WITHIN_SECONDS = 10;

    /**
     * What both versions of MQTT have in common.
     *
     * @param listener is told of a connection that was lost
     * @throws TlsException if a file cannot be used
     */
    MqttClientBuilder builder(BrokerClient.Listener listener) throws TlsException {
        MqttClientTransportConfigBuilder transport =
                MqttClientTransportConfig.builder()
                        .serverHost(address.host())
                        .serverPort(address.port())
                        .socketConnectTimeout(ANSWERED_WITHIN_SECONDS, TimeUnit.SECONDS)
                        .mqttConnectTimeout(ANSWERED_WITHIN_SECONDS, TimeUnit.SECONDS);
        if (address.tls()) {
            transport =
                    transport.sslConfig(
                            MqttClientSslConfig.builder()
                                    .trustManagerFactory(credential.tls().trustManagers())
                                    .keyManagerFactory(credential.tls().keyManagers().orElse(null))
                                    .handshakeTimeout(ANSWERED_WITHIN_SECONDS, TimeUnit.SECONDS)
                                    .build());
        }
        return MqttClient.builder()
                .identifier(clientId)
                .transportConfig(transport.build())
                .addDisconnectedListener(context -> listener.lost(context.getCause()));
    }
}
