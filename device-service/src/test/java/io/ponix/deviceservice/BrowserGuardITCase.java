package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status.Code;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.IOException;
import java.net.Socket;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What web pages of others cannot do. */
@ExtendWith(ServiceUnderTest.Shared.class)
class BrowserGuardITCase {

    private static final String CREATE =
            "/ponix.organization.v1.OrganizationService/CreateOrganization";

    private static ServiceUnderTest service;

    private final String name = "made by a page " + UUID.randomUUID();

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/transforms/", "/docs/", "/metrics", "/health", CREATE, "/none"})
    void aPageThatHasMadeItsNameLeadHereIsRefused(String path) throws Exception {
        String answer = get(path, "Host: evil.example:8080");

        assertThat(answer)
                .startsWith("HTTP/1.1 403 ")
                .contains("PERMISSION_DENIED", "PONIX_ALLOWED_HOSTS")
                .doesNotContainIgnoringCase("access-control-");
        assertThat(get(path, "Host: 127.0.0.1.evil.example")).startsWith("HTTP/1.1 403 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Host: localhost", "Host: 127.0.0.1:8080", "Host: [::1]", "Host: 10.0.0.1"})
    void whoAsksForItAsItIsKnownIsAnswered(String host) throws Exception {
        assertThat(get("/health", host)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aHealthCheckWithoutHostIsAnswered() throws Exception {
        assertThat(send("GET /health HTTP/1.0\r\n\r\n")).contains(" 200 ");
    }

    @Test
    void overGrpcTheNameCountsToo() {
        ManagedChannel channel =
                ManagedChannelBuilder.forAddress("127.0.0.1", service.service().grpcPort())
                        .overrideAuthority("evil.example")
                        .usePlaintext()
                        .build();
        try {
            assertThatCall(
                            () ->
                                    OrganizationServiceGrpc.newBlockingStub(channel)
                                            .createOrganization(
                                                    CreateOrganizationRequest.newBuilder()
                                                            .setName(name)
                                                            .build()))
                    .hasStatus(Code.PERMISSION_DENIED, "PONIX_ALLOWED_HOSTS");
        } finally {
            channel.shutdownNow();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.example, 403",
        "http://localhost:3000, 403",
        "http://127.0.0.1:8080, 403",
        "null, 403",
        "http://localhost:8080, 200",
    })
    void onlyItsOwnPageChangesAnything(String origin, int status) throws Exception {
        String body = "{\"name\": \"" + name + "\"}";
        String answer =
                send(
                        """
                        POST %s HTTP/1.1\r
                        Host: localhost:8080\r
                        Origin: %s\r
                        Content-Type: application/json; charset=utf-8\r
                        Content-Length: %d\r
                        Connection: close\r
                        \r
                        %s"""
                                .formatted(CREATE, origin, body.length(), body));

        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .doesNotContainIgnoringCase("access-control-");
        assertThat(service.query("SELECT count(*) FROM organizations WHERE name = '" + name + "'"))
                .isEqualTo(status == 200 ? "1" : "0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/transforms/",
                "/transforms/main.js",
                "/transforms/none",
                "/docs/",
                "/docs/specification.json",
                "/metrics",
                "/health",
                CREATE,
                "/none"
            })
    void everyAnswerTellsBrowsersToDoNothingButShowIt(String path) throws Exception {
        for (String host : new String[] {"localhost", "evil.example"}) {
            assertThat(get(path, "Host: " + host).toLowerCase(Locale.ROOT))
                    .containsOnlyOnce("\ncontent-security-policy: default-src 'none';")
                    .containsOnlyOnce("frame-ancestors 'none'")
                    .containsOnlyOnce("\nx-content-type-options: nosniff\r\n")
                    .containsOnlyOnce("\nreferrer-policy: no-referrer\r\n")
                    .doesNotContain("access-control-");
        }
    }

    private static String get(String path, String host) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\n" + host + "\r\nConnection: close\r\n\r\n");
    }

    /** Java's client lets nobody choose Host. */
    private static String send(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.service().httpPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
