package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A gateway with a key, and the HTTP client of who posts to it. */
final class HttpSender {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();

    private final BridgeStack stack;
    private final Gateway gateway;
    private final String keyId;
    private final String secret;
    private final HttpClient client;

    private HttpSender(
            BridgeStack stack, Gateway gateway, String keyId, String secret, HttpClient client) {
        this.stack = stack;
        this.gateway = gateway;
        this.keyId = keyId;
        this.secret = secret;
        this.client = client;
    }

    /** To a new gateway that reads envelopes, once the bridge knows the key. */
    static HttpSender of(BridgeStack stack) throws Exception {
        return of(stack, request -> request);
    }

    /** To a new gateway that reads envelopes, by this client, once the bridge knows the key. */
    static HttpSender of(BridgeStack stack, HttpClient client) throws Exception {
        return of(stack, CreateGatewayRequest.newBuilder(), client);
    }

    /** To a new gateway as it is asked for, once the bridge knows the key. */
    static HttpSender of(BridgeStack stack, UnaryOperator<CreateGatewayRequest.Builder> with)
            throws Exception {
        return of(
                stack,
                with.apply(CreateGatewayRequest.newBuilder()),
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
    }

    private static HttpSender of(
            BridgeStack stack, CreateGatewayRequest.Builder request, HttpClient client)
            throws Exception {
        Gateway gateway = stack.create(request);
        var made =
                stack.gateways()
                        .createGatewayKey(
                                CreateGatewayKeyRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setName("a test")
                                        .build());
        SECRETS.add(made.getSecret());
        stack.announce("update", stack.get(gateway));
        HttpSender sender =
                new HttpSender(stack, gateway, made.getKey().getKeyId(), made.getSecret(), client);
        // Without a body it is refused, and no longer for the key.
        atMost(20).until(() -> sender.post("").statusCode() == 400);
        return sender;
    }

    Gateway gateway() {
        return gateway;
    }

    String keyId() {
        return keyId;
    }

    String secret() {
        return secret;
    }

    URI uplinks(String rest) {
        return URI.create(
                stack.bridge.url() + "/v1/gateways/" + gateway.getGatewayId() + "/uplinks" + rest);
    }

    HttpRequest.Builder request(String rest, String contentType, byte[] body) {
        return HttpRequest.newBuilder(uplinks(rest))
                .timeout(PATIENCE)
                .header("X-API-Key", secret)
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofByteArray(body));
    }

    HttpResponse<String> post(String rest, String contentType, byte[] body) throws Exception {
        return send(request(rest, contentType, body));
    }

    HttpResponse<String> post(String json) throws Exception {
        return post("", "application/json", json.getBytes(UTF_8));
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(
                HttpRequest.newBuilder(URI.create(stack.bridge.url() + path)).timeout(PATIENCE));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    /** What the bridge's metrics say of the gateway. */
    List<String> metrics() throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.contains("\"" + gateway.getGatewayId() + "\""))
                .toList();
    }

    /** Neither of the bridge, nor of the service that made them, nor of whoever else logs. */
    static void assertThatNoSecretIsLogged(BridgeStack stack) throws Exception {
        assertThat(SECRETS).isNotEmpty();
        try (Stream<Path> logs = Files.list(stack.bridge.logFile().getParent())) {
            List<Path> all = logs.toList();
            assertThat(all).extracting(log -> log.getFileName().toString()).contains("bridge.log");
            for (Path log : all) {
                String text = Files.readString(log, StandardCharsets.ISO_8859_1);
                assertThat(SECRETS.stream().filter(text::contains)).as("in %s", log).isEmpty();
            }
        }
    }
}
