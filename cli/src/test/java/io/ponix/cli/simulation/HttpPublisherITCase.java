package io.ponix.cli.simulation;

import static io.ponix.cli.simulation.TestReadings.ORGANIZATION;
import static io.ponix.cli.simulation.TestReadings.publish;
import static io.ponix.cli.simulation.TestReadings.reading;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.bridge.EmbeddedBridge;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Concurrently;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bridge that answers once JetStream has stored what was posted. */
// try: the warning is about InterruptedException from close(), which ends the test.
@SuppressWarnings("try")
class HttpPublisherITCase {

    private static final String RAW = "raw_envelopes";
    private static final int BEFORE_THE_KILL = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** As many bodies of the largest size the bridge takes from one gateway: half of its room. */
    private static final int LARGEST_BODIES = 8;

    private static final int LARGEST_BODY = 1 << 20;

    @TempDir private static Path home;

    private static EmbeddedNats nats;
    private static EmbeddedPostgres postgres;
    private static EmbeddedDeviceService service;
    private static EmbeddedBridge bridge;
    private static Connection connection;
    private static String uplinks;
    private static String key;

    @BeforeAll
    static void start() throws Exception {
        nats = EmbeddedNats.builder().home(home).build();
        postgres = EmbeddedPostgres.builder().home(home).build();
        service =
                EmbeddedDeviceService.builder()
                        .home(home)
                        .environment(() -> postgres.address().environment())
                        .build();
        bridge =
                EmbeddedBridge.builder()
                        .home(home)
                        .environment(HttpPublisherITCase::environment)
                        .build();
        Concurrently.run(
                List.of(
                        nats::start,
                        () -> {
                            postgres.start();
                            service.start();
                        }));
        connection = NatsConnection.open(nats.address(), "test");
        connection
                .jetStreamManagement()
                .addStream(
                        StreamConfiguration.builder()
                                .name(RAW)
                                .subjects(RAW + ".*", RAW + ".*.*")
                                .storageType(StorageType.File)
                                .build());
        bridge.start();
        try (DeviceRegistry registry =
                new DeviceRegistry(
                        DeviceServiceChannel.open(
                                DeviceServiceAddress.parse(service.grpcAddress(), Map.of()),
                                Optional.empty()))) {
            registry.ensureOrganization(ORGANIZATION, ORGANIZATION);
            Gateway gateway = registry.ensureGateway(ORGANIZATION, "posts", "mqtt://127.0.0.1:1");
            key = registry.ensureKey(gateway, "test", Optional.empty());
            uplinks = bridge.url() + "/v1/gateways/" + gateway.getGatewayId() + "/uplinks";
        }
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(nats.address().environment());
        environment.put("PONIX_DEVICE_SERVICE_ADDRESS", service.grpcAddress());
        return environment;
    }

    @AfterAll
    static void stop() throws Exception {
        bridge.stop();
        service.stop();
        connection.close();
        Concurrently.run(List.of(postgres::stop, nats::stop));
    }

    @Test
    void whatAKilledBridgeDidNotAnswerIsPostedAgainAndStoredOnce() throws Exception {
        List<Long> acknowledged = Collections.synchronizedList(new ArrayList<>());
        long before = stored();
        try (HttpPublisher publisher =
                new HttpPublisher(
                        uplinks, TlsSettings.DEFAULT, key, 1, acknowledged::add, PATIENCE)) {
            AtomicBoolean restarted = new AtomicBoolean();
            CompletableFuture<Integer> publishing =
                    CompletableFuture.supplyAsync(() -> publish(publisher, restarted));
            soon().until(() -> acknowledged.size() > BEFORE_THE_KILL || publishing.isDone());
            bridge.kill();
            bridge.start();
            // Then NATS, of which the bridge says 503.
            int afterTheBridge = acknowledged.size();
            soon().until(
                            () ->
                                    acknowledged.size() > afterTheBridge + BEFORE_THE_KILL
                                            || publishing.isDone());
            nats.kill();
            soon().until(() -> answered(503) > 0 || publishing.isDone());
            nats.start();
            restarted.set(true);
            int published = publishing.join();

            assertThat(acknowledged).hasSize(published).doesNotHaveDuplicates();
            assertThat(stored() - before).isEqualTo(published);
        }
    }

    @Test
    void severalReadingsOfARequestAreAcknowledgedEach() throws Exception {
        List<Long> acknowledged = new ArrayList<>();
        long before = stored();
        try (HttpPublisher publisher =
                new HttpPublisher(
                        uplinks, TlsSettings.DEFAULT, key, 100, acknowledged::add, PATIENCE)) {
            for (int reading = 0; reading < 250; reading++) {
                publisher.publish(reading("reading " + reading));
            }
            publisher.flush();
        }

        assertThat(acknowledged).hasSize(250).doesNotHaveDuplicates();
        assertThat(stored() - before).isEqualTo(250);
    }

    @Test
    void whatIsTooMuchIsPostedAgainAndNotBeforeTheBridgeSays() throws Exception {
        List<Long> acknowledged = new ArrayList<>();
        List<Socket> slow = new ArrayList<>();
        try (HttpPublisher publisher =
                new HttpPublisher(
                        uplinks, TlsSettings.DEFAULT, key, 1, acknowledged::add, PATIENCE)) {
            publisher.publish(reading("before"));
            publisher.flush();
            double refusedBefore = answered(429);
            // All that fit, and one more, which is told so once its body has not come for 2 s: when
            // that is refused, the others are under way, and nothing else is refused any more.
            for (int sender = 0; sender <= LARGEST_BODIES; sender++) {
                slow.add(beginLargeRequest());
            }
            soon().until(() -> answered(429) == refusedBefore + 1);
            long started = System.nanoTime();
            publisher.publish(reading("meanwhile"));
            CompletableFuture<Void> flushed = CompletableFuture.runAsync(publisher::flush);
            soon().until(() -> answered(429) >= refusedBefore + 4);

            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isGreaterThan(Duration.ofSeconds(2));
            assertThat(flushed).isNotDone();
            for (Socket sender : slow) {
                sender.close();
            }
            slow.clear();
            flushed.join();
            assertThat(acknowledged).hasSize(2);
        } finally {
            for (Socket sender : slow) {
                sender.close();
            }
        }
    }

    @Test
    void aKeyThatIsNoneIsSaidToBe() {
        try (HttpPublisher publisher =
                new HttpPublisher(
                        uplinks, TlsSettings.DEFAULT, "guess", 1, sequence -> {}, PATIENCE)) {
            publisher.publish(reading("1"));

            assertThatThrownBy(publisher::flush)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("401 no key of this gateway")
                    .hasMessageNotContaining("guess");
        }
    }

    @Test
    void whatTheBridgeWillNeverTakeEndsItAtOnce() {
        try (HttpPublisher publisher =
                new HttpPublisher(uplinks, TlsSettings.DEFAULT, key, 1, sequence -> {}, PATIENCE)) {
            publisher.publish(reading("1").toBuilder().setOrganizationId("org-002").build());

            assertThatThrownBy(publisher::flush)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("400 organization_id names another organization");
        }
    }

    @Test
    void aBridgeThatIsNotThereIsNamed() {
        assertThatThrownBy(
                        () ->
                                new HttpPublisher(
                                        "http://127.0.0.1:1/v1/gateways/g/uplinks",
                                        TlsSettings.DEFAULT,
                                        "key",
                                        1,
                                        sequence -> {},
                                        PATIENCE))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("the bridge at 127.0.0.1:1 does not answer");
    }

    /** One whose body does not come. */
    private static Socket beginLargeRequest() throws IOException {
        URI url = URI.create(uplinks);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort());
        socket.getOutputStream()
                .write(
                        ("POST %s HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\nContent-Length: %d\r\n\r\n{"
                                        .formatted(url.getPath(), key, LARGEST_BODY))
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** How many requests were answered so; 0 while the bridge does not tell. */
    private static double answered(int status) throws InterruptedException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(bridge.url() + "/metrics")).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("ponix_bridge_http_requests_total{"))
                    .filter(line -> line.contains("status=\"" + status + "\""))
                    .mapToDouble(
                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long stored() throws Exception {
        return connection.jetStreamManagement().getStreamInfo(RAW).getStreamState().getMsgCount();
    }

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }
}
