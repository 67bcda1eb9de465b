package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.Timestamps;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.ponix.intake.IntakePreset;
import io.ponix.proto.envelope.ExternalId;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a bridge makes of messages of network servers, as the gateway's intake says. */
@ExtendWith(BridgeStack.Shared.class)
class IntakeITCase {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static BridgeStack stack;
    private static Mqtt5AsyncClient client;

    private long before;
    private long refusedBefore;

    @BeforeAll
    static void share(BridgeStack shared) {
        stack = shared;
        client = stack.client("network-server");
    }

    @AfterAll
    static void disconnect() {
        client.disconnect().join();
    }

    @BeforeEach
    void count() throws Exception {
        before = stack.lastSequence(BridgeStack.RAW);
        refusedBefore = stack.lastSequence("refused_uplinks");
    }

    @ParameterizedTest
    @EnumSource(
            value = IntakePreset.class,
            names = {"THE_THINGS_STACK", "CHIRPSTACK", "CHIRPSTACK_PROTOBUF"})
    void capturedMessagesOfANetworkServerAreEnvelopesOnceHoweverOftenTheyCome(IntakePreset preset)
            throws Exception {
        Gateway gateway = gateway(preset.presetName(), request -> {}, "#");
        List<JsonNode> captured = capturedByMqtt(preset);
        List<JsonNode> expected = new ArrayList<>();
        for (JsonNode message : captured) {
            publish(message.get("topic").textValue(), payload(message), Map.of());
            message.get("expected").forEach(expected::add);
        }

        atMost(30).until(() -> metric("received", gateway) == captured.size());
        atMost(30).until(() -> metric("unacknowledged", gateway) == 0);
        List<RawEnvelope> envelopes = envelopes();
        assertThat(envelopes).hasSameSizeAs(expected);
        int next = 0;
        for (JsonNode message : captured) {
            for (JsonNode uplink : message.get("expected")) {
                assertThat(envelopes.get(next++))
                        .as(message.get("title").textValue())
                        .isEqualTo(envelope(gateway, message, uplink));
            }
        }
        assertThat(metric("ignored", gateway))
                .isEqualTo(
                        captured.stream()
                                .filter(message -> message.get("expected").isEmpty())
                                .count());
        assertThat(metric("refused", gateway)).isZero();

        long withId = expected.stream().filter(uplink -> uplink.has("message_id")).count();
        assertThat(withId).isGreaterThan(1);
        for (JsonNode message : captured) {
            if (message.get("expected").path(0).has("message_id")) {
                publish(message.get("topic").textValue(), payload(message), Map.of());
            }
        }
        atMost(30).until(() -> metric("duplicates", gateway) == withId);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + expected.size());
        delete(gateway);
    }

    @Test
    void whatNoExpressionUnderstandsIsRefusedWithTheReasonAndHoldsUpNothing() throws Exception {
        Gateway gateway = gateway("chirpstack", request -> {}, "#");
        String topic = "application/1/device/0101010101010101/event/up";
        publish(topic, "{\"deviceInfo\":".getBytes(UTF_8), Map.of("x-kind", "broken"));
        publish(topic, uplink("id-1"), Map.of());

        atMost(20).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);
        assertThat(envelopes().get(0).getExternalId()).isEqualTo("0101010101010101");
        List<RefusedUplink> refused = refused();
        assertThat(refused).hasSize(1);
        assertThat(refused.get(0).getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INTAKE);
        assertThat(refused.get(0).getMessage())
                .contains("json_decode: Unexpected end-of-input", "line 1");
        assertThat(refused.get(0).getTopic()).isEqualTo(topic);
        assertThat(refused.get(0).getPayload().toStringUtf8()).isEqualTo("{\"deviceInfo\":");
        assertThat(refused.get(0).getHeadersMap()).isEqualTo(Map.of("x-kind", "broken"));
        assertThat(metric("refused", gateway)).isEqualTo(1);
        delete(gateway);
    }

    @Test
    void aMessageCanBeSeveralEnvelopesAllOrNone() throws Exception {
        Gateway gateway =
                gateway(
                        "",
                        request ->
                                request.setIntakeExpression(
                                        """
                                        json_decode(payload).map(each, {
                                          "organization_id": each.of,
                                          "device_id": "meter",
                                          "payload": bytes(each.text),
                                          "attributes": {"mqtt_topic": "mine", ?"kind": headers[?"x-kind"]}
                                        })
                                        """),
                        "lists/+");
        String list = "[{\"of\": \"org-001\", \"text\": \"a\"}, {\"of\": \"%s\", \"text\": \"b\"}]";
        Map<String, String> headers = Map.of("message-id", "1", "x-kind", "list");
        publish("lists/7", list.formatted("org-001").getBytes(UTF_8), headers);
        publish("lists/7", list.formatted("org-001").getBytes(UTF_8), headers);
        publish("lists/7", list.formatted("org-002").getBytes(UTF_8), Map.of());
        publish("lists/7", "[]".getBytes(UTF_8), Map.of());

        atMost(20).until(() -> metric("received", gateway) == 4);
        atMost(20).until(() -> metric("unacknowledged", gateway) == 0);
        assertThat(envelopes())
                .extracting(envelope -> envelope.getPayload().toStringUtf8())
                .containsExactly("a", "b");
        assertThat(envelopes())
                .allSatisfy(
                        envelope -> {
                            assertThat(envelope.getOrganizationId())
                                    .isEqualTo(BridgeStack.ORGANIZATION);
                            assertThat(envelope.getEndDeviceId()).isEqualTo("meter");
                            assertThat(envelope.getAttributesMap())
                                    .isEqualTo(
                                            Map.of(
                                                    "mqtt_topic",
                                                    "mine",
                                                    "kind",
                                                    "list",
                                                    "ponix_gateway_id",
                                                    gateway.getGatewayId()));
                        });
        assertThat(metric("stored", gateway)).isEqualTo(4);
        assertThat(metric("duplicates", gateway)).isEqualTo(2);
        assertThat(metric("ignored", gateway)).isEqualTo(1);
        assertThat(refused())
                .singleElement()
                .satisfies(
                        each -> {
                            assertThat(each.getReason())
                                    .isEqualTo(RefusalReason.REFUSAL_REASON_ORGANIZATION_MISMATCH);
                            assertThat(each.getMessage()).contains("org-001");
                        });
        delete(gateway);
    }

    @Test
    void whatTwoGatewaysCallTheSameIsTwoMessages() throws Exception {
        Gateway first = gateway("chirpstack", request -> {}, "first/#");
        Gateway second = gateway("chirpstack", request -> {}, "second/#");
        for (String topic : List.of("first/", "second/", "first/", "second/")) {
            publish(
                    topic + "application/1/device/0101010101010101/event/up",
                    uplink("id-2"),
                    Map.of());
        }
        atMost(20).until(() -> metric("duplicates", first) + metric("duplicates", second) == 2);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 2);
        delete(first);
        delete(second);
    }

    @Test
    void anotherIntakeReadsWhatComesFromThenOn() throws Exception {
        Gateway gateway =
                gateway(
                        "",
                        request ->
                                request.setIntakeExpression(
                                        "topic == \"y\" ? dyn({\"device_id\": topic, \"payload\":"
                                                + " payload}) : dyn(null)"),
                        "x/+");
        publish("x/1", "a".getBytes(UTF_8), Map.of());
        atMost(20).until(() -> metric("ignored", gateway) == 1);
        Gateway changed =
                stack.gateways()
                        .updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setIntakeExpression(
                                                "{\"device_id\": \"x\", \"payload\": payload}")
                                        .build())
                        .getGateway();
        stack.announce("update", changed);
        atMost(20)
                .until(
                        () ->
                                stack.metric("ponix_bridge_reconnects_total", gateway) == 1
                                        && stack.metric("ponix_bridge_connected", gateway) == 1);
        publish("x/1", "b".getBytes(UTF_8), Map.of());

        atMost(20).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);
        assertThat(envelopes().get(0).getPayload().toStringUtf8()).isEqualTo("b");
        delete(gateway);
    }

    @Test
    void expressionsThatBurnTheirBudgetHoldUpNobodyElse() throws Exception {
        // Two threads evaluate, or as many as there are processors.
        List<Gateway> burning = new ArrayList<>();
        int processors = Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < 2 * Math.max(2, processors); i++) {
            burning.add(
                    gateway(
                            "",
                            request ->
                                    request.setIntakeExpression(
                                            """
                                            json_decode(payload).all(x, !string(payload).contains("x,,,x"))
                                              ? dyn({"device_id": "burnt", "payload": payload}) : dyn(null)
                                            """),
                            "burn" + i + "/+"));
        }
        Gateway good = gateway("chirpstack", request -> {}, "good/#");
        byte[] fuel = ("[" + "\"x\",".repeat(9_000) + "\"x\"]").getBytes(UTF_8);
        int each = 20;
        for (int i = 0; i < burning.size(); i++) {
            for (int j = 0; j < each; j++) {
                publish("burn" + i + "/1", fuel, Map.of());
            }
        }
        for (int i = 0; i < 50; i++) {
            publish(
                    "good/application/1/device/0101010101010101/event/up",
                    uplink("good-" + i),
                    Map.of());
        }

        atMost(30).until(() -> metric("stored", good) == 50);
        int all = each * burning.size();
        assertThat(refused(burning)).as("messages that are evaluated already").isLessThan(all);
        delete(good);
        // For as long as it takes, but it goes on.
        for (double refused = 0; refused < all; refused = refused(burning)) {
            double before = refused;
            atMost(60).until(() -> refused(burning) > before);
        }
        for (Gateway gateway : burning) {
            assertThat(metric("refused", gateway)).isEqualTo(each);
            delete(gateway);
        }
    }

    private static double refused(List<Gateway> gateways) throws Exception {
        double refused = 0;
        for (Gateway gateway : gateways) {
            refused += metric("refused", gateway);
        }
        return refused;
    }

    private interface Change {
        void of(CreateGatewayRequest.Builder request);
    }

    private static Gateway gateway(String preset, Change change, String topics) throws Exception {
        CreateGatewayRequest.Builder request =
                CreateGatewayRequest.newBuilder()
                        .setIntakePreset(preset)
                        .setEmqxConfig(stack.ownBroker().setTopicFilter(topics));
        change.of(request);
        Gateway gateway = stack.create(request);
        atMost(30).until(() -> metric("connected", gateway) == 1);
        return gateway;
    }

    private static double metric(String name, Gateway gateway) throws Exception {
        String counter =
                List.of("connected", "unacknowledged").contains(name) ? name : name + "_total";
        return stack.metric("ponix_bridge_" + counter, gateway);
    }

    private List<RawEnvelope> envelopes() throws Exception {
        return stack.envelopesAfter(before);
    }

    private List<RefusedUplink> refused() throws Exception {
        return stack.refusedAfter(refusedBefore);
    }

    private static byte[] uplink(String id) {
        return ("{\"deduplicationId\": \""
                        + id
                        + "\", \"deviceInfo\": {\"devEui\": \"0101010101010101\"}, \"fPort\": 1,"
                        + " \"data\": \"qg==\"}")
                .getBytes(UTF_8);
    }

    /** What was captured of a network server at a topic of MQTT, and is understood. */
    private static List<JsonNode> capturedByMqtt(IntakePreset preset) throws IOException {
        Path file =
                Path.of(
                        System.getProperty("ponix.root"),
                        "intake/src/test/resources/io/ponix/intake/captured",
                        preset.presetName() + ".json");
        List<JsonNode> captured = new ArrayList<>();
        for (JsonNode example : JSON.readTree(file.toFile())) {
            String topic = example.path("topic").asText();
            if (topic.contains("/") && example.get("expected").isArray()) {
                captured.add(example);
            }
        }
        assertThat(captured).hasSizeGreaterThan(2);
        return captured;
    }

    private static byte[] payload(JsonNode example) throws IOException {
        if (example.has("hex")) {
            return HexFormat.of().parseHex(example.get("hex").textValue());
        } else if (example.has("text")) {
            return example.get("text").textValue().getBytes(UTF_8);
        }
        return JSON.writeValueAsBytes(example.get("message"));
    }

    private static RawEnvelope envelope(Gateway gateway, JsonNode message, JsonNode uplink)
            throws Exception {
        Map<String, String> attributes = new HashMap<>();
        uplink.path("attributes")
                .properties()
                .forEach(each -> attributes.put(each.getKey(), each.getValue().textValue()));
        attributes.put("mqtt_topic", message.get("topic").textValue());
        attributes.put("ponix_gateway_id", gateway.getGatewayId());
        String payload = uplink.get("payload").textValue();
        return RawEnvelope.newBuilder()
                .setOrganizationId(BridgeStack.ORGANIZATION)
                .setExternalId(ExternalId.normal(uplink.get("external_id").textValue()))
                .setPayload(
                        com.google.protobuf.ByteString.copyFrom(
                                payload.equals("message")
                                        ? payload(message)
                                        : HexFormat.of().parseHex(payload)))
                .setFPort(uplink.path("f_port").asInt())
                .setOccurredAt(
                        Timestamps.parse(
                                Instant.parse(uplink.get("occurred_at").textValue()).toString()))
                .putAllAttributes(attributes)
                .build();
    }

    private static void publish(String topic, byte[] payload, Map<String, String> properties) {
        var message = client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).payload(payload);
        for (Map.Entry<String, String> property : properties.entrySet()) {
            message =
                    message.userProperties()
                            .add(property.getKey(), property.getValue())
                            .applyUserProperties();
        }
        message.send().join();
    }

    private static void delete(Gateway gateway) throws Exception {
        stack.gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .build());
        stack.announce("update", gateway.toBuilder().setDeletedAt(gateway.getCreatedAt()).build());
        atMost(20).until(() -> metric("connected", gateway) == 0);
    }
}
