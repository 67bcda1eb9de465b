package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static io.ponix.bridge.HttpAnswers.assertStored;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS to brokers, and of senders by HTTP: who is not trusted gets nothing, and is named. */
class TlsITCase {

    private static final String USER = "north-user";
    private static final String PASSWORD = "hush-hush";

    @TempDir private static Path home;

    private static BridgeStack stack;
    private static SelfSignedCertificate server;
    private static SelfSignedCertificate elsewhere;
    private static SelfSignedCertificate client;
    private static SelfSignedCertificate stranger;

    @BeforeAll
    static void start() throws Exception {
        server = SelfSignedCertificate.create(home, "server", "ip:127.0.0.1");
        elsewhere = SelfSignedCertificate.create(home, "elsewhere", "dns:broker.example.com");
        client = SelfSignedCertificate.create(home, "client", "dns:bridge.example.com");
        stranger = SelfSignedCertificate.create(home, "stranger", "ip:127.0.0.1");
        stack = new BridgeStack(home);
        stack.set("PONIX_BRIDGE_TLS_KEYSTORE", server.certificateAndKeyPem());
        stack.start();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    /** Leads to a broker, and keeps what comes from the bridge. */
    private static final class Wiretap implements AutoCloseable {

        private final ServerSocket front =
                new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int broker;
        private final List<ByteArrayOutputStream> heard = new ArrayList<>();

        Wiretap(int broker) throws IOException {
            this.broker = broker;
            run(this::accept);
        }

        String url() {
            return "mqtts://127.0.0.1:" + front.getLocalPort();
        }

        private void accept() throws IOException {
            while (true) {
                Socket bridge = front.accept();
                Socket behind = new Socket("127.0.0.1", broker);
                ByteArrayOutputStream copy = new ByteArrayOutputStream();
                synchronized (heard) {
                    heard.add(copy);
                }
                run(() -> pass(bridge, behind, copy));
                run(() -> pass(behind, bridge, OutputStream.nullOutputStream()));
            }
        }

        private static void pass(Socket from, Socket to, OutputStream copy) throws IOException {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                byte[] bytes = new byte[8_192];
                for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                    synchronized (copy) {
                        copy.write(bytes, 0, count);
                    }
                    to.getOutputStream().write(bytes, 0, count);
                }
            }
        }

        private interface Task {
            void run() throws IOException;
        }

        private static void run(Task task) {
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    task.run();
                                } catch (IOException e) {
                                    // An end of the connection, or of the test.
                                }
                            },
                            "wiretap");
            thread.setDaemon(true);
            thread.start();
        }

        void assertThatAllOfItIsTls() {
            List<String> connections = new ArrayList<>();
            synchronized (heard) {
                for (ByteArrayOutputStream connection : heard) {
                    synchronized (connection) {
                        connections.add(connection.toString(ISO_8859_1));
                    }
                }
            }
            assertThat(connections).anyMatch(bytes -> !bytes.isEmpty());
            for (String bytes : connections) {
                // A record of a handshake, by TLS 1.0 to 1.3.
                assertThat(bytes)
                        .matches(each -> each.isEmpty() || each.startsWith("\u0016\u0003"));
                assertThat(bytes).doesNotContain("MQTT", USER, PASSWORD, "org-001", "23.5");
            }
        }

        @Override
        public void close() throws IOException {
            front.close();
        }
    }

    private static EmbeddedMqttBroker broker(
            String name, SelfSignedCertificate certificate, String configuration) {
        EmbeddedMqttBroker broker =
                EmbeddedMqttBroker.builder()
                        .home(home.resolve(name))
                        .user(USER, PASSWORD)
                        .certificate(certificate.certificatePem(), certificate.keyPem())
                        .configuration(configuration)
                        .build();
        broker.start();
        return broker;
    }

    private static void credential(
            String name, Wiretap broker, SelfSignedCertificate trusted, SelfSignedCertificate shown)
            throws IOException {
        StringBuilder lines = new StringBuilder(Files.readString(stack.credentials));
        lines.append(name).append(".broker_url=").append(broker.url()).append('\n');
        lines.append(name).append(".organizations=*\n");
        lines.append(name).append(".username=").append(USER).append('\n');
        lines.append(name).append(".password=").append(PASSWORD).append('\n');
        lines.append(name).append(".truststore=").append(trusted.certificatePem()).append('\n');
        if (shown != null) {
            lines.append(name).append(".keystore=").append(shown.certificateAndKeyPem());
            lines.append('\n');
        }
        Files.writeString(stack.credentials, lines);
    }

    private static Gateway gateway(String credential, Wiretap broker, MqttVersion version)
            throws Exception {
        return stack.create(
                EMQXGatewayConfig.newBuilder()
                        .setBrokerUrl(broker.url())
                        .setCredential(credential)
                        .setMqttVersion(version));
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_VERSION_5", "MQTT_VERSION_3_1_1"})
    void aBrokerThatIsNotTheOneMeantIsNamedAndHearsNothing(MqttVersion version) throws Exception {
        try (EmbeddedMqttBroker right = broker("right-" + version, server, "");
                EmbeddedMqttBroker other = broker("other-" + version, elsewhere, "");
                EmbeddedMqttBroker plain =
                        EmbeddedMqttBroker.builder()
                                .home(home.resolve("plain-" + version))
                                .build();
                Wiretap toRight = new Wiretap(right.port());
                Wiretap toOther = new Wiretap(other.port())) {
            plain.start();
            try (Wiretap toPlain = new Wiretap(plain.port())) {
                credential("authority-" + version, toRight, stranger, null);
                credential("name-" + version, toOther, elsewhere, null);
                credential("plain-" + version, toPlain, server, null);

                Gateway authority = gateway("authority-" + version, toRight, version);
                Gateway name = gateway("name-" + version, toOther, version);
                Gateway withoutTls = gateway("plain-" + version, toPlain, version);

                awaitError(authority, "TLS with 127.0.0.1", "unable to find valid certification");
                awaitError(name, "TLS with 127.0.0.1", "No subject alternative names");
                awaitError(withoutTls, "127.0.0.1", "does it speak TLS on this port?");
                toRight.assertThatAllOfItIsTls();
                toOther.assertThatAllOfItIsTls();
                toPlain.assertThatAllOfItIsTls();
                List.of(authority, name, withoutTls).forEach(stack::delete);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_VERSION_5", "MQTT_VERSION_3_1_1"})
    void aBrokerThatDemandsACertificateGetsTheCredentials(MqttVersion version) throws Exception {
        String demand = "require_certificate true\ncafile " + client.certificatePem();
        try (EmbeddedMqttBroker demanding = broker("demanding-" + version, server, demand);
                Wiretap tap = new Wiretap(demanding.port())) {
            credential("without-" + version, tap, server, null);
            credential("stranger-" + version, tap, server, stranger);
            credential("given-" + version, tap, server, client);

            Gateway without = gateway("without-" + version, tap, version);
            Gateway unknown = gateway("stranger-" + version, tap, version);
            Gateway given = gateway("given-" + version, tap, version);

            awaitError(without, "wants a certificate", "keystore");
            awaitError(unknown, "wants a certificate", "keystore");
            awaitSubscribed(given);
            long before = stack.lastSequence(BridgeStack.RAW);
            publish(demanding, "org-001/tls-" + version, "23.5");
            atMost(30).until(() -> stack.lastSequence(BridgeStack.RAW) == before + 1);
            assertThat(stack.envelopesAfter(before).get(0).getPayload().toStringUtf8())
                    .isEqualTo("23.5");
            tap.assertThatAllOfItIsTls();
            List.of(without, unknown, given).forEach(stack::delete);
        }
    }

    private static void publish(EmbeddedMqttBroker broker, String topic, String text)
            throws Exception {
        TlsSettings tls =
                TlsSettings.DEFAULT
                        .withTruststore(server.certificatePem(), "")
                        .withKeystore(client.certificateAndKeyPem(), "");
        Mqtt5BlockingClient publisher =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier("publisher")
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .sslConfig(
                                MqttClientSslConfig.builder()
                                        .trustManagerFactory(tls.trustManagers())
                                        .keyManagerFactory(tls.keyManagers().orElseThrow())
                                        .build())
                        .simpleAuth()
                        .username(USER)
                        .password(PASSWORD.getBytes(UTF_8))
                        .applySimpleAuth()
                        .buildBlocking();
        publisher.connect();
        publisher
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(text.getBytes(UTF_8))
                .send();
        publisher.disconnect();
    }

    @Test
    void uplinksArePostedByHttpsAndByNothingElse() throws Exception {
        assertThat(stack.bridge.url()).startsWith("https://");
        HttpSender sender =
                HttpSender.of(
                        stack,
                        HttpClient.newBuilder()
                                .sslContext(
                                        TlsSettings.DEFAULT
                                                .withTruststore(server.certificatePem(), "")
                                                .context())
                                .build());
        HttpRequest.Builder request =
                sender.request("/devices/d", "application/octet-stream", "23.5".getBytes(UTF_8));
        long before = stack.lastSequence(BridgeStack.RAW);

        assertStored(sender.send(request), 0, before + 1);
        assertThat(sender.metrics()).isNotEmpty();

        assertThatThrownBy(
                        () ->
                                HttpClient.newHttpClient()
                                        .send(request.build(), BodyHandlers.ofString()))
                .isInstanceOf(SSLHandshakeException.class);
        // Another uplink, so that it would be stored.
        String inClear = request.build().uri().toString().replace("https:", "http:") + "?f_port=7";
        assertThatThrownBy(
                        () ->
                                HttpClient.newHttpClient()
                                        .send(
                                                request.uri(URI.create(inClear)).build(),
                                                BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 1);
    }

    /** Its status says so also while it was never tried. */
    private static void awaitSubscribed(Gateway gateway) {
        String subscribed =
                "Gateway %s of %s: subscribed"
                        .formatted(gateway.getGatewayId(), gateway.getOrganizationId());
        atMost(30).until(() -> Files.readString(stack.bridge.logFile()).contains(subscribed));
        assertThat(stack.get(gateway).getStatus()).isEqualTo(GatewayStatus.GATEWAY_STATUS_ACTIVE);
    }

    private static void awaitError(Gateway gateway, String... parts) {
        atMost(30)
                .untilAsserted(
                        () -> {
                            Gateway now = stack.get(gateway);
                            assertThat(now.getStatus())
                                    .isEqualTo(GatewayStatus.GATEWAY_STATUS_ERROR);
                            assertThat(now.getStatusReason())
                                    .contains(parts)
                                    .doesNotContain(PASSWORD);
                        });
    }
}
