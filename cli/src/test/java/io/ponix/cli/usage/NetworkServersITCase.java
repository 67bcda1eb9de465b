package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What network servers send as the how-tos have them becomes rows. */
@ExtendWith(RunningStack.Shared.class)
class NetworkServersITCase {

    private static final Duration SOON = RunningStack.SOON;

    private final RunningStack stack;

    NetworkServersITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void whatChirpStackPublishesIsARowOnceHoweverOftenItComes() throws Exception {
        HowTo howTo = HowTo.read("docs/bridges.md", "ChirpStack over MQTT");
        try (NetworkServer server = new NetworkServer(stack)) {
            assertThat(howTo.calls()).hasSize(4);
            String definition =
                    server.call(howTo.calls().get(0)).at("/endDeviceDefinition/id").textValue();
            HowTo.Call device = howTo.calls().get(1);
            String id =
                    server.call(
                                    new HowTo.Call(
                                            device.json().replace("…", definition),
                                            device.method()))
                            .at("/endDevice/deviceId")
                            .textValue();
            String gateway = server.call(howTo.calls().get(2)).at("/gateway/gatewayId").textValue();
            HowTo.Call ownBroker = howTo.calls().get(3);
            assertThat(ownBroker.json()).contains("mqtt://localhost:1883");
            server.call(
                    new HowTo.Call(
                            ownBroker
                                    .json()
                                    .replace("GATEWAY_ID", gateway)
                                    .replace("mqtt://localhost:1883", server.brokerUrl()),
                            ownBroker.method()));

            assertThat(howTo.publications()).hasSize(2);
            List<JsonNode> expected =
                    List.of(
                            NetworkServer.json("{\"celsius\": 26.9, \"frame\": 10}"),
                            NetworkServer.json("{\"battery\": 88.3, \"margin\": 10}"));
            // Again and again: at first no bridge is subscribed yet.
            await().atMost(SOON)
                    .untilAsserted(
                            () -> {
                                howTo.publications()
                                        .forEach(
                                                each ->
                                                        server.publish(
                                                                each.topic(), each.message()));
                                assertThat(server.rows(id)).containsAll(expected);
                            });
            HowTo.Publication status = howTo.publications().get(1);
            howTo.publications().forEach(each -> server.publish(each.topic(), each.message()));
            server.publish(
                    status.topic(),
                    status.message().replace("bf2a9746", "00000000").replace("88.3", "87.5"));
            await().atMost(SOON).until(() -> server.rows(id).size() > 2);
            assertThat(server.rows(id))
                    .containsExactly(
                            expected.get(0),
                            expected.get(1),
                            NetworkServer.json("{\"battery\": 87.5, \"margin\": 10}"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ChirpStack over HTTP, 0202020202020202",
        "The Things Stack by webhook, 0303030303030303",
        "Helium over HTTP, 0404040404040404",
        "ThingPark over HTTP, 0505050505050505"
    })
    void whatANetworkServerPostsIsARowOnceHoweverOftenItComes(String heading, String devEui)
            throws Exception {
        HowTo devices = HowTo.read("docs/bridges.md", "ChirpStack over MQTT");
        HowTo howTo = HowTo.read("docs/bridges.md", heading);
        try (NetworkServer server = new NetworkServer(stack)) {
            String definition =
                    server.call(devices.calls().get(0)).at("/endDeviceDefinition/id").textValue();
            HowTo.Call device = devices.calls().get(1);
            // The name is taken by the device of the how-to over MQTT.
            String id =
                    server.call(
                                    new HowTo.Call(
                                            device.json()
                                                    .replace("…", definition)
                                                    .replace("0101010101010101", devEui),
                                            device.method()))
                            .at("/endDevice/deviceId")
                            .textValue();
            assertThat(howTo.calls()).hasSize(2);
            String gateway = server.call(howTo.calls().get(0)).at("/gateway/gatewayId").textValue();
            HowTo.Call key = howTo.calls().get(1);
            String secret =
                    server.call(
                                    new HowTo.Call(
                                            key.json().replace("GATEWAY_ID", gateway),
                                            key.method()))
                            .at("/secret")
                            .textValue();
            assertThat(howTo.posts()).hasSize(1);
            HowTo.Post post = howTo.posts().get(0);
            URI target = server.uplinks().resolve(post.target().replace("GATEWAY_ID", gateway));
            String body = post.body().replace("0101010101010101", devEui);

            // At first the bridge does not know of the key.
            await().atMost(SOON)
                    .until(
                            () -> server.post(target, "X-API-Key: " + secret, body).statusCode(),
                            status -> status == 202);
            assertThat(server.post(target, "Authorization: Bearer " + secret, body).body())
                    .contains("\"duplicates\":1");
            await().atMost(SOON).until(() -> !server.rows(id).isEmpty());
            assertThat(server.rows(id))
                    .containsExactly(NetworkServer.json("{\"celsius\": 26.9, \"frame\": 10}"));
        }
    }
}
