package io.ponix.bridge;

import static io.ponix.bridge.HttpAnswers.assertProblem;
import static io.ponix.bridge.HttpAnswers.assertStored;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.api.StreamInfoOptions;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no uplink is refused with the place where it is not, and nothing of it is stored. */
class BridgeHttpRefusalsITCase extends PostedUplinks {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REFUSED = "refused_uplinks";
    private static final String FORM = "application/x-www-form-urlencoded";

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
    void whatIsNotServedIsSaid() throws Exception {
        for (String method : List.of("GET", "PUT", "DELETE", "PATCH")) {
            HttpResponse<String> answer =
                    own.send(
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
        assertProblem(own.get("/nothing"), 404, null);
        assertProblem(own.post("", "image/png", new byte[] {1}), 415, null, "image/png");
        HttpRequest.Builder packed = own.request("", "application/json", new byte[] {1});
        assertProblem(own.send(packed.header("Content-Encoding", "gzip")), 415, null);
        for (String path : List.of("/health", "/metrics")) {
            assertThat(own.get(path).statusCode()).isEqualTo(200);
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    /** Most clients cannot send such a path, a device's few lines of C can. */
    @ParameterizedTest
    @ValueSource(strings = {"/devices/%", "/devices/%zz", "/devices/%4", "/devices/a%00b"})
    void aPathThatCannotBeReadIsAnsweredInTheFormOfAllProblems(String rest) throws Exception {
        String answer = answerTo(own.uplinks("").getPath() + rest);

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .containsIgnoringCase("content-type: application/json");
        JsonNode error = JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n"))).get("error");
        assertThat(error.get("code").intValue()).isEqualTo(400);
        assertThat(error.get("status").textValue()).isEqualTo("INVALID_ARGUMENT");
        assertThat(error.get("message").textValue()).contains("write %25 for a percent sign");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    private static String answerTo(String target) throws IOException {
        URI bridge = own.uplinks("");
        try (Socket socket = new Socket(bridge.getHost(), bridge.getPort())) {
            socket.setSoTimeout(30_000);
            String request =
                    "POST "
                            + target
                            + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: "
                            + own.secret()
                            + "\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    void oneGatewayDoesNotPushOutWhatIsKeptOfTheOthers() throws Exception {
        HttpSender noisy = HttpSender.of(stack, request -> request.setIntakePreset("json"));
        HttpSender quiet = HttpSender.of(stack, request -> request.setIntakePreset("json"));
        byte[] large = new byte[900_000];
        for (int i = 0; i < 38; i++) {
            // The same again would be kept once.
            large[0] = (byte) i;
            assertProblem(noisy.post("", FORM, large), 400, "INVALID_ARGUMENT");
        }
        assertProblem(quiet.post("", FORM, large), 400, "INVALID_ARGUMENT");

        assertThat(lastRefused(quiet).getPayload().size()).isEqualTo(large.length);
        RefusedUplink cut = lastRefused(noisy);
        assertThat(cut.getPayloadSize()).isEqualTo(large.length);
        assertThat(cut.getSerializedSize()).isBetween(16_000, 17_000);

        long quietBefore = refused(quiet);
        long sequenceBefore = stack.lastSequence(REFUSED);
        Connection nats = stack.connectAsOperator("noise");
        try {
            for (int i = 0; i < 10_001; i++) {
                nats.publish(subject(noisy), cut.toBuilder().clearPayload().build().toByteArray());
            }
            nats.flush(Duration.ofSeconds(30));
            BridgeStack.atMost(30)
                    .until(() -> stack.lastSequence(REFUSED) >= sequenceBefore + 10_001);
        } finally {
            nats.close();
        }
        assertThat(refused(noisy)).isEqualTo(10_000);
        assertThat(refused(quiet)).isEqualTo(quietBefore).isPositive();
    }

    @Test
    void aWebhookThatIsSentAgainIsRefusedOnceAndAnotherOfTheSameKeyIsKeptToo() throws Exception {
        HttpSender webhook = HttpSender.of(stack, request -> request.setIntakePreset("json"));
        long refusedBefore = stack.lastSequence(REFUSED);
        for (String body : List.of("{", "{", "[")) {
            HttpRequest.Builder request =
                    webhook.request("", "application/json", body.getBytes(UTF_8));
            assertProblem(
                    webhook.send(request.header("Idempotency-Key", "7")),
                    400,
                    "INVALID_ARGUMENT",
                    "json_decode");
        }

        assertThat(stack.refusedAfter(refusedBefore))
                .extracting(each -> each.getPayload().toStringUtf8())
                .containsExactly("{", "[");
        assertThat(webhook.metrics())
                .anyMatch(
                        line ->
                                line.startsWith("ponix_bridge_http_refused_total{")
                                        && line.contains("reason=\"intake\"")
                                        && line.endsWith(" 4.0"));
    }

    @Test
    void thePresetRawIsAnsweredWithTheWayThatTheDeviceIsNamed() throws Exception {
        HttpSender raw = HttpSender.of(stack, request -> request.setIntakePreset("raw"));
        assertProblem(
                raw.post("", "application/octet-stream", new byte[] {1}),
                400,
                "INVALID_ARGUMENT",
                "preset raw",
                "/devices/{external_id}");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
        assertStored(
                raw.post("/devices/d", "application/octet-stream", new byte[] {1}), 0, before + 1);
    }

    private static String subject(HttpSender sender) {
        return REFUSED + "." + sender.gateway().getGatewayId();
    }

    private static RefusedUplink lastRefused(HttpSender sender) throws Exception {
        return RefusedUplink.parseFrom(
                stack.management().getLastMessage(REFUSED, subject(sender)).getData());
    }

    private static long refused(HttpSender sender) throws Exception {
        return stack.management()
                .getStreamInfo(REFUSED, StreamInfoOptions.filterSubjects(subject(sender)))
                .getStreamState()
                .getSubjectMap()
                .get(subject(sender));
    }
}
