package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sender that posts uplinks gets for an answer, and what is in the stream then. */
class BridgeHttpITCase {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private static Path home;

    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();

    private static BridgeStack stack;
    private static HttpClient client;
    private static Sender own;

    private long before;

    /** A gateway with a key. */
    private record Sender(Gateway gateway, String keyId, String secret) {

        URI uplinks(String rest) {
            return URI.create(
                    stack.bridge.url()
                            + "/v1/gateways/"
                            + gateway.getGatewayId()
                            + "/uplinks"
                            + rest);
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
    }

    @BeforeAll
    static void start() throws Exception {
        stack = new BridgeStack(home);
        stack.start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        own = sender(request -> request);
    }

    @AfterAll
    static void stop() throws Exception {
        stack.close();
        // Of the bridge, of the service that made them, and of whoever else logged anything.
        assertThat(SECRETS).isNotEmpty();
        try (Stream<Path> logs = Files.list(home.resolve("logs"))) {
            List<Path> all = logs.toList();
            assertThat(all).extracting(log -> log.getFileName().toString()).contains("bridge.log");
            for (Path log : all) {
                String text = Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1);
                assertThat(SECRETS.stream().filter(text::contains)).as("in %s", log).isEmpty();
            }
        }
    }

    @BeforeEach
    void count() throws Exception {
        before = stack.lastSequence(BridgeStack.RAW);
    }

    private static Sender sender(UnaryOperator<CreateGatewayRequest.Builder> with)
            throws Exception {
        Gateway gateway = stack.create(with.apply(CreateGatewayRequest.newBuilder()));
        var made =
                stack.gateways()
                        .createGatewayKey(
                                CreateGatewayKeyRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setName("a test")
                                        .build());
        SECRETS.add(made.getSecret());
        stack.announce("update", stack.get(gateway));
        Sender sender = new Sender(gateway, made.getKey().getKeyId(), made.getSecret());
        // Without a body it is refused, and no longer for the key.
        atMost(10).until(() -> sender.post("").statusCode() == 400);
        return sender;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json", "application/json; charset=utf-8", FORM, "text/plain"})
    void anEnvelopeInJsonIsStoredWithWhatTheGatewayKnows(String contentType) throws Exception {
        Instant began = Instant.now();
        HttpResponse<String> answer =
                own.post(
                        "",
                        contentType,
                        ("{\"end_device_id\": \"d\", \"payload\": \"AQI=\", \"f_port\": 2,"
                                        + " \"attributes\": {\"kind\": \""
                                        + contentType
                                        + "\"}}")
                                .getBytes(UTF_8));

        assertStored(answer, 0, before + 1);
        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getOccurredAt().getSeconds())
                .isBetween(began.getEpochSecond(), Instant.now().getEpochSecond());
        assertThat(envelope.toBuilder().clearOccurredAt().build())
                .isEqualTo(
                        RawEnvelope.newBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .setEndDeviceId("d")
                                .setPayload(ByteString.copyFrom(new byte[] {1, 2}))
                                .setFPort(2)
                                .putAttributes("kind", contentType)
                                .putAttributes("ponix_gateway_id", own.gateway().getGatewayId())
                                .build());
    }

    @Test
    void anArrayLinesAndProtobufAreEnvelopesInTheirOrder() throws Exception {
        String first =
                "{\"external_id\": \"A84041FFFF1822C4\", \"payload\": \"AQ==\","
                        + " \"occurred_at\": \"2026-01-31T12:00:00.5Z\"}";
        String second =
                "{\"organization_id\": \"org-001\", \"end_device_id\": \"batch\", \"payload\":"
                        + " \"Ag==\"}";
        assertStored(own.post("[" + first + ",\n" + second + "]"), 0, before + 1, before + 2);
        assertStored(
                own.post(
                        "",
                        "application/x-ndjson",
                        (first + "\n\r\n" + second + "\n").getBytes(UTF_8)),
                0,
                before + 3,
                before + 4);
        RawEnvelope bare =
                RawEnvelope.newBuilder()
                        .setEndDeviceId("protobuf")
                        .setPayload(ByteString.copyFrom(new byte[] {3}))
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(7))
                        .build();
        assertStored(own.post("", "application/x-protobuf", bare.toByteArray()), 0, before + 5);

        List<RawEnvelope> envelopes = envelopes();
        assertThat(envelopes)
                .extracting(envelope -> (int) envelope.getPayload().byteAt(0))
                .containsExactly(1, 2, 1, 2, 3);
        assertThat(envelopes.get(0).getExternalId()).isEqualTo("a84041ffff1822c4");
        assertThat(envelopes.get(0).getOccurredAt())
                .isEqualTo(
                        Timestamp.newBuilder()
                                .setSeconds(Instant.parse("2026-01-31T12:00:00Z").getEpochSecond())
                                .setNanos(500_000_000)
                                .build());
        assertThat(envelopes.get(4))
                .isEqualTo(
                        bare.toBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .putAttributes("ponix_gateway_id", own.gateway().getGatewayId())
                                .build());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "meter-7, meter-7",
                "a.b%20c%3Ed*, a.b c>d*",
                "Z%C3%A4hler%207, Zähler 7",
                "100%25, 100%",
                "A84041FFFF1822C4, a84041ffff1822c4",
                "a%2Fb, a/b"
            })
    void bytesAreThePayloadOfTheDeviceInThePath(String path, String device) throws Exception {
        byte[] payload = ("é\0\n" + device).getBytes(UTF_8);
        assertStored(
                own.post("/devices/" + path + "?f_port=2", "application/octet-stream", payload),
                0,
                before + 1);

        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getExternalId()).isEqualTo(device);
        assertThat(envelope.getEndDeviceId()).isEmpty();
        assertThat(envelope.getFPort()).isEqualTo(2);
        assertThat(envelope.getPayload().toByteArray()).isEqualTo(payload);
        assertThat(envelope.getOrganizationId()).isEqualTo(BridgeStack.ORGANIZATION);
    }

    @Test
    void whatANetworkServerPostsIsReadByTheIntakeAndARetryIsStoredOnce() throws Exception {
        Sender chirpStack = sender(request -> request.setIntakePreset("chirpstack"));
        byte[] uplink =
                """
                {"deduplicationId": "id-7", "time": "2026-01-31T12:00:00Z",
                 "deviceInfo": {"devEui": "0101010101010101", "applicationId": "1"},
                 "fPort": 2, "fCnt": 10, "data": "AQI="}
                """
                        .getBytes(UTF_8);

        assertStored(chirpStack.post("?event=up", "application/json", uplink), 0, before + 1);
        // As a network server sends it again, with other headers about it.
        HttpResponse<String> again =
                send(
                        chirpStack
                                .request("?event=up", "application/json", uplink)
                                .header("X-Attempt", "2"));
        assertStored(again, 1, before + 1);

        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 1);
        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getExternalId()).isEqualTo("0101010101010101");
        assertThat(envelope.getPayload().toByteArray()).containsExactly(1, 2);
        assertThat(envelope.getFPort()).isEqualTo(2);
    }

    @Test
    void anIntakeSeesTheTargetAndTheHeadersButNoCredentials() throws Exception {
        Sender echo =
                sender(
                        request ->
                                request.setIntakeExpression(
                                        """
                                        topic == "?nothing" ? dyn(null) : dyn({
                                          "device_id": "echo", "payload": payload, "attributes": {
                                            "topic": topic,
                                            "names": headers.map(name, name).join(" "),
                                            "x-kind": headers["x-kind"]}})
                                        """));
        HttpRequest.Builder request =
                echo.request("?event=up&a=b%20c", "text/x-own", "body".getBytes(UTF_8))
                        .header("X-Kind", "a")
                        .header("Authorization", "Bearer " + echo.secret())
                        .header("Cookie", "session=sesame");
        assertStored(send(request), 0, before + 1);

        RawEnvelope envelope = envelopes().get(0);
        assertThat(envelope.getPayload().toStringUtf8()).isEqualTo("body");
        assertThat(envelope.getAttributesOrThrow("topic")).isEqualTo("?event=up&a=b%20c");
        assertThat(envelope.getAttributesOrThrow("x-kind")).isEqualTo("a");
        assertThat(envelope.getAttributesOrThrow("names"))
                .contains("content-type")
                .doesNotContain("authorization", "api-key", "cookie");

        HttpResponse<String> ignored = echo.post("?nothing", "text/x-own", new byte[] {1});
        assertThat(ignored.statusCode()).isEqualTo(202);
        assertThat(JSON.readTree(ignored.body()))
                .isEqualTo(JSON.readTree("{\"sequences\": [], \"duplicates\": 0, \"ignored\": 1}"));

        HttpResponse<String> refused = echo.post("", "text/x-own", "no x-kind".getBytes(UTF_8));
        assertProblem(refused, 400, "INVALID_ARGUMENT", "x-kind");
        List<RefusedUplink> kept = stack.refusedAfter(0);
        RefusedUplink last = kept.get(kept.size() - 1);
        assertThat(last.getGatewayId()).isEqualTo(echo.gateway().getGatewayId());
        assertThat(last.getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INTAKE);
        assertThat(last.getPayload().toStringUtf8()).isEqualTo("no x-kind");
        assertThat(last.toString()).doesNotContain(echo.secret());
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            delimiter = '|',
            value = {
                "''                                                       | ''",
                "{                                                        | line 1",
                "[]                                                       | no envelope",
                "7                                                        | object",
                "null                                                     | object",
                "{}                                                       | end_device_id",
                "{\"end_device_id\": \"d\"} {}                            | follows",
                "{\"end_device_id\": \"d\", \"payload\": \"?\"}           | payload",
                "{\"end_device_id\": \"d\", \"payload\": 7.5}             | payload",
                "{\"end_device_id\": \"d\", \"paylod\": \"AQ==\"}         | paylod",
                "{\"end_device_id\": \"d\", \"f_port\": 256}              | f_port",
                "{\"end_device_id\": \"d\", \"f_port\": -1}               | f_port",
                "{\"end_device_id\": \"d\", \"f_port\": \"two\"}          | f_port",
                "{\"end_device_id\": \"d\", \"occurred_at\": \"today\"}   | occurred_at",
                "{\"end_device_id\": \"d\", \"occurred_at\": \"1969-12-31T23:59:59Z\"} | occurred_at",
                "{\"end_device_id\": \"d\", \"occurred_at\": \"2200-01-01T00:00:00Z\"} | occurred_at",
                "{\"end_device_id\": \"d\", \"attributes\": {\"a\": {}}}  | attributes",
                "{\"end_device_id\": \"d\", \"attributes\": []}           | attributes",
                "{\"end_device_id\": [\"d\"]}                             | end_device_id",
                "{end_device_id: \"d\"}                                   | line 1",
                "[{\"end_device_id\": \"d\"}, {\"end_device_id\": \"d\", \"f_port\": 999}] | [1]"
            })
    void whatIsNoEnvelopeIsRefusedWithThePlaceAndNothingIsStored(String body, String place)
            throws Exception {
        HttpResponse<String> answer = own.post(body);

        assertProblem(answer, 400, "INVALID_ARGUMENT", place);
        assertThat(JSON.readTree(answer.body()).at("/error/message").textValue())
                .as("for a person who does not know the program")
                .doesNotContain(
                        "Exception", "JsonReader", "com.google", "java.", "fasterxml", "\n");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    @Test
    void ofABatchWithOneWrongLineNothingIsStored() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int line = 1; line <= 50; line++) {
            lines.append("{\"end_device_id\": \"d\", \"payload\": \"AQ==\"")
                    .append(line == 43 ? ", \"f_port\": \"x\"" : "")
                    .append("}\n");
        }
        HttpResponse<String> answer =
                own.post("", "application/x-ndjson", lines.toString().getBytes(UTF_8));

        assertProblem(answer, 400, "INVALID_ARGUMENT", "line 43", "f_port");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    @Test
    void strangeBytesAreRefusedAndHarmNothing() throws Exception {
        String deep = "[".repeat(200_000);
        for (String type : List.of("application/json", "application/x-ndjson", FORM)) {
            assertProblem(
                    own.post("", type, new byte[] {'{', (byte) 0xff, (byte) 0xfe, 0, '}'}),
                    400,
                    "INVALID_ARGUMENT");
            assertProblem(own.post("", type, deep.getBytes(UTF_8)), 400, "INVALID_ARGUMENT");
            assertProblem(
                    own.post(
                            "",
                            type,
                            ("{\"attributes\": " + deep + "]".repeat(200_000) + "}")
                                    .getBytes(UTF_8)),
                    400,
                    "INVALID_ARGUMENT");
        }
        assertProblem(
                own.post("", "application/x-protobuf", new byte[] {0x0a, 0x7f, 1}),
                400,
                "INVALID_ARGUMENT");
        assertProblem(
                own.post("/devices/a%00b", "application/octet-stream", new byte[] {1}),
                400,
                "INVALID_ARGUMENT");
        assertProblem(
                own.post("/devices/%ff", "application/octet-stream", new byte[] {1}),
                400,
                "INVALID_ARGUMENT");
        assertProblem(
                own.post("/devices/d?f_port=300", "application/octet-stream", new byte[] {1}),
                400,
                "INVALID_ARGUMENT",
                "f_port");
        assertProblem(
                own.post("/devices/" + "x".repeat(257), "application/octet-stream", new byte[] {1}),
                400,
                "INVALID_ARGUMENT",
                "256");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
        assertStored(own.post("{\"end_device_id\": \"after\"}"), 0, before + 1);
    }

    @Test
    void anotherOrganizationIsRefused() throws Exception {
        HttpResponse<String> answer =
                own.post("{\"organization_id\": \"org-002\", \"end_device_id\": \"d\"}");

        assertThat(answer.statusCode()).isIn(400, 403);
        assertProblem(answer, answer.statusCode(), null, "organization_id", "org-001");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    @Test
    void withoutTheKeyOfTheGatewayTheAnswerIsTheSameWhetherThereIsOneOrNot() throws Exception {
        Sender other = sender(request -> request);
        Gateway keyless = stack.create(CreateGatewayRequest.newBuilder());
        Set<String> bodies = new HashSet<>();
        for (String id :
                List.of(
                        own.gateway().getGatewayId(),
                        keyless.getGatewayId(),
                        "d0000000000000000000",
                        "x",
                        "%2e%2e",
                        "a%20b")) {
            URI uri = URI.create(stack.bridge.url() + "/v1/gateways/" + id + "/uplinks");
            for (String[] headers :
                    new String[][] {
                        {"Accept", "*/*"},
                        {"X-API-Key", ""},
                        {"X-API-Key", "ponix_wrong"},
                        {"X-API-Key", own.secret() + "x"},
                        {"X-API-Key", other.secret()},
                        {"Authorization", "Bearer " + other.secret()},
                        {"Authorization", "Bearer"},
                        {"Authorization", "Digest " + own.secret()}
                    }) {
                HttpResponse<String> answer =
                        send(
                                HttpRequest.newBuilder(uri)
                                        .headers(headers)
                                        .POST(
                                                BodyPublishers.ofString(
                                                        "{\"end_device_id\": \"d\"}")));
                assertProblem(answer, 401, "UNAUTHENTICATED");
                assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
                bodies.add(answer.body());
            }
        }
        assertThat(bodies).hasSize(1);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);

        HttpRequest.Builder bearer =
                HttpRequest.newBuilder(own.uplinks(""))
                        .header("Authorization", "Bearer " + own.secret())
                        .POST(BodyPublishers.ofString("{\"end_device_id\": \"bearer\"}"));
        assertStored(send(bearer), 0, before + 1);
    }

    @Test
    void aDeletedKeyAndADeletedGatewayAreRefusedWithinFiveSeconds() throws Exception {
        Sender sender = sender(request -> request);
        assertStored(sender.post("{\"end_device_id\": \"d\"}"), 0, before + 1);
        stack.gateways()
                .deleteGatewayKey(
                        DeleteGatewayKeyRequest.newBuilder()
                                .setGatewayId(sender.gateway().getGatewayId())
                                .setKeyId(sender.keyId())
                                .build());
        stack.announce("update", stack.get(sender.gateway()));
        atMost(5).until(() -> sender.post("").statusCode() == 401);

        Sender gone = sender(request -> request);
        Gateway deleted =
                stack.get(gone.gateway()).toBuilder()
                        .setDeletedAt(gone.gateway().getCreatedAt())
                        .build();
        stack.gateways()
                .deleteGateway(
                        io.ponix.proto.gateway.v1.DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gone.gateway().getGatewayId())
                                .build());
        stack.announce("update", deleted);
        atMost(5).until(() -> gone.post("").statusCode() == 401);
    }

    @Test
    void anotherIntakeCountsWithinSeconds() throws Exception {
        Sender sender = sender(request -> request);
        stack.announce(
                "update",
                stack.gateways()
                        .updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(sender.gateway().getGatewayId())
                                        .setIntakeExpression(
                                                "{\"device_id\": \"own\", \"payload\": payload}")
                                        .build())
                        .getGateway());
        atMost(5).until(() -> sender.post("", "text/x-own", new byte[] {9}).statusCode() == 202);
        assertThat(envelopes().get(0).getEndDeviceId()).isEqualTo("own");
    }

    @Test
    void whatIsNotServedIsSaid() throws Exception {
        for (String method : List.of("GET", "PUT", "DELETE", "PATCH")) {
            HttpResponse<String> answer =
                    send(
                            own.request("", "application/json", new byte[0])
                                    .method(method, BodyPublishers.noBody()));
            assertProblem(answer, 405, null);
            assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
        }
        for (String rest : List.of("/other", "/devices/", "/devices/a/b", "x")) {
            assertThat(own.post(rest, "application/json", "{}".getBytes(UTF_8)).statusCode())
                    .as(rest)
                    .isIn(404, 400);
        }
        assertProblem(
                send(HttpRequest.newBuilder(URI.create(stack.bridge.url() + "/nothing"))),
                404,
                null);
        assertProblem(own.post("", "image/png", new byte[] {1}), 415, null, "image/png");
        HttpRequest.Builder packed = own.request("", "application/json", new byte[] {1});
        assertProblem(send(packed.header("Content-Encoding", "gzip")), 415, null);
        for (String path : List.of("/health", "/metrics")) {
            assertThat(
                            send(HttpRequest.newBuilder(URI.create(stack.bridge.url() + path)))
                                    .statusCode())
                    .isEqualTo(200);
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    @Test
    void whatIsTooLargeIsRefusedBeforeItIsRead() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", stack.bridge.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream()
                    .write(
                            head(own, "/devices/d", "Content-Length: " + (10 << 20))
                                    .getBytes(UTF_8));
            assertThat(statusLine(socket)).contains(" 413 ");
        }
        for (String encoding : List.of("length", "chunked")) {
            byte[] body = new byte[10 << 20];
            HttpRequest.Builder request =
                    own.request("/devices/d", "application/octet-stream", body);
            if (encoding.equals("chunked")) {
                request.POST(
                        BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)));
            }
            try {
                assertThat(send(request).statusCode()).isEqualTo(413);
            } catch (IOException e) {
                // The answer came while the body was being sent, and the connection was closed.
            }
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
        assertStored(own.post("{\"end_device_id\": \"after the large ones\"}"), 0, before + 1);
    }

    @Test
    void aRetryIsStoredOnceAndGatewaysDoNotMeet() throws Exception {
        String batch = "[{\"end_device_id\": \"r\"}, {\"end_device_id\": \"r\"}]";
        assertStored(own.post(batch), 0, before + 1, before + 2);
        assertStored(own.post(batch), 2, before + 1, before + 2);
        assertStored(
                own.post("[{\"end_device_id\": \"r\"}, {\"end_device_id\": \"r\" }]"),
                0,
                before + 3,
                before + 4);
        Sender other = sender(request -> request);
        assertStored(other.post(batch), 0, before + 5, before + 6);

        String key = "2026-01-31 ä#1".replace("ä", "a");
        for (int attempt = 0; attempt < 2; attempt++) {
            HttpRequest.Builder withKey =
                    own.request(
                            "",
                            "application/json",
                            ("{\"end_device_id\": \"k\", \"payload\": \"A" + attempt + "==\"}")
                                    .replace("A0==", "AA==")
                                    .replace("A1==", "AQ==")
                                    .getBytes(UTF_8));
            assertStored(send(withKey.header("Idempotency-Key", key)), attempt, before + 7);
        }
        for (int reading = 0; reading < 2; reading++) {
            HttpRequest.Builder equal =
                    own.request("/devices/e", "application/octet-stream", new byte[] {5});
            assertStored(
                    send(equal.header("Idempotency-Key", "reading " + reading)),
                    0,
                    before + 8 + reading);
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 9);
    }

    @Test
    void metricsOfADeletedGatewayAreRemoved() throws Exception {
        Sender gone = sender(request -> request);
        assertStored(gone.post("{\"end_device_id\": \"gone\"}"), 0, before + 1);
        assertStored(gone.post("{\"end_device_id\": \"gone\"}"), 1, before + 1);
        assertThat(metricsOf(gone))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_requests_total{"))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_stored_total{"))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_duplicates_total{"))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_latency_seconds_count{"));
        assertStored(own.post("{\"end_device_id\": \"stays\"}"), 0, before + 2);

        stack.delete(gone.gateway());

        atMost(20).until(() -> metricsOf(gone).isEmpty());
        assertThat(gone.post("{\"end_device_id\": \"gone\"}").statusCode()).isEqualTo(401);
        assertThat(metricsOf(gone)).isEmpty();
        assertThat(metricsOf(own))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_requests_total{"));
    }

    private static List<String> metricsOf(Sender sender) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(stack.bridge.url() + "/metrics")))
                .body()
                .lines()
                .filter(line -> line.contains("\"" + sender.gateway().getGatewayId() + "\""))
                .toList();
    }

    @Test
    void aBatchThatNatsDiedInIsAnswered503AndIsStoredOnceByARetry() throws Exception {
        String batch =
                IntStream.range(0, 1_000)
                        .mapToObj(
                                number ->
                                        "{\"end_device_id\": \"killed\", \"f_port\": "
                                                + (1 + number % 200)
                                                + ", \"attributes\": {\"n\": \""
                                                + number
                                                + "\"}}")
                        .collect(Collectors.joining(",", "[", "]"));
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(
                        own.request("", "application/json", batch.getBytes(UTF_8)).build(),
                        BodyHandlers.ofString());
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> answer.isDone() || stack.lastSequence(BridgeStack.RAW) > before);
        stack.nats.kill();
        try {
            HttpResponse<String> first = answer.get(30, TimeUnit.SECONDS);
            if (first.statusCode() != 202) {
                assertProblem(first, 503, "UNAVAILABLE");
                assertThat(first.headers().firstValueAsLong("Retry-After")).isPresent();
            }
            HttpResponse<String> away = own.post("{\"end_device_id\": \"away\"}");
            assertProblem(away, 503, "UNAVAILABLE", "NATS");
            assertThat(away.headers().firstValueAsLong("Retry-After")).isPresent();

        } finally {
            stack.nats.start();
        }
        atMost(30).until(() -> own.post(batch).statusCode() == 202);
        assertThat(envelopes().stream().filter(each -> each.getEndDeviceId().equals("killed")))
                .extracting(each -> each.getAttributesOrThrow("n"))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 1_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void whileNatsHangsAGatewayHasItsShareAndIsToldToWait() throws Exception {
        Sender other = sender(request -> request);
        // Hundreds of connections, which the other tests are not to take up when the bridge has
        // enough of them.
        HttpClient many = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        long first = stack.lastSequence(BridgeStack.RAW);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        HttpResponse<String> ofOther;
        stack.nats.freeze();
        try {
            for (int number = 0; number < 400; number++) {
                answers.add(
                        many.sendAsync(
                                own.request(
                                                "/devices/hang?f_port=1",
                                                "application/octet-stream",
                                                ("h" + number).getBytes(UTF_8))
                                        .build(),
                                BodyHandlers.ofString()));
            }
            CompletableFuture.anyOf(answers.toArray(new CompletableFuture<?>[0]))
                    .get(30, TimeUnit.SECONDS);
            HttpResponse<String> tooMany =
                    answers.stream()
                            .filter(CompletableFuture::isDone)
                            .findFirst()
                            .orElseThrow()
                            .join();
            assertProblem(tooMany, 429, "RESOURCE_EXHAUSTED", "under way");
            assertThat(tooMany.headers().firstValueAsLong("Retry-After")).isPresent();
            ofOther = other.post("{\"end_device_id\": \"other\"}");
        } finally {
            stack.nats.resume();
        }
        assertProblem(ofOther, 503, "UNAVAILABLE");
        Set<Integer> codes = new HashSet<>();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            codes.add(answer.get(60, TimeUnit.SECONDS).statusCode());
        }
        assertThat(codes).contains(429).isSubsetOf(202, 429, 503);

        // Now it has room again, and what is sent again is stored once.
        for (int number = 0; number < 400; number++) {
            byte[] body = ("h" + number).getBytes(UTF_8);
            atMost(30)
                    .pollDelay(Duration.ZERO)
                    .until(
                            () ->
                                    own.post(
                                                            "/devices/hang?f_port=1",
                                                            "application/octet-stream",
                                                            body)
                                                    .statusCode()
                                            == 202);
        }
        assertThat(
                        stack.envelopesAfter(first).stream()
                                .filter(each -> each.getExternalId().equals("hang"))
                                .map(each -> each.getPayload().toStringUtf8()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 400).mapToObj(number -> "h" + number).toList());
    }

    /** More envelopes than the client of NATS has room for, which then makes its callers wait. */
    @Test
    void whileNatsHangsManyBatchesAreAnsweredAndNobodyElseWaits() throws Exception {
        int batches = 30;
        long first = stack.lastSequence(BridgeStack.RAW);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        stack.nats.freeze();
        try {
            for (int batch = 0; batch < batches; batch++) {
                answers.add(
                        client.sendAsync(
                                own.request("", "application/x-ndjson", lines(batch)).build(),
                                BodyHandlers.ofString()));
            }
            while (!CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                    .isDone()) {
                long asked = System.nanoTime();
                assertThat(
                                send(
                                        HttpRequest.newBuilder(
                                                        URI.create(stack.bridge.url() + "/metrics"))
                                                .timeout(PATIENCE)))
                        .extracting(HttpResponse::statusCode)
                        .isEqualTo(200);
                assertThat(Duration.ofNanos(System.nanoTime() - asked))
                        .as("until somebody else is answered")
                        .isLessThan(Duration.ofSeconds(4));
            }
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                assertProblem(answer.join(), 503, "UNAVAILABLE");
            }
        } finally {
            stack.nats.resume();
        }
        for (int batch = 0; batch < batches; batch++) {
            byte[] body = lines(batch);
            atMost(30).until(() -> own.post("", "application/x-ndjson", body).statusCode() == 202);
        }
        assertThat(
                        stack.envelopesAfter(first).stream()
                                .filter(each -> each.getEndDeviceId().equals("batches"))
                                .map(each -> each.getAttributesOrThrow("n")))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, batches * 1_000).mapToObj(Integer::toString).toList());
    }

    private static byte[] lines(int batch) {
        return IntStream.range(batch * 1_000, (batch + 1) * 1_000)
                .mapToObj(
                        number ->
                                "{\"end_device_id\": \"batches\", \"attributes\": {\"n\": \""
                                        + number
                                        + "\"}}")
                .collect(Collectors.joining("\n"))
                .getBytes(UTF_8);
    }

    /** Each byte of them is some fifty of objects, were they read before they are counted. */
    @Test
    void manyBodiesOfNothingButBracketsAreRefusedAndTheBridgeGoesOn() throws Exception {
        List<String> bodies =
                List.of(
                        "[" + "{},".repeat(340_000) + "{}]",
                        "{" + "\"\":1,".repeat(200_000) + "\"\":1}",
                        IntStream.range(0, 80_000)
                                .mapToObj(number -> "\"" + number + "\":[]")
                                .collect(Collectors.joining(",", "{", "}")),
                        "[".repeat(500_000) + "]".repeat(500_000),
                        "{\"attributes\":".repeat(60_000) + "1" + "}".repeat(60_000),
                        "{\"attributes\":{"
                                + IntStream.range(0, 80_000)
                                        .mapToObj(number -> "\"" + number + "\":[]")
                                        .collect(Collectors.joining(","))
                                + "}}");
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            for (String body : bodies) {
                answers.add(
                        client.sendAsync(
                                own.request("", "application/json", body.getBytes(UTF_8)).build(),
                                BodyHandlers.ofString()));
            }
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isIn(400, 429);
        }
        assertThat(Files.readString(home.resolve("logs/bridge.log")))
                .doesNotContain("OutOfMemoryError", "StackOverflowError");
        assertStored(own.post("{\"end_device_id\": \"after brackets\"}"), 0, before + 1);
    }

    @Test
    void twentyThousandMessagesOfEightClientsAreStoredOnceEach() throws Exception {
        int clients = 8;
        int each = 2_500;
        Sender sender = sender(request -> request);
        long first = stack.lastSequence(BridgeStack.RAW);
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        Set<Long> sequences = ConcurrentHashMap.newKeySet();
        List<Future<?>> done = new ArrayList<>();
        for (int number = 0; number < clients; number++) {
            String device = "client-" + number;
            done.add(
                    threads.submit(
                            () -> {
                                for (int message = 0; message < each; message++) {
                                    HttpResponse<String> answer =
                                            sender.post(
                                                    "/devices/" + device,
                                                    "application/octet-stream",
                                                    Integer.toString(message).getBytes(UTF_8));
                                    assertThat(answer.statusCode()).isEqualTo(202);
                                    sequences.add(
                                            JSON.readTree(answer.body())
                                                    .at("/sequences/0")
                                                    .longValue());
                                }
                                return null;
                            }));
        }
        for (Future<?> client : done) {
            client.get(240, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(sequences).hasSize(clients * each);
        Map<String, List<String>> byDevice =
                stack.envelopesAfter(first).stream()
                        .collect(
                                Collectors.groupingBy(
                                        RawEnvelope::getExternalId,
                                        Collectors.mapping(
                                                envelope -> envelope.getPayload().toStringUtf8(),
                                                Collectors.toList())));
        List<String> inOrder = IntStream.range(0, each).mapToObj(Integer::toString).toList();
        assertThat(byDevice).hasSize(clients);
        assertThat(byDevice.values()).allSatisfy(sent -> assertThat(sent).isEqualTo(inOrder));
    }

    @Test
    void aSlowSenderIsCutOffAndOneThatGoesAwayHarmsNobody() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int number = 0; number < 50; number++) {
                Socket slow = new Socket("127.0.0.1", stack.bridge.port());
                sockets.add(slow);
                slow.getOutputStream()
                        .write(
                                (head(own, "/devices/slow", "Content-Length: 1000") + "a")
                                        .getBytes(UTF_8));
            }
            for (int number = 0; number < 50; number++) {
                try (Socket away = new Socket("127.0.0.1", stack.bridge.port())) {
                    away.getOutputStream()
                            .write(
                                    (head(own, "/devices/away", "Content-Length: 1000") + "a")
                                            .getBytes(UTF_8));
                }
            }
            assertStored(own.post("{\"end_device_id\": \"beside\"}"), 0, before + 1);
            Socket last = sockets.get(49);
            last.setSoTimeout(1_000);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            String answer = null;
            while (answer == null && System.nanoTime() < deadline) {
                // A byte a second, so that it is never idle.
                try {
                    last.getOutputStream().write('a');
                    answer = statusLine(last);
                } catch (java.net.SocketTimeoutException e) {
                    // Not yet.
                } catch (IOException e) {
                    answer = "";
                }
            }
            assertThat(answer).isNotNull().matches("|HTTP/1.1 408 .*");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 1);
    }

    @Test
    void whoIsAnsweredBeforeTheBodyHasComeIsToldThatTheConnectionEnds() throws Exception {
        try (Socket early = new Socket("127.0.0.1", stack.bridge.port())) {
            early.setSoTimeout(10_000);
            early.getOutputStream()
                    .write(
                            (head(own, "/devices/%ff", "Content-Length: 1000") + "a")
                                    .getBytes(UTF_8));

            String answer = new String(early.getInputStream().readAllBytes(), UTF_8);

            assertThat(answer)
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("\r\nConnection: close\r\n")
                    .contains("INVALID_ARGUMENT");
        }
        // Of one whose body comes after the head, as most clients send it, it is waited for.
        for (int attempt = 0; attempt < 20; attempt++) {
            try (Socket late = new Socket("127.0.0.1", stack.bridge.port())) {
                late.setSoTimeout(10_000);
                late.setTcpNoDelay(true);
                late.getOutputStream()
                        .write(head(own, "/devices/%ff", "Content-Length: 1").getBytes(UTF_8));
                late.getOutputStream().write('a');
                assertThat(statusLine(late)).startsWith("HTTP/1.1 400 ");
            }
        }
        // One that has sent all of it goes on by the same connection.
        for (int attempt = 0; attempt < 20; attempt++) {
            assertThat(
                            own.post("/devices/%ff", "application/octet-stream", new byte[] {1})
                                    .statusCode())
                    .isEqualTo(400);
        }
    }

    private static String head(Sender sender, String rest, String header) {
        return "POST "
                + sender.uplinks(rest).getRawPath()
                + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: "
                + sender.secret()
                + "\r\nContent-Type: application/octet-stream\r\n"
                + header
                + "\r\n\r\n";
    }

    private static String statusLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        int letter = socket.getInputStream().read();
        while (letter >= 0 && letter != '\r') {
            line.append((char) letter);
            letter = socket.getInputStream().read();
        }
        return line.toString();
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static void assertStored(HttpResponse<String> answer, int duplicates, long... sequences)
            throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/json");
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.get("sequences")).isEqualTo(JSON.readTree(Arrays.toString(sequences)));
        assertThat(body.get("duplicates").intValue()).isEqualTo(duplicates);
        assertThat(body.get("ignored").intValue()).isZero();
    }

    private static void assertProblem(
            HttpResponse<String> answer, int code, String status, String... parts)
            throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/json");
        JsonNode error = JSON.readTree(answer.body()).get("error");
        assertThat(error.get("code").intValue()).isEqualTo(code);
        assertThat(error.get("message").textValue()).isNotBlank();
        for (String part : parts) {
            assertThat(error.get("message").textValue()).contains(part);
        }
        if (status != null) {
            assertThat(error.get("status").textValue()).isEqualTo(status);
        }
    }

    /** What this test has had stored. */
    private List<RawEnvelope> envelopes() throws Exception {
        return stack.envelopesAfter(before);
    }

    private static ConditionFactory atMost(int seconds) {
        return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(100));
    }
}
