package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Brokers that promise less than the bridge asks for, and messages that are too much for it. */
@ExtendWith(BridgeStack.Shared.class)
class BrokerLimitsITCase {

    private static final String TOPIC = BridgeStack.ORGANIZATION + "/meter";

    @TempDir private static Path home;

    private static BridgeStack stack;

    @BeforeAll
    static void share(BridgeStack shared) {
        stack = shared;
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_VERSION_5", "MQTT_VERSION_3_1_1"})
    void aBrokerThatGrantsQos0OnlyIsUsedAndTheStatusSaysWhatMayBeLost(MqttVersion version)
            throws Exception {
        try (EmbeddedMqttBroker broker =
                EmbeddedMqttBroker.builder()
                        .home(home.resolve(version.name()))
                        .configuration("max_qos 0")
                        .build()) {
            broker.start();
            Gateway gateway =
                    stack.create(
                            EMQXGatewayConfig.newBuilder()
                                    .setBrokerUrl(broker.url())
                                    .setMqttVersion(version));

            awaitStatus(gateway, GatewayStatus.GATEWAY_STATUS_ACTIVE, "QoS 0 only");
            assertThat(Files.readString(stack.bridge.logFile()))
                    .containsPattern(
                            "WARN.*" + gateway.getGatewayId() + ".*the broker grants QoS 0 only");
            stack.delete(gateway);
            atMost(10).until(() -> stack.metric("ponix_bridge_connected", gateway) == 0);
        }
    }

    /** By this version a broker cannot be told how large a message may be. */
    @Test
    void aMessageThatIsTooLargeForMqtt311IsTheStatusAndMqtt5GetsPastIt() throws Exception {
        Gateway gateway =
                stack.create(stack.ownBroker().setMqttVersion(MqttVersion.MQTT_VERSION_3_1_1));
        awaitConnected(gateway);
        long before = stack.lastSequence(BridgeStack.RAW);
        Mqtt5AsyncClient client = stack.client("large");
        publish(client, MqttQos.AT_LEAST_ONCE, new byte[3 << 20]);
        publish(client, MqttQos.AT_LEAST_ONCE, "behind it".getBytes(UTF_8));

        awaitStatus(
                gateway,
                GatewayStatus.GATEWAY_STATUS_ERROR,
                "delivers a message of more than 2097152 bytes");
        assertThat(stack.get(gateway).getStatusReason())
                .contains("mqtt_version", "MQTT_VERSION_5", "max_packet_size");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
        stack.change(gateway, stack.ownBroker().setMqttVersion(MqttVersion.MQTT_VERSION_5));

        atMost(30).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);
        assertThat(stack.envelopesAfter(before).get(0).getPayload().toStringUtf8())
                .isEqualTo("behind it");
        awaitConnected(gateway);
        client.disconnect().join();
        stack.deleteAndAwaitLeft(gateway);
    }

    @Test
    void byMqtt5ABrokerDropsWhatIsTooLargeAndWhatIsBehindItComes() throws Exception {
        Gateway gateway = stack.create(stack.ownBroker());
        awaitConnected(gateway);
        long before = stack.lastSequence(BridgeStack.RAW);
        Mqtt5AsyncClient client = stack.client("large");
        publish(client, MqttQos.AT_LEAST_ONCE, new byte[10 << 20]);
        publish(client, MqttQos.AT_LEAST_ONCE, new byte[2_000_000]);
        publish(client, MqttQos.AT_LEAST_ONCE, "behind them".getBytes(UTF_8));

        atMost(20).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 2);
        assertThat(stack.envelopesAfter(before))
                .extracting(envelope -> envelope.getPayload().size())
                .containsExactly(2_000_000, "behind them".length());
        assertThat(stack.get(gateway).getStatus()).isEqualTo(GatewayStatus.GATEWAY_STATUS_ACTIVE);
        client.disconnect().join();
        stack.deleteAndAwaitLeft(gateway);
    }

    @Test
    void messagesOfQos0ThatWaitForNatsTakeNoMoreThanTheirRoom() throws Exception {
        int messages = 80;
        Gateway gateway = stack.create(stack.ownBroker());
        awaitConnected(gateway);
        Mqtt5AsyncClient client = stack.client("qos-0");
        stack.nats.freeze();
        for (int each = 0; each < messages; each++) {
            publish(client, MqttQos.AT_MOST_ONCE, new byte[512 << 10]);
        }

        // A gateway alone has half of 32 MiB.
        atMost(30)
                .until(
                        () ->
                                stack.metric("ponix_bridge_dropped_total", gateway)
                                                + stack.metric(
                                                        "ponix_bridge_received_total", gateway)
                                        == messages);
        assertThat(stack.metric("ponix_bridge_unacknowledged", gateway)).isEqualTo(32);
        stack.nats.resume();
        atMost(60).until(() -> stack.metric("ponix_bridge_unacknowledged", gateway) == 0);
        publish(client, MqttQos.AT_MOST_ONCE, new byte[512 << 10]);
        atMost(20).until(() -> stack.metric("ponix_bridge_stored_total", gateway) == 33);
        client.disconnect().join();
        stack.deleteAndAwaitLeft(gateway);
    }

    private static void awaitConnected(Gateway gateway) {
        atMost(30).until(() -> stack.metric("ponix_bridge_connected", gateway) == 1);
    }

    private static void publish(Mqtt5AsyncClient client, MqttQos qos, byte[] payload) {
        client.publishWith().topic(TOPIC).qos(qos).payload(payload).send().join();
    }

    private static void awaitStatus(Gateway gateway, GatewayStatus status, String reason) {
        atMost(40)
                .untilAsserted(
                        () -> {
                            Gateway now = stack.get(gateway);
                            assertThat(now.getStatusReason()).contains(reason);
                            assertThat(now.getStatus()).isEqualTo(status);
                        });
    }
}
