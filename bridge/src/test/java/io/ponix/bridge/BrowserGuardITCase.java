package io.ponix.bridge;

import static io.ponix.bridge.HttpAnswers.assertProblem;
import static io.ponix.bridge.HttpAnswers.assertStored;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What web pages of others cannot do. */
class BrowserGuardITCase extends PostedUplinks {

    /** Of each test another: equal ones are one. */
    private final String envelope =
            "{\"end_device_id\": \"%s\", \"payload\": \"AQ==\"}".formatted(UUID.randomUUID());

    @ParameterizedTest
    @CsvSource({
        "evil.example, /health, 403",
        "evil.example, /metrics, 403",
        "evil.example, /none, 403",
        "localhost, /health, 200",
        "10.0.0.1:8090, /metrics, 200",
    })
    void aPageThatHasMadeItsNameLeadHereIsRefused(String host, String path, int status)
            throws Exception {
        String answer = get(path, host);

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        if (status == 403) {
            assertThat(answer).contains("PERMISSION_DENIED", "PONIX_ALLOWED_HOSTS");
        }
    }

    /** A webhook comes by the name of whoever passes it on. */
    @Test
    void anUplinkWithAKeyComesByAnyName() throws Exception {
        assertThat(post("Host: ponix.example.com")).startsWith("HTTP/1.1 202 ");
        assertThat(post("Host: ponix.example.com", "X-API-Key: wrong")).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void aPageOfAnotherOriginPostsNothing() throws Exception {
        assertProblem(
                own.send(
                        own.request("", "application/json", envelope.getBytes(UTF_8))
                                .header("Origin", "https://evil.example")),
                403,
                "PERMISSION_DENIED",
                "another origin");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);

        assertStored(
                own.send(
                        own.request("", "application/json", envelope.getBytes(UTF_8))
                                .header("Origin", stack.bridge.url())),
                0,
                before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/metrics", "/none", "/v1/gateways/none/uplinks", "/%"})
    void everyAnswerTellsBrowsersToDoNothingButShowIt(String path) throws Exception {
        for (String host : new String[] {"localhost", "evil.example"}) {
            assertThat(get(path, host).toLowerCase(Locale.ROOT))
                    .containsOnlyOnce(
                            "\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n")
                    .containsOnlyOnce("\nx-content-type-options: nosniff\r\n")
                    .containsOnlyOnce("\nreferrer-policy: no-referrer\r\n")
                    .doesNotContain("access-control-");
        }
    }

    private static String get(String path, String host) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n", "");
    }

    private String post(String host) throws IOException {
        return post(host, "X-API-Key: " + own.secret());
    }

    private String post(String host, String key) throws IOException {
        return exchange(
                "POST "
                        + own.uplinks("").getPath()
                        + " HTTP/1.1\r\n"
                        + host
                        + "\r\n"
                        + key
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + envelope.length()
                        + "\r\n",
                envelope);
    }

    /** Java's client lets nobody choose Host. */
    private static String exchange(String head, String body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", stack.bridge.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write((head + "Connection: close\r\n\r\n" + body).getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
