package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Brokers that promise less than the bridge asks for. */
@ExtendWith(BridgeStack.Shared.class)
class BrokerLimitsITCase {

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
