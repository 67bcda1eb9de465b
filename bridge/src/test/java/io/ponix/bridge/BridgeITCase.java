package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.embedded.process.Ports;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.MqttVersion;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a bridge makes of gateways and of what their brokers send. */
@ExtendWith(BridgeStack.Shared.class)
class BridgeITCase {

    @TempDir private static Path home;

    private static BridgeStack stack;

    @BeforeAll
    static void share(BridgeStack shared) {
        stack = shared;
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_VERSION_UNSPECIFIED", "MQTT_VERSION_3_1_1"})
    void whatADevicePublishesIsARawEnvelope(MqttVersion version) throws Exception {
        Gateway gateway = stack.create(stack.ownBroker().setMqttVersion(version));
        awaitActive(gateway);
        Mqtt5AsyncClient client = stack.client("publisher");
        long before = stack.lastSequence(BridgeStack.RAW);
        for (MqttQos qos : MqttQos.values()) {
            publish(client, BridgeStack.ORGANIZATION + "/meter-1", qos, "reading " + qos);
        }

        atMost(10).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 3);
        List<RawEnvelope> envelopes = stack.envelopesAfter(before);
        assertThat(envelopes)
                .allSatisfy(
                        envelope -> {
                            assertThat(envelope.getOrganizationId())
                                    .isEqualTo(BridgeStack.ORGANIZATION);
                            assertThat(envelope.getEndDeviceId()).isEqualTo("meter-1");
                            assertThat(envelope.getAttributesMap())
                                    .isEqualTo(
                                            Map.of(
                                                    "mqtt_topic",
                                                    BridgeStack.ORGANIZATION + "/meter-1",
                                                    "ponix_gateway_id",
                                                    gateway.getGatewayId()));
                            assertThat(envelope.getOccurredAt().getSeconds())
                                    .isBetween(
                                            System.currentTimeMillis() / 1000 - 60,
                                            System.currentTimeMillis() / 1000 + 1);
                        });
        assertThat(envelopes)
                .extracting(envelope -> envelope.getPayload().toStringUtf8())
                .containsExactly(
                        "reading AT_MOST_ONCE", "reading AT_LEAST_ONCE", "reading EXACTLY_ONCE");
        assertThat(stack.management().getMessage(BridgeStack.RAW, before + 1).getSubject())
                .matches("raw_envelopes\\.\\d\\.meter-1");
        String odd = "a.b c> zähler 100%";
        publish(client, BridgeStack.ORGANIZATION + "/" + odd, MqttQos.AT_LEAST_ONCE, "odd");
        atMost(10).until(() -> stack.metric("ponix_bridge_stored_total", gateway) == 4);
        assertThat(stack.envelopesAfter(before).get(3).getEndDeviceId()).isEqualTo(odd);
        assertThat(stack.management().getMessage(BridgeStack.RAW, before + 4).getSubject())
                .endsWith("." + EnvelopeSubjects.token(odd));
        assertThat(stack.metric("ponix_bridge_received_total", gateway)).isEqualTo(4);
        assertThat(stack.metric("ponix_bridge_unacknowledged", gateway)).isZero();
        client.disconnect().join();
        delete(gateway);
    }

    @Test
    void whatIsNoReadingIsRefusedWithTheReasonAndHoldsUpNothing() throws Exception {
        Gateway gateway = stack.create(stack.ownBroker().setTopicFilter("#"));
        awaitActive(gateway);
        Mqtt5AsyncClient client = stack.client("hostile");
        long refusedBefore = stack.lastSequence("refused_uplinks");
        Map<String, RefusalReason> topics =
                Map.of(
                        "alone",
                        RefusalReason.REFUSAL_REASON_TOPIC,
                        "/meter",
                        RefusalReason.REFUSAL_REASON_TOPIC,
                        "org-001/",
                        RefusalReason.REFUSAL_REASON_TOPIC,
                        "org-001/a/b",
                        RefusalReason.REFUSAL_REASON_TOPIC,
                        "org-002/meter",
                        RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH,
                        "org-001/" + "x".repeat(257),
                        RefusalReason.REFUSAL_REASON_DEVICE_ID);
        topics.keySet().forEach(topic -> publish(client, topic, MqttQos.AT_LEAST_ONCE, "poison"));
        long before = stack.lastSequence(BridgeStack.RAW);
        publish(client, "org-001/behind", MqttQos.AT_LEAST_ONCE, "a reading");

        atMost(20).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);
        atMost(20)
                .until(
                        () ->
                                stack.lastSequence("refused_uplinks")
                                        == refusedBefore + topics.size());
        var refused = stack.refusedAfter(refusedBefore);
        assertThat(refused)
                .filteredOn(each -> each.getPayload().toStringUtf8().equals("poison"))
                .hasSize(topics.size())
                .allSatisfy(
                        each -> {
                            assertThat(each.getReason()).isEqualTo(topics.get(each.getTopic()));
                            assertThat(each.getGatewayId()).isEqualTo(gateway.getGatewayId());
                            assertThat(each.getMessage()).isNotEmpty();
                        });
        assertThat(stack.metric("ponix_bridge_refused_total", gateway)).isEqualTo(topics.size());
        assertThat(stack.metric("ponix_bridge_unacknowledged", gateway)).isZero();
        client.disconnect().join();
        delete(gateway);
    }

    @Test
    void aMessageThatItsSenderGivesAnIdIsStoredOnceAndEqualReadingsEach() throws Exception {
        Gateway gateway = stack.create(stack.ownBroker());
        awaitActive(gateway);
        Mqtt5AsyncClient client = stack.client("identified");
        long before = stack.lastSequence(BridgeStack.RAW);
        for (int i = 0; i < 3; i++) {
            client.publishWith()
                    .topic("org-001/identified")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("same".getBytes(UTF_8))
                    .userProperties()
                    .add("message-id", "42")
                    .applyUserProperties()
                    .send()
                    .join();
        }
        for (int i = 0; i < 2; i++) {
            publish(client, "org-001/identified", MqttQos.AT_LEAST_ONCE, "equal");
            // An id that is empty, as of a template without its value, is none.
            client.publishWith()
                    .topic("org-001/identified")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("empty " + i).getBytes(UTF_8))
                    .userProperties()
                    .add("message-id", "")
                    .applyUserProperties()
                    .send()
                    .join();
        }

        atMost(10).until(() -> stack.metric("ponix_bridge_stored_total", gateway) == 7);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 5);
        assertThat(stack.metric("ponix_bridge_duplicates_total", gateway)).isEqualTo(2);
        client.disconnect().join();
        delete(gateway);
    }

    @Test
    void aChangedGatewayIsConnectedAnewAndOneWhoseNameChangesIsNot() throws Exception {
        Gateway gateway = stack.create(stack.ownBroker());
        awaitActive(gateway);
        Gateway named =
                stack.gateways()
                        .updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setName("another")
                                        .setStatus(GatewayStatus.GATEWAY_STATUS_PENDING)
                                        .build())
                        .getGateway();
        stack.announce("update", named);
        Gateway moved =
                stack.gateways()
                        .updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setEmqxConfig(
                                                stack.ownBroker().setTopicFilter("org-001/only"))
                                        .build())
                        .getGateway();
        // The bridge that has done what comes after has seen what came before, and has not
        // written a status because of it.
        assertThat(stack.get(gateway).getStatus()).isEqualTo(GatewayStatus.GATEWAY_STATUS_PENDING);
        stack.announce("update", moved);
        awaitActive(gateway);
        String before = stack.clientIds(gateway).get(0);
        atMost(10).until(() -> stack.hasDisconnected(before));

        Mqtt5AsyncClient client = stack.client("narrow");
        long sequence = stack.lastSequence(BridgeStack.RAW);
        publish(client, "org-001/other", MqttQos.AT_LEAST_ONCE, "not subscribed");
        publish(client, "org-001/only", MqttQos.AT_LEAST_ONCE, "subscribed");
        atMost(10).until(() -> stack.lastSequence(BridgeStack.RAW) == sequence + 1);
        assertThat(stack.envelopesAfter(sequence).get(0).getEndDeviceId()).isEqualTo("only");

        stack.gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .build());
        stack.announce("update", moved.toBuilder().setDeletedAt(moved.getUpdatedAt()).build());
        atMost(5).until(() -> stack.metric("ponix_bridge_connected", gateway) == 0);
        publish(client, "org-001/only", MqttQos.AT_LEAST_ONCE, "after");
        client.disconnect().join();
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(sequence + 1);
    }

    @Test
    void whyABrokerCannotBeUsedIsTheGatewaysStatus() throws Exception {
        SelfSignedCertificate certificate =
                SelfSignedCertificate.create(home, "broker", "ip:127.0.0.1");
        try (EmbeddedMqttBroker secured =
                        EmbeddedMqttBroker.builder()
                                .home(home.resolve("secured"))
                                .user("north", "secret")
                                .certificate(certificate.certificatePem(), certificate.keyPem())
                                .build();
                EmbeddedMqttBroker users =
                        EmbeddedMqttBroker.builder()
                                .home(home.resolve("users"))
                                .user("north", "secret")
                                .build();
                ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            secured.start();
            users.start();
            Files.writeString(
                    stack.credentials,
                    """
                    wrong.broker_url=%s
                    wrong.organizations=*
                    wrong.username=north
                    wrong.password=guess
                    right.broker_url=%s
                    right.organizations=*
                    right.username=north
                    right.password=secret
                    untrusting.broker_url=%s
                    untrusting.organizations=*
                    untrusting.username=north
                    untrusting.password=secret
                    trusting.broker_url=%s
                    trusting.organizations=*
                    trusting.username=north
                    trusting.password=secret
                    trusting.truststore=%s
                    ours.broker_url=%s
                    ours.organizations=another, %s
                    ours.username=north
                    ours.password=secret
                    others.broker_url=%s
                    others.organizations=another
                    others.username=north
                    others.password=secret
                    nobodys.broker_url=%s
                    nobodys.username=north
                    nobodys.password=secret
                    """
                            .formatted(
                                    users.url(),
                                    users.url(),
                                    secured.url(),
                                    secured.url(),
                                    certificate.certificatePem(),
                                    users.url(),
                                    BridgeStack.ORGANIZATION,
                                    users.url(),
                                    users.url()));
            int closed = Ports.free();
            Gateway wrong = failing(users.url(), "wrong");
            Gateway wrong3 =
                    stack.create(
                            EMQXGatewayConfig.newBuilder()
                                    .setBrokerUrl(users.url())
                                    .setCredential("wrong")
                                    .setMqttVersion(MqttVersion.MQTT_VERSION_3_1_1));
            Gateway nobody = failing(users.url(), "");
            Gateway unknown = failing("mqtt://nowhere.invalid:1883", "");
            Gateway refused = failing("mqtt://127.0.0.1:" + closed, "");
            Gateway silent = failing("mqtt://127.0.0.1:" + mute.getLocalPort(), "");
            Gateway untrusting = failing(secured.url(), "untrusting");
            Gateway missing = failing(users.url(), "missing");
            Gateway elsewhere = failing("mqtt://127.0.0.1:" + closed, "right");
            Gateway others = failing(users.url(), "others");
            Gateway nobodys = failing(users.url(), "nobodys");
            Gateway ours = failing(users.url(), "ours");
            Gateway right = failing(users.url(), "right");
            Gateway trusting = failing(secured.url(), "trusting");

            awaitActive(ours);
            awaitActive(right);
            awaitActive(trusting);
            awaitError(wrong, "login refused by 127.0.0.1:" + users.port());
            awaitError(wrong3, "login refused by 127.0.0.1:" + users.port());
            awaitError(nobody, "login refused by 127.0.0.1:" + users.port());
            awaitError(unknown, "unknown host nowhere.invalid");
            awaitError(refused, "connection refused by 127.0.0.1:" + closed);
            awaitError(silent, "does not answer as an MQTT broker");
            awaitError(untrusting, "TLS with 127.0.0.1:" + secured.port() + " failed");
            awaitError(missing, noCredential("missing"));
            awaitError(elsewhere, noCredential("right"));
            awaitError(others, noCredential("others"));
            awaitError(nobodys, noCredential("nobodys"));
            List<Gateway> all =
                    List.of(
                            wrong,
                            wrong3,
                            nobody,
                            unknown,
                            refused,
                            silent,
                            untrusting,
                            missing,
                            elsewhere,
                            others,
                            nobodys,
                            ours,
                            right,
                            trusting);
            for (Gateway gateway : all) {
                assertThat(stack.get(gateway).getStatusReason()).doesNotContain("guess", "secret");
                delete(gateway);
            }
        }
    }

    private static String noCredential(String name) {
        return "the bridge has no credential %s for this broker and organization".formatted(name);
    }

    private static Gateway failing(String url, String credential) throws Exception {
        return stack.create(
                EMQXGatewayConfig.newBuilder().setBrokerUrl(url).setCredential(credential));
    }

    private static void publish(Mqtt5AsyncClient client, String topic, MqttQos qos, String text) {
        client.publishWith().topic(topic).qos(qos).payload(text.getBytes(UTF_8)).send().join();
    }

    private static void awaitActive(Gateway gateway) {
        atMost(30)
                .untilAsserted(
                        () -> {
                            assertThat(stack.metric("ponix_bridge_connected", gateway))
                                    .isEqualTo(1);
                            Gateway now = stack.get(gateway);
                            assertThat(now.getStatus())
                                    .as(now.getStatusReason())
                                    .isEqualTo(GatewayStatus.GATEWAY_STATUS_ACTIVE);
                            assertThat(now.getStatusReason()).isEmpty();
                        });
    }

    private static void awaitError(Gateway gateway, String reason) {
        atMost(40)
                .untilAsserted(
                        () -> {
                            Gateway now = stack.get(gateway);
                            assertThat(now.getStatusReason()).contains(reason);
                            assertThat(now.getStatus())
                                    .isEqualTo(GatewayStatus.GATEWAY_STATUS_ERROR);
                        });
    }

    private static void delete(Gateway gateway) throws Exception {
        stack.gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .build());
        stack.announce("update", gateway.toBuilder().setDeletedAt(gateway.getCreatedAt()).build());
        stack.awaitLeft(gateway);
    }
}
