package io.ponix.bridge;

import static io.ponix.bridge.HttpAnswers.assertStored;
import static io.ponix.bridge.HttpSender.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is too large, too slow, or written to take memory harms nobody else. */
class BridgeHttpLimitsITCase extends PostedUplinks {

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
                request.POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
            }
            try {
                assertThat(own.send(request).statusCode()).isEqualTo(413);
            } catch (IOException e) {
                // The answer came while the body was being sent, and the connection was closed.
            }
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
        assertStored(own.post("{\"end_device_id\": \"after the large ones\"}"), 0, before + 1);
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
                        own.sendAsync(own.request("", "application/json", body.getBytes(UTF_8))));
            }
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isIn(400, 429);
        }
        assertThat(Files.readString(stack.bridge.logFile()))
                .doesNotContain("OutOfMemoryError", "StackOverflowError");
        assertStored(own.post("{\"end_device_id\": \"after brackets\"}"), 0, before + 1);
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
                } catch (SocketTimeoutException e) {
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
        String part = head(own, "/devices/%ff", "Content-Length: 1000") + "a";
        // Refused by Jetty, which ends the connection whatever has come.
        String whole = head(own, "/devices/a%00b", "Content-Length: 1") + "a";
        for (String request : List.of(part, whole)) {
            try (Socket early = new Socket("127.0.0.1", stack.bridge.port())) {
                early.setSoTimeout(10_000);
                early.getOutputStream().write(request.getBytes(UTF_8));

                String answer = new String(early.getInputStream().readAllBytes(), UTF_8);

                assertThat(answer)
                        .startsWith("HTTP/1.1 400 ")
                        .containsIgnoringCase("\r\nConnection: close\r\n")
                        .contains("INVALID_ARGUMENT");
            }
        }
        // Of one whose body comes after the head, as most clients send it, it is waited for.
        assertBodyIsWaitedFor(head(own, "/devices/%ff", "Content-Length: 1"), "HTTP/1.1 400 ");
        assertBodyIsWaitedFor(
                "POST /v1/uplinks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n",
                "HTTP/1.1 404 ");
        // One that has sent all of it goes on by the same connection.
        for (int attempt = 0; attempt < 20; attempt++) {
            assertThat(
                            own.post("/devices/%ff", "application/octet-stream", new byte[] {1})
                                    .statusCode())
                    .isEqualTo(400);
        }
    }

    private static void assertBodyIsWaitedFor(String head, String answer) throws IOException {
        for (int attempt = 0; attempt < 20; attempt++) {
            try (Socket late = new Socket("127.0.0.1", stack.bridge.port())) {
                late.setSoTimeout(10_000);
                late.setTcpNoDelay(true);
                late.getOutputStream().write(head.getBytes(UTF_8));
                late.getOutputStream().write('a');
                BufferedReader answers =
                        new BufferedReader(new InputStreamReader(late.getInputStream(), UTF_8));
                assertThat(answers.readLine()).startsWith(answer);
                // It is not cut off: the next request goes by the same connection.
                late.getOutputStream()
                        .write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
                assertThat(answers.lines().filter(line -> line.contains("HTTP/1.1 ")).findFirst())
                        .hasValueSatisfying(line -> assertThat(line).endsWith("HTTP/1.1 200 OK"));
            }
        }
    }

    private static String head(HttpSender sender, String rest, String header) {
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
}
