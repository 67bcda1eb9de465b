package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS on both ports, and the certificate replaced while the service runs. */
class ServiceTlsITCase {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** Record, handshake, version, random, no session, four suites, no compression. */
    private static final String TLS_1_1_HELLO =
            "1603010033"
                    + "0100002f"
                    + "0302"
                    + "00".repeat(32)
                    + "00"
                    + "0008c009c013002f0035"
                    + "0100";

    @TempDir private static Path home;

    private static SelfSignedCertificate first;
    private static SelfSignedCertificate second;
    private static SelfSignedCertificate clients;
    private static Path certificate;
    private static Path key;
    private static Path authorities;
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws Exception {
        first = SelfSignedCertificate.create(home, "first", "ip:127.0.0.1,dns:localhost");
        second = SelfSignedCertificate.create(home, "second", "ip:127.0.0.1,dns:localhost");
        clients = SelfSignedCertificate.create(home, "clients", "dns:client");
        certificate = home.resolve("tls.crt");
        key = home.resolve("tls.key");
        authorities = home.resolve("ca.crt");
        install(first);
        replace(authorities, Files.readString(Path.of(clients.certificatePem())));
        Map<String, String> settings = new HashMap<>(AccessUnderTest.required(home));
        settings.put("PONIX_GRPC_TLS_CERTIFICATE_FILE", certificate.toString());
        settings.put("PONIX_GRPC_TLS_KEY_FILE", key.toString());
        settings.put("PONIX_GRPC_TLS_CLIENT_CA_FILE", authorities.toString());
        service = ServiceUnderTest.start(home.resolve("service"), settings);
    }

    @AfterAll
    static void stop() {
        if (service != null) {
            service.close();
        }
    }

    @BeforeEach
    void showTheFirst() throws Exception {
        install(first);
        await().atMost(SOON).until(() -> shown().equals("CN=first"));
    }

    private static void install(SelfSignedCertificate chosen) throws IOException {
        replace(key, Files.readString(Path.of(chosen.keyPem())));
        replace(certificate, Files.readString(Path.of(chosen.certificatePem())));
    }

    /** At once, as who renews certificates does. */
    private static void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static TlsSettings trusting(SelfSignedCertificate authority) {
        return TlsSettings.DEFAULT.withTruststore(authority.certificatePem(), "");
    }

    private static TlsSettings client(SelfSignedCertificate authority) {
        return trusting(authority).withKeystore(clients.certificateAndKeyPem(), "");
    }

    private static ManagedChannel channel(TlsSettings tls) throws IOException {
        TlsChannelCredentials.Builder credentials =
                TlsChannelCredentials.newBuilder().trustManager(tls.authorities());
        tls.keyManagers().ifPresent(keys -> credentials.keyManager(keys.getKeyManagers()));
        return channel(credentials.build());
    }

    private static ManagedChannel channel(ChannelCredentials credentials) {
        return Grpc.newChannelBuilder("localhost:" + service.service().grpcPort(), credentials)
                .build();
    }

    private static Status.Code status(ManagedChannel channel) {
        try {
            OrganizationServiceGrpc.newBlockingStub(withKey(channel, AccessUnderTest.OPERATOR))
                    .listOrganizations(ListOrganizationsRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static Status.Code statusOnce(TlsSettings tls) throws IOException {
        ManagedChannel channel = channel(tls);
        try {
            return status(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    /** The subject of the certificate that a new connection is shown. */
    private static String shown() throws Exception {
        for (SelfSignedCertificate authority : new SelfSignedCertificate[] {first, second}) {
            try (SSLSocket socket = socket(client(authority))) {
                socket.startHandshake();
                X509Certificate peer =
                        (X509Certificate) socket.getSession().getPeerCertificates()[0];
                return peer.getSubjectX500Principal().getName();
            } catch (IOException e) {
                // Then it is another's.
                continue;
            }
        }
        return "neither";
    }

    private static SSLSocket socket(TlsSettings tls) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        tls.context()
                                .getSocketFactory()
                                .createSocket("127.0.0.1", service.service().grpcPort());
        socket.setSoTimeout((int) SOON.toMillis());
        return socket;
    }

    @Test
    void grpcAndHttpAreSpokenWithTlsOnly() throws Exception {
        assertThat(statusOnce(client(first))).isEqualTo(Status.Code.OK);
        assertThat(status(service.channel())).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThatThrownBy(
                        () ->
                                HttpClient.newHttpClient()
                                        .send(
                                                request("http://localhost:%d/health"),
                                                HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    private static HttpClient browser() throws IOException {
        return HttpClient.newBuilder().sslContext(client(first).context()).build();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return browser()
                .send(request("https://localhost:%d" + path), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(String url) {
        return HttpRequest.newBuilder(URI.create(url.formatted(service.service().httpPort())))
                .timeout(SOON)
                .build();
    }

    @Test
    void oldVersionsOfTlsAreNotSpoken() throws Exception {
        try (SSLSocket socket = socket(client(first))) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
        }
        // RFC 4346: what a client says first that knows no more than TLS 1.1. Java's speaks none.
        byte[] hello = HexFormat.of().parseHex(TLS_1_1_HELLO);
        try (Socket socket = new Socket("127.0.0.1", service.service().grpcPort())) {
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getOutputStream().write(hello);
            byte[] answer = socket.getInputStream().readNBytes(7);
            assertThat(answer[0]).as("an alert").isEqualTo((byte) 21);
            assertThat(answer[6]).as("protocol_version").isEqualTo((byte) 70);
        }
    }

    @Test
    void aClientWithoutACertificateOfTheAuthoritiesIsRefused() throws Exception {
        assertThat(statusOnce(trusting(first))).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(statusOnce(trusting(first).withKeystore(second.certificateAndKeyPem(), "")))
                .isEqualTo(Status.Code.UNAVAILABLE);

        // Until it is one of the authorities'.
        replace(
                authorities,
                Files.readString(Path.of(clients.certificatePem()))
                        + Files.readString(Path.of(second.certificatePem())));
        await().atMost(SOON)
                .until(
                        () ->
                                statusOnce(
                                                trusting(first)
                                                        .withKeystore(
                                                                second.certificateAndKeyPem(), ""))
                                        == Status.Code.OK);
        replace(authorities, Files.readString(Path.of(clients.certificatePem())));
    }

    @Test
    void aReplacedCertificateIsShownToWhoComesNextAndEndsNoConnection() throws Exception {
        ManagedChannel before = channel(client(first));
        try {
            assertThat(status(before)).isEqualTo(Status.Code.OK);

            install(second);

            await().atMost(SOON).until(() -> shown().equals("CN=second"));
            assertThat(status(before)).isEqualTo(Status.Code.OK);
        } finally {
            before.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void thePagesCookieIsSentWithTlsOnly(HttpClient.Version version) throws Exception {
        HttpRequest signIn =
                HttpRequest.newBuilder(request("https://localhost:%d/session").uri())
                        .version(version)
                        .timeout(SOON)
                        .header("authorization", "Bearer " + AccessUnderTest.OPERATOR)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();

        HttpResponse<Void> answer = browser().send(signIn, HttpResponse.BodyHandlers.discarding());

        assertThat(answer.version()).isEqualTo(version);
        assertThat(answer.headers().allValues("set-cookie"))
                .singleElement(STRING)
                .contains("; Secure");
    }

    @Test
    void theMetricsSayUntilWhenTheCertificateIsValid() throws Exception {
        long until =
                trusting(first).authorities().getAcceptedIssuers()[0].getNotAfter().getTime()
                        / 1_000;

        assertThat(metric("ponix_tls_certificate_not_after_seconds")).isEqualTo(until);
        assertThat(get("/metrics").body()).doesNotContain("armeria_server_tls_certificate");
    }

    private static double metric(String name) throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @Test
    void brokenFilesChangeNothingUntilTheyAreMended() throws Exception {
        double failures = metric("ponix_tls_reload_failures_total");
        replace(certificate, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
        await().atMost(SOON).until(() -> metric("ponix_tls_reload_failures_total") == failures + 1);
        assertThat(shown()).isEqualTo("CN=first");
        Files.delete(key);
        await().atMost(SOON).until(() -> metric("ponix_tls_reload_failures_total") == failures + 2);
        assertThat(shown()).isEqualTo("CN=first");

        install(second);

        await().atMost(SOON).until(() -> shown().equals("CN=second"));
    }
}
