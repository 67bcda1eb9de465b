package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import io.ponix.cli.PonixProcess;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Refused uplinks are found, and replayed once their cause is mended. */
@ExtendWith(RunningStack.Shared.class)
class RefusedUplinksITCase {

    private static final Duration SOON = RunningStack.SOON;
    private static final Pattern UPLINK = Pattern.compile("\"uplink\":(\\d+)");

    private final RunningStack stack;

    RefusedUplinksITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void refusedUplinksAreReplayedOnceTheGatewayUnderstandsThem() throws Exception {
        try (MutedDevice device = new MutedDevice(stack);
                NetworkServer server = new NetworkServer(stack)) {
            device.setTransform("{'kind': attributes.kind, 'size': size(input)}");
            String gateway =
                    server.call(
                                    new HowTo.Call(
                                            """
                                            {"organization_id": "org-001", "name": "CSV", "emqx_config":
                                             {"broker_url": "%s", "topic_filter": "csv/+"}}
                                            """
                                                    .formatted(server.brokerUrl()),
                                            "ponix.gateway.v1.GatewayService/CreateGateway"))
                            .at("/gateway/gatewayId")
                            .textValue();
            // Again and again: at first no bridge is subscribed yet.
            await().atMost(SOON)
                    .until(
                            () -> {
                                server.publish("csv/" + device.id(), "a,1;b,2");
                                return device.refusedUplinks(gateway);
                            },
                            count -> count > 0);
            await().atMost(SOON)
                    .until(
                            () -> {
                                long count = device.refusedUplinks(gateway);
                                server.publish("csv/" + device.id(), "a,1;b,2");
                                await().atMost(SOON)
                                        .until(() -> device.refusedUplinks(gateway) > count);
                                return true;
                            });
            String first = refused(gateway).get(0);
            assertThat(first).contains("\"reason\":\"ORGANIZATION_MISMATCH\"", "\"topic\":\"csv/");
            Matcher number = UPLINK.matcher(first);
            assertThat(number.find()).isTrue();
            assertThat(stack.run("refused-uplinks", "show", number.group(1)).output())
                    .contains(gateway, "mqtt_topic = csv/", "61 2c 31 3b 62");
            PonixProcess.Outcome tooEarly =
                    stack.ponix().run("refused-uplinks", "replay", "--gateway", gateway);
            assertThat(tooEarly.status()).isEqualTo(1);
            assertThat(tooEarly.output()).contains("names another organization", "and stay");

            server.call(
                    new HowTo.Call(
                            """
                            {"gateway_id": "%s", "intake_expression":
                             "string(payload).split(';').map(line, {'device_id': topic.split('/')[1], 'payload': bytes(line), 'attributes': {'kind': line.split(',')[0]}})"}
                            """
                                    .formatted(gateway),
                            "ponix.gateway.v1.GatewayService/UpdateGateway"));
            int open = refused(gateway).size();
            assertThat(
                            stack.run(
                                            "refused-uplinks",
                                            "replay",
                                            "--gateway",
                                            gateway,
                                            "--dry-run")
                                    .output())
                    .contains(open + "  would be replayed");
            RefusedUplink kept = device.refusedUplink(Long.parseLong(number.group(1)));
            assertThat(stack.run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains(open + "  replayed");
            device.awaitRows(2 * open);
            assertThat(
                            device.row(
                                    "SELECT uniqExact(data.kind::String), min(data.size::Int64),"
                                            + " max(data.size::Int64) FROM processed_envelopes"
                                            + " WHERE %s"))
                    .containsExactly("2", "3", "3");
            assertThat(refused(gateway)).isEmpty();
            assertThat(stack.run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains("no such refused uplink");

            // A replay that ended between publishing the envelopes and deleting the message.
            long again = device.putRefusedUplink(kept);
            String subject =
                    "raw_envelopes.replay-refused-"
                            + again
                            + "-"
                            + Timestamps.toMillis(kept.getReceivedAt())
                            + "-";
            device.sendOn(subject + 0);
            device.sendOn(subject + 1);
            device.awaitRows(2 * open + 2);
            long last = device.lastRawSequence();
            assertThat(stack.run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains("1  had been replayed before");
            assertThat(refused(gateway)).isEmpty();
            assertThat(device.lastRawSequence()).isEqualTo(last);

            device.putRefusedUplink(kept.toBuilder().setPayloadSize(100).build());
            PonixProcess.Outcome cut =
                    stack.ponix().run("refused-uplinks", "replay", "--gateway", gateway);
            assertThat(cut.status()).isEqualTo(1);
            assertThat(cut.output()).contains("it holds the first 7 of 100 bytes");
        }
    }

    @Test
    void aReplayEnrolsDevicesAndDoublesNothingThatWasSentAgainSince() throws Exception {
        try (NetworkServer server = new NetworkServer(stack)) {
            String definition =
                    server.call(
                                    new HowTo.Call(
                                            """
                                            {"organization_id": "org-001", "name": "Counter", "contracts":
                                             [{"transform_expression": "{'n': json_decode(input).n}"}]}
                                            """,
                                            "ponix.end_device.v1.EndDeviceDefinitionService/CreateEndDeviceDefinition"))
                            .at("/endDeviceDefinition/id")
                            .textValue();
            String gateway =
                    server.call(
                                    new HowTo.Call(
                                            """
                                            {"organization_id": "org-001", "name": "Webhook", "intake_preset": "chirpstack",
                                             "enrolment": {"definition_id": "%s", "devices_per_hour": 1}}
                                            """
                                                    .formatted(definition),
                                            "ponix.gateway.v1.GatewayService/CreateGateway"))
                            .at("/gateway/gatewayId")
                            .textValue();
            String key =
                    "X-API-Key: "
                            + server.call(
                                            new HowTo.Call(
                                                    "{\"gateway_id\": \"%s\", \"name\": \"Webhook\"}"
                                                            .formatted(gateway),
                                                    "ponix.gateway.v1.GatewayService/CreateGatewayKey"))
                                    .at("/secret")
                                    .textValue();
            URI uplinks = server.uplinks().resolve("/v1/gateways/" + gateway + "/uplinks");
            String again = "{\"id\": \"sent again\", \"n\": 1}";
            String once = "{\"id\": \"sent once\", \"n\": 2}";
            // At first the bridge does not know of the key.
            await().atMost(SOON)
                    .until(() -> server.post(uplinks, key, again).statusCode(), is -> is == 400);
            assertThat(server.post(uplinks, key, again).statusCode()).isEqualTo(400);
            assertThat(server.post(uplinks, key, once).statusCode()).isEqualTo(400);
            assertThat(refused(gateway)).hasSize(2);

            server.call(
                    new HowTo.Call(
                            """
                            {"gateway_id": "%s", "intake_expression":
                             "cel.bind(m, json_decode(payload), {'external_id': m.id, 'payload': payload, 'message_id': string(m.n)})"}
                            """
                                    .formatted(gateway),
                            "ponix.gateway.v1.GatewayService/UpdateGateway"));
            await().atMost(SOON)
                    .until(() -> server.post(uplinks, key, again).statusCode(), is -> is == 202);
            await().atMost(SOON).until(() -> rows(server, "sent again"), rows -> rows.size() == 1);

            PonixProcess.Outcome full =
                    stack.ponix().run("refused-uplinks", "replay", "--gateway", gateway);
            assertThat(full.status()).isEqualTo(1);
            assertThat(full.output())
                    .contains("1  had been replayed before", "sent once is not enrolled");
            assertThat(refused(gateway)).singleElement().asString().contains("INTAKE");

            server.call(
                    new HowTo.Call(
                            """
                            {"gateway_id": "%s", "enrolment": {"definition_id": "%s", "devices_per_hour": 2}}
                            """
                                    .formatted(gateway, definition),
                            "ponix.gateway.v1.GatewayService/UpdateGateway"));
            assertThat(stack.run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains("1  replayed");
            await().atMost(SOON).until(() -> rows(server, "sent once"), rows -> rows.size() == 1);
            assertThat(rows(server, "sent again")).hasSize(1);
            assertThat(refused(gateway)).isEmpty();
        }
    }

    /** The rows of the device that calls itself so; none where there is no such device. */
    private static List<JsonNode> rows(NetworkServer server, String externalId) throws Exception {
        JsonNode device =
                server.call(
                                new HowTo.Call(
                                        "{\"organization_id\": \"org-001\", \"external_id\": \"%s\"}"
                                                .formatted(externalId),
                                        "ponix.end_device.v1.EndDeviceService/ListEndDevices"))
                        .at("/endDevices/0/deviceId");
        return device.isTextual() ? server.rows(device.textValue()) : List.of();
    }

    private List<String> refused(String gateway) throws Exception {
        return stack.run("refused-uplinks", "--gateway", gateway, "--json")
                .output()
                .lines()
                .toList();
    }
}
