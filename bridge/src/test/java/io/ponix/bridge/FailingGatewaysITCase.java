package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Most of the gateways have brokers that cannot be used, and the others do not notice. {@code
 * ./ponix bench intake --failing-gateways} measures more of them than a test has time for.
 */
class FailingGatewaysITCase {

    private static final String OTHERS = "org-002";
    private static final int FAILING_OF_A_KIND = 60;
    private static final int HEALTHY = 20;
    private static final int MESSAGES = 200;

    @TempDir private Path home;

    @Test
    void gatewaysThatFailAreToldOnceAndHoldUpNoOther() throws Exception {
        try (BridgeStack stack = new BridgeStack(home);
                EmbeddedMqttBroker refusing =
                        EmbeddedMqttBroker.builder()
                                .home(home.resolve("refusing"))
                                .user("north", "secret")
                                .build();
                // Its backlog takes the connections of all attempts, and nobody answers.
                ServerSocket silent =
                        new ServerSocket(
                                0, 50 * FAILING_OF_A_KIND, InetAddress.getLoopbackAddress())) {
            refusing.start();
            stack.start();
            for (int each = 0; each < FAILING_OF_A_KIND; each++) {
                create(stack, "mqtt://nowhere-" + each + ".invalid:1883");
                create(stack, refusing.url());
                create(stack, "mqtt://127.0.0.1:" + silent.getLocalPort());
            }
            for (int each = 0; each < HEALTHY; each++) {
                create(stack, stack.broker.url());
            }
            Gateway gateway = stack.create(stack.ownBroker());
            Mqtt5AsyncClient client = stack.client("publisher");

            // While most are tried for the first time.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> stack.metric("ponix_bridge_connected", gateway) == 1);
            assertThat(slowestOfMessages(stack, client)).isLessThan(Duration.ofSeconds(2));

            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThatEachHasItsStatus(stack));
            Map<String, Timestamp> told = updatedAt(stack);
            // Each is tried again, more than once, meanwhile.
            long tried = connectionsRefused(refusing);
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> connectionsRefused(refusing) >= tried + FAILING_OF_A_KIND);
            assertThat(slowestOfMessages(stack, client)).isLessThan(Duration.ofSeconds(2));
            assertThat(updatedAt(stack)).isEqualTo(told);
            assertThat(threads(stack)).isLessThan(100);
            client.disconnect().join();
        }
    }

    private static void create(BridgeStack stack, String brokerUrl) {
        stack.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(OTHERS)
                                .setEmqxConfig(
                                        EMQXGatewayConfig.newBuilder().setBrokerUrl(brokerUrl))
                                .build());
    }

    /** From publishing a message until the stream has it, one after the other. */
    private static Duration slowestOfMessages(BridgeStack stack, Mqtt5AsyncClient client)
            throws Exception {
        long slowest = 0;
        for (int each = 0; each < MESSAGES; each++) {
            long before = stack.lastSequence(BridgeStack.RAW);
            long published = System.nanoTime();
            client.publishWith()
                    .topic(BridgeStack.ORGANIZATION + "/meter")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("reading " + each).getBytes(UTF_8))
                    .send()
                    .join();
            await().atMost(Duration.ofSeconds(10))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);
            slowest = Math.max(slowest, System.nanoTime() - published);
        }
        return Duration.ofNanos(slowest);
    }

    private static void assertThatEachHasItsStatus(BridgeStack stack) {
        Map<String, Integer> reasons = new HashMap<>();
        for (Gateway gateway : list(stack)) {
            String reason =
                    gateway.getStatus() == GatewayStatus.GATEWAY_STATUS_ACTIVE
                            ? "connected"
                            : gateway.getStatusReason()
                                    .replaceAll("[0-9.:]+(invalid)?", "")
                                    .replaceAll(" +", " ");
            reasons.merge(reason, 1, Integer::sum);
        }
        assertThat(reasons.get("connected")).as("%s", reasons).isEqualTo(HEALTHY);
        assertThat(reasons.entrySet())
                .filteredOn(each -> !each.getKey().equals("connected"))
                .as("%s", reasons)
                .hasSize(3)
                .allSatisfy(each -> assertThat(each.getValue()).isEqualTo(FAILING_OF_A_KIND))
                .extracting(Map.Entry::getKey)
                .anySatisfy(reason -> assertThat(reason).startsWith("unknown host"))
                .anySatisfy(reason -> assertThat(reason).startsWith("login refused"))
                .anySatisfy(reason -> assertThat(reason).contains("does not answer as an MQTT"));
    }

    private static Map<String, Timestamp> updatedAt(BridgeStack stack) {
        Map<String, Timestamp> updatedAt = new HashMap<>();
        list(stack).forEach(each -> updatedAt.put(each.getGatewayId(), each.getUpdatedAt()));
        return updatedAt;
    }

    private static List<Gateway> list(BridgeStack stack) {
        return new ArrayList<>(
                stack.gateways()
                        .listGateways(
                                ListGatewaysRequest.newBuilder()
                                        .setOrganizationId(OTHERS)
                                        .setPageSize(1_000)
                                        .build())
                        .getGatewaysList());
    }

    private static long connectionsRefused(EmbeddedMqttBroker broker) throws Exception {
        return Files.readString(broker.logFile())
                .lines()
                .filter(line -> line.contains("not authorised"))
                .count();
    }

    private static long threads(BridgeStack stack) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + stack.bridge.pid().orElseThrow() + "/status"))
                .stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
