package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What senders that have a key, and mean no good, may do by HTTP. */
@Timeout(120)
@ExtendWith(BridgeStack.Shared.class)
class HostileSendersITCase {

    private static final int MOST_OF_A_BODY = 1 << 20;

    private static BridgeStack stack;
    private static Sender own;

    private long before;

    /** A gateway with a key, and the bytes of its requests. */
    private record Sender(String gatewayId, String secret) {

        String head(String headers) {
            return "POST /v1/gateways/"
                    + gatewayId
                    + "/uplinks HTTP/1.1\r\nHost: localhost\r\nX-API-Key: "
                    + secret
                    + "\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    + headers
                    + "\r\n\r\n";
        }

        /** The whole answer to a body. */
        String post(String body) throws IOException {
            return exchange(head("Content-Length: " + body.getBytes(UTF_8).length) + body);
        }
    }

    @BeforeAll
    static void share(BridgeStack shared) throws Exception {
        stack = shared;
        own = sender();
    }

    @BeforeEach
    void count() throws Exception {
        before = stack.lastSequence(BridgeStack.RAW);
    }

    private static Sender sender() throws Exception {
        Gateway gateway = stack.create(CreateGatewayRequest.newBuilder());
        String secret =
                stack.gateways()
                        .createGatewayKey(
                                CreateGatewayKeyRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setName("a test")
                                        .build())
                        .getSecret();
        stack.announce("update", stack.get(gateway));
        Sender sender = new Sender(gateway.getGatewayId(), secret);
        // Without a body it is refused, and no longer for the key.
        await().atMost(Duration.ofSeconds(10))
                .until(() -> sender.post("").startsWith("HTTP/1.1 400 "));
        return sender;
    }

    @Test
    void largeBodiesThatDoNotComeAreNotAllThatThereIsRoomFor() throws Exception {
        Sender other = sender();
        List<Socket> waiting = new ArrayList<>();
        try {
            // A byte of each, so that it is read; the rest would fill all the room there is.
            for (int number = 0; number < 32; number++) {
                Socket socket = new Socket("127.0.0.1", stack.bridge.port());
                waiting.add(socket);
                socket.getOutputStream()
                        .write(
                                (own.head("Content-Length: " + MOST_OF_A_BODY) + "[")
                                        .getBytes(UTF_8));
            }
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> own.post(large()).startsWith("HTTP/1.1 429 "));

            assertThat(other.post(large())).startsWith("HTTP/1.1 202 ");
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
        // What they held is free again.
        await().atMost(Duration.ofSeconds(10))
                .until(() -> own.post(large()).startsWith("HTTP/1.1 202 "));
    }

    private static String large() {
        return "{\"end_device_id\": \"large\", \"payload\": \"" + "A".repeat(800_000) + "\"}";
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            delimiter = '|',
            value = {
                "{\"external_id\": \"\\ud800\"}                                     | external_id",
                "{\"end_device_id\": \"a\\udc00b\"}                                 | end_device_id",
                "{\"end_device_id\": \"d\", \"attributes\": {\"a\": \"\\ud83d\"}}   | attributes",
                "{\"end_device_id\": \"d\", \"attributes\": {\"\\ud83d\": \"a\"}}   | attributes",
                "{\"external_id\": \"a\\u0000b\"}                                   | external_id",
                "{\"end_device_id\": \"a\\nb\"}                                     | end_device_id",
                "{\"external_id\": \"\\u009f\"}                                     | external_id",
                "{\"end_device_id\": \"d\", \"f_port\": 1, \"fPort\": 2}            | fPort",
                "{\"end_device_id\": \"d\", \"f_port\": 1, \"f_port\": 2}           | $.f_port is given twice",
                "{\"end_device_id\": \"d\", \"attributes\": {\"a\": \"1\", \"a\": \"2\"}} | $.attributes.a",
                "{\"end_device_id\": \"d\", \"occurred_at\": \"2026-01-01T00:00:00+25:00\"} | occurred_at",
                "{\"end_device_id\": \"d\", \"occurredAt\": \"2026-06-30T23:59:60Z\"}    | occurredAt",
                "[{\"end_device_id\": \"d\"}, {\"end_device_id\": \"d\", \"end_device_id\": \"e\"}] | $[1].end_device_id"
            })
    void whatCannotBeStoredAsItWasSentIsRefused(String body, String place) throws Exception {
        String answer = own.post(body);

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("INVALID_ARGUMENT", place);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    @Test
    void theAnswerIsShortHoweverMuchOfTheBodyIsWrong() throws Exception {
        String much = "x".repeat(900_000);
        for (String body :
                List.of(
                        "{\"" + much + "\": 1}",
                        "{\"end_device_id\": \"d\", \"f_port\": \"" + much + "\"}",
                        "{\"end_device_id\": \"d\", \"occurred_at\": \"" + much + "\"}",
                        "{\"end_device_id\": \"d\", \"payload\": \"?" + much + "\"}",
                        much)) {
            assertThat(own.post(body)).startsWith("HTTP/1.1 400 ").hasSizeLessThan(3_000);
        }
    }

    @Test
    void whoSendsFarTooMuchAndListensOnlyThenHasTheAnswer() throws Exception {
        String much = "x".repeat(10 << 20);
        for (String coding :
                List.of("Content-Length: " + much.length(), "Transfer-Encoding: chunked")) {
            String body =
                    coding.startsWith("T")
                            ? Integer.toHexString(much.length()) + "\r\n" + much + "\r\n0\r\n\r\n"
                            : much;
            assertThat(exchange(own.head(coding) + body))
                    .startsWith("HTTP/1.1 413 ")
                    .contains(String.valueOf(MOST_OF_A_BODY));
        }
    }

    @Test
    void whoAsksFirstIsNotToldToSendTooMuch() throws Exception {
        String head = own.head("Content-Length: " + (10 << 20) + "\r\nExpect: 100-continue");

        assertThat(exchange(head)).startsWith("HTTP/1.1 413 ");
    }

    /** As of a template whose value is missing. */
    @Test
    void anEmptyIdempotencyKeyIsNone() throws Exception {
        for (int reading = 0; reading < 2; reading++) {
            String body = "{\"end_device_id\": \"keyless\", \"f_port\": " + reading + "}";

            assertThat(
                            exchange(
                                    own.head(
                                                    "Idempotency-Key: \r\nContent-Length: "
                                                            + body.length())
                                            + body))
                    .startsWith("HTTP/1.1 202 ")
                    .contains("\"duplicates\":0");
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 2);
    }

    @ParameterizedTest
    @CsvSource({"ZZ", "-1", "1;=", "fffffffffffffffff"})
    void chunksThatAreNoneAreTheSendersFault(String size) throws Exception {
        String answer =
                exchange(
                        own.head("Transfer-Encoding: chunked") + "1\r\n{\r\n" + size + "\r\n}\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("INVALID_ARGUMENT");
        assertThat(Files.readString(stack.bridge.logFile(), ISO_8859_1))
                .doesNotContain("A request to gateway " + own.gatewayId());
    }

    /** Everything that is answered to these bytes. */
    private static String exchange(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", stack.bridge.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
