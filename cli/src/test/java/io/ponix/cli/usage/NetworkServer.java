package io.ponix.cli.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.StackAddresses;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a reader of a how-to has: the service, a network server's place at the broker, the rows. */
final class NetworkServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final StackAddresses addresses;
    private final ClickHouseQueries clickHouse;
    private final Mqtt5BlockingClient client;
    private final HttpClient http;

    NetworkServer(RunningStack stack) throws IOException {
        addresses = stack.addresses();
        http = stack.httpClient();
        clickHouse = new ClickHouseQueries(addresses);
        URI broker = URI.create(addresses.mqttUrl());
        client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .serverHost(broker.getHost())
                        .serverPort(broker.getPort())
                        .buildBlocking();
        client.connect();
    }

    /** Calls a method of the device service; returns its answer. */
    JsonNode call(HowTo.Call call) throws Exception {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create(addresses.httpUrl() + "/" + call.method()))
                                .header("content-type", "application/json")
                                .header(
                                        "authorization",
                                        "Bearer "
                                                + Files.readString(
                                                                Path.of(
                                                                        addresses
                                                                                .operatorKeyFile()))
                                                        .strip())
                                .POST(HttpRequest.BodyPublishers.ofString(call.json()))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(call + ": " + response.body());
        }
        return JSON.readTree(response.body());
    }

    String brokerUrl() {
        return addresses.mqttUrl();
    }

    /** Publishes a message; returns when the broker has it. */
    void publish(String topic, String message) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(message.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    /** The URL to which uplinks of the stack's own gateway are posted. */
    URI uplinks() {
        return URI.create(addresses.uplinksUrl());
    }

    /**
     * Posts to the bridge.
     *
     * @param header as in a file for curl
     */
    HttpResponse<String> post(URI uri, String header, String body) throws Exception {
        String[] nameAndValue = header.strip().split(": ", 2);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .header(nameAndValue[0], nameAndValue[1])
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The rows of a device, in the order of their times. */
    List<JsonNode> rows(String deviceId) throws Exception {
        List<JsonNode> rows = new ArrayList<>();
        for (String line :
                clickHouse.lines(
                        "SELECT toString(data) FROM processed_envelopes WHERE end_device_id = '"
                                + deviceId
                                + "' ORDER BY occurred_at, stream_sequence FORMAT TSVRaw")) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    static JsonNode json(String text) throws Exception {
        return JSON.readTree(text);
    }

    @Override
    public void close() {
        client.disconnect();
    }
}
