package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of devices that nobody registered, where a gateway asks for them. */
@ExtendWith(BridgeStack.Shared.class)
class EnrolmentITCase {

    private static BridgeStack stack;
    private static Mqtt5AsyncClient client;
    private static String definition;

    @BeforeAll
    static void share(BridgeStack shared) {
        stack = shared;
        client = stack.client("sender");
        definition =
                stack.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(BridgeStack.ORGANIZATION)
                                        .setName("Kind")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setMatchExpression("true")
                                                        .setTransformExpression(
                                                                "{'n': size(input)}"))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
    }

    @AfterAll
    static void disconnect() {
        client.disconnect().join();
    }

    @Test
    void anUnknownDeviceIsEnrolledAsItSendsUpToTheLimitAndNothingWaitsForIt() throws Exception {
        Gateway gateway = gateway("asking", true);
        EndDevice known =
                stack.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(BridgeStack.ORGANIZATION)
                                        .setName("Known")
                                        .setExternalId("known")
                                        .build())
                        .getEndDevice();
        long before = stack.lastSequence(BridgeStack.RAW);

        publish("asking", "known");
        publish("asking", "AB01");
        publish("asking", "AB01");
        publish("asking", "meter 7");
        atMost(20).until(() -> enrolledBy(gateway).size() == 2);
        // Two an hour are all that this gateway may.
        publish("asking", "third");
        publish("asking", "AB01");

        atMost(20).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 6);
        assertThat(stack.envelopesAfter(before).stream().map(RawEnvelope::getExternalId))
                .containsExactly("known", "ab01", "ab01", "meter 7", "third", "ab01");
        assertThat(enrolledBy(gateway))
                .extracting(EndDevice::getExternalId)
                .containsExactlyInAnyOrder("ab01", "meter 7");
        assertThat(enrolledBy(gateway))
                .allSatisfy(device -> assertThat(device.getDefinitionId()).isEqualTo(definition));
        assertThat(known.getEnrolledByGatewayId()).isEmpty();
    }

    @Test
    void aGatewayThatDoesNotAskForItEnrolsNothing() throws Exception {
        gateway("silent", false);
        long before = stack.lastSequence(BridgeStack.RAW);
        List<EndDevice> enrolled = enrolled();

        publish("silent", "unknown");
        atMost(20).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);

        assertThat(enrolled()).isEqualTo(enrolled);
    }

    private static Gateway gateway(String topic, boolean asking) throws Exception {
        CreateGatewayRequest.Builder request =
                CreateGatewayRequest.newBuilder()
                        .setEmqxConfig(stack.ownBroker().setTopicFilter(topic + "/+"))
                        .setIntakeExpression(
                                "{\"external_id\": topic.split(\"/\")[1], \"payload\": payload}");
        if (asking) {
            request.setEnrolment(
                    Enrolment.newBuilder().setDefinitionId(definition).setDevicesPerHour(2));
        }
        Gateway gateway = stack.create(request);
        atMost(20)
                .until(
                        () ->
                                stack.get(gateway).getStatus()
                                                == GatewayStatus.GATEWAY_STATUS_ACTIVE
                                        && stack.metric("ponix_bridge_connected", gateway) == 1);
        return gateway;
    }

    /** Other classes on the same stack enrol devices, too. */
    private static List<EndDevice> enrolledBy(Gateway gateway) {
        return enrolled().stream()
                .filter(device -> device.getEnrolledByGatewayId().equals(gateway.getGatewayId()))
                .toList();
    }

    private static List<EndDevice> enrolled() {
        return stack.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .setPageSize(1_000)
                                .setOnlyEnrolled(true)
                                .build())
                .getEndDevicesList();
    }

    private static void publish(String topic, String device) {
        client.publishWith()
                .topic(topic + "/" + device)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("21.5".getBytes(UTF_8))
                .send()
                .join();
    }
}
