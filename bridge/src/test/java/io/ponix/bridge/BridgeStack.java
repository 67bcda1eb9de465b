package io.ponix.bridge;

import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.grpc.ManagedChannel;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.client.nats.NatsConnections;
import io.ponix.embedded.bridge.EmbeddedBridge;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Concurrently;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.Folders;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Real servers and the bridge's own process; the job's announcements are made by the test. Classes
 * that take it as a parameter of their first method share one per JVM, see {@link Shared}.
 */
public final class BridgeStack implements AutoCloseable {

    public static final String ORGANIZATION = "org-001";
    static final String RAW = "raw_envelopes";

    private static final String OPERATOR = "ponix_operator_" + "o".repeat(43);
    private static final String INTAKE = "ponix_bridge_" + "i".repeat(43);

    /** The bridge has a user that may do no more than docker/nats-users.conf permits. */
    private static final NatsProgramUsers USERS = NatsProgramUsers.ofTheCheckout();

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final Predicate<String> CONNECTED_GATEWAY =
            Pattern.compile("ponix_bridge_connected\\{.* 1\\.0").asMatchPredicate();

    final EmbeddedNats nats;
    final EmbeddedMqttBroker broker;
    final EmbeddedBridge bridge;
    public final EmbeddedPostgres postgres;
    public final EmbeddedDeviceService service;

    /** Of brokers; read by the bridge when it connects, and empty at first. */
    final Path credentials;

    private final Path home;
    private final SelfSignedCertificate certificate;
    private final List<EmbeddedBridge> others = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private Connection connection;
    private ManagedChannel channel;

    BridgeStack(Path home) {
        this.home = home;
        certificate = certificate(home);
        credentials = home.resolve("credentials.properties");
        nats = EmbeddedNats.builder().home(home).configuration(USERS.configuration()).build();
        postgres = EmbeddedPostgres.builder().home(home).build();
        // As large as any broker of theirs may take.
        broker = EmbeddedMqttBroker.builder().home(home).largestPacket(64 << 20).build();
        service =
                EmbeddedDeviceService.builder()
                        .home(home)
                        .environment(this::serviceEnvironment)
                        .build();
        bridge = EmbeddedBridge.builder().home(home).environment(this::environment).build();
    }

    private static SelfSignedCertificate certificate(Path folder) {
        try {
            return SelfSignedCertificate.create(folder, "device-service", "ip:127.0.0.1");
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** It asks for keys, so that the bridge does with its key what it has to do. */
    private Map<String, String> serviceEnvironment() {
        Map<String, String> environment = new HashMap<>(postgres.address().environment());
        environment.put("PONIX_AUTH", "required");
        environment.put("PONIX_FIRST_KEYS_FILE", firstKeys().toString());
        environment.put("PONIX_GRPC_TLS_CERTIFICATE_FILE", certificate.certificateAndKeyPem());
        return environment;
    }

    private Path firstKeys() {
        return home.resolve("first-keys");
    }

    /** A channel to the device service for who may do everything. */
    public ManagedChannel deviceService() {
        return DeviceServiceChannel.open(deviceServiceAddress(), key(OPERATOR));
    }

    /** Where the device service is, and how it is trusted. */
    public DeviceServiceAddress deviceServiceAddress() {
        return DeviceServiceAddress.parse(service.grpcAddress(), trust());
    }

    private Map<String, String> trust() {
        return Map.of("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", certificate.certificatePem());
    }

    private static Optional<ApiKey> key(String text) {
        return ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", text));
    }

    /** What the bridge shows the device service. */
    public static Optional<ApiKey> bridgeKey() {
        return key(INTAKE);
    }

    /** A setting of the bridges, from their next start on. */
    void set(String variable, String value) {
        settings.put(variable, value);
    }

    /** One beside the first, which is not started. */
    EmbeddedBridge anotherBridge(String id) {
        EmbeddedBridge another =
                EmbeddedBridge.builder()
                        .home(home.resolve(id))
                        .environment(
                                () -> {
                                    Map<String, String> environment = environment();
                                    environment.put("PONIX_BRIDGE_ID", id);
                                    return environment;
                                })
                        .build();
        others.add(another);
        return another;
    }

    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(nats.address().environment());
        environment.putAll(USERS.of("ponix-bridge").environment());
        environment.put("PONIX_DEVICE_SERVICE_ADDRESS", service.grpcAddress());
        environment.putAll(trust());
        environment.put("PONIX_API_KEY", INTAKE);
        environment.put("PONIX_BRIDGE_ID", "bridge-1");
        environment.put("PONIX_MQTT_CREDENTIALS_FILE", credentials.toString());
        environment.putAll(settings);
        return environment;
    }

    void start() throws IOException, JetStreamApiException {
        Files.writeString(credentials, "");
        Files.writeString(firstKeys(), "operator " + OPERATOR + "\nintake " + INTAKE + "\n");
        startServers();
        connection = connectAsOperator("test");
        addStream(RAW, RAW + ".*.*");
        addStream("gateways", "gateways.*");
        channel = deviceService();
        for (String organization : List.of(ORGANIZATION, "org-002")) {
            OrganizationServiceGrpc.newBlockingStub(channel)
                    .createOrganization(
                            CreateOrganizationRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setName(organization)
                                    .build());
        }
        bridge.start();
    }

    /** A connection of who may do everything in NATS. */
    Connection connectAsOperator(String name) throws IOException {
        return NatsConnections.open(USERS.of("ponix-operator").at(nats.url()), name);
    }

    private void startServers() {
        Concurrently.run(
                List.of(
                        nats::start,
                        broker::start,
                        () -> {
                            postgres.start();
                            service.start();
                        }));
    }

    /** Everything runs and there is no gateway, whatever was done to it before. */
    private void reset() throws Exception {
        Files.writeString(credentials, "");
        for (EmbeddedProcess process : List.of(nats, broker, postgres, service, bridge)) {
            if (process.isRunning()) {
                process.resume();
            }
        }
        startServers();
        bridge.start();
        List<Gateway> left =
                gateways()
                        .listGateways(
                                ListGatewaysRequest.newBuilder()
                                        .setOrganizationId(ORGANIZATION)
                                        .setPageSize(1_000)
                                        .build())
                        .getGatewaysList();
        for (Gateway gateway : left) {
            delete(gateway);
            announce("update", gateway.toBuilder().setDeletedAt(gateway.getCreatedAt()).build());
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> metrics(bridge).lines().noneMatch(CONNECTED_GATEWAY));
    }

    private void addStream(String name, String subjects) throws IOException, JetStreamApiException {
        management()
                .addStream(
                        StreamConfiguration.builder()
                                .name(name)
                                .subjects(subjects)
                                .storageType(StorageType.File)
                                .build());
    }

    JetStreamManagement management() throws IOException {
        return connection.jetStreamManagement();
    }

    GatewayServiceGrpc.GatewayServiceBlockingStub gateways() {
        // The service may have been started anew.
        return GatewayServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    EndDeviceServiceGrpc.EndDeviceServiceBlockingStub devices() {
        return EndDeviceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceBlockingStub definitions() {
        return EndDeviceDefinitionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** Creates a gateway and announces it, as the job does. */
    Gateway create(EMQXGatewayConfig.Builder config) throws IOException, JetStreamApiException {
        return create(CreateGatewayRequest.newBuilder().setEmqxConfig(config));
    }

    /** Creates a gateway of the organization and announces it, as the job does. */
    Gateway create(CreateGatewayRequest.Builder request) throws IOException, JetStreamApiException {
        Gateway gateway =
                gateways()
                        .createGateway(request.setOrganizationId(ORGANIZATION).build())
                        .getGateway();
        announce("create", gateway);
        return gateway;
    }

    void announce(String operation, Gateway gateway) throws IOException, JetStreamApiException {
        connection.jetStream().publish("gateways." + operation, gateway.toByteArray());
    }

    Gateway get(Gateway gateway) {
        return gateways()
                .getGateway(
                        GetGatewayRequest.newBuilder().setGatewayId(gateway.getGatewayId()).build())
                .getGateway();
    }

    EMQXGatewayConfig.Builder ownBroker() {
        return EMQXGatewayConfig.newBuilder().setBrokerUrl(broker.url());
    }

    void delete(Gateway gateway) {
        gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .build());
    }

    /** Deletes it and waits until the bridge has left the broker of the stack. */
    void deleteAndAwaitLeft(Gateway gateway) throws IOException {
        delete(gateway);
        awaitLeft(gateway);
    }

    /** Waits until the bridge has left the broker of the stack; its metric is gone before that. */
    void awaitLeft(Gateway gateway) throws IOException {
        for (String clientId : clientIds(gateway)) {
            atMost(20).until(() -> hasDisconnected(clientId));
        }
        atMost(20).until(() -> metric("ponix_bridge_connected", gateway) == 0);
    }

    /** Changes the config; nothing is announced. */
    Gateway change(Gateway gateway, EMQXGatewayConfig.Builder config) {
        return gateways()
                .updateGateway(
                        UpdateGatewayRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setEmqxConfig(config)
                                .build())
                .getGateway();
    }

    /** What the bridges called themselves at the broker for a gateway, in the order of time. */
    List<String> clientIds(Gateway gateway) throws IOException {
        return Pattern.compile(" as (ponix-" + gateway.getGatewayId() + "\\S*) ")
                .matcher(Files.readString(broker.logFile()))
                .results()
                .map(connection -> connection.group(1))
                .distinct()
                .toList();
    }

    boolean hasDisconnected(String clientId) throws IOException {
        return Files.readString(broker.logFile()).contains("Client " + clientId + " disconnected.");
    }

    /** Whether the broker keeps a session; the answer ends it. */
    boolean hasSession(String clientId) {
        Mqtt5AsyncClient client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier(clientId)
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildAsync();
        boolean has = client.connectWith().cleanStart(false).send().join().isSessionPresent();
        client.disconnect().join();
        return has;
    }

    /** A connected client of the broker. */
    Mqtt5AsyncClient client(String id) {
        Mqtt5AsyncClient client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier(id)
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildAsync();
        client.connect().join();
        return client;
    }

    /** Every envelope after a sequence of the stream, in its order. */
    List<RawEnvelope> envelopesAfter(long sequence) throws Exception {
        List<RawEnvelope> envelopes = new ArrayList<>();
        for (byte[] message : messages(RAW, sequence)) {
            envelopes.add(RawEnvelope.parseFrom(message));
        }
        return envelopes;
    }

    /** What was refused after a sequence of its stream, in its order. */
    List<RefusedUplink> refusedAfter(long sequence) throws Exception {
        List<RefusedUplink> refused = new ArrayList<>();
        for (byte[] message : messages("refused_uplinks", sequence)) {
            refused.add(RefusedUplink.parseFrom(message));
        }
        return refused;
    }

    private List<byte[]> messages(String stream, long after) throws Exception {
        List<byte[]> messages = new ArrayList<>();
        long count = lastSequence(stream) - after;
        if (count == 0) {
            return messages;
        }
        JetStreamSubscription subscription =
                connection
                        .jetStream()
                        .subscribe(
                                stream + ".>",
                                PushSubscribeOptions.builder().stream(stream)
                                        .ordered(true)
                                        .configuration(
                                                ConsumerConfiguration.builder()
                                                        .deliverPolicy(
                                                                DeliverPolicy.ByStartSequence)
                                                        .startSequence(after + 1)
                                                        .build())
                                        .build());
        while (messages.size() < count) {
            messages.add(subscription.nextMessage(Duration.ofSeconds(30)).getData());
        }
        subscription.unsubscribe();
        return messages;
    }

    long lastSequence(String stream) throws Exception {
        return management().getStreamInfo(stream).getStreamState().getLastSequence();
    }

    /** The value of a metric of a gateway; 0 where it has none. */
    double metric(String name, Gateway gateway) throws Exception {
        return metric(bridge, name, gateway);
    }

    static double metric(EmbeddedBridge bridge, String name, Gateway gateway) throws Exception {
        return metrics(bridge)
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> line.contains("\"" + gateway.getGatewayId() + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static String metrics(EmbeddedBridge bridge) throws Exception {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create(bridge.url() + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** A wait for what the servers do; ten times a second it is looked whether they have. */
    static ConditionFactory atMost(int seconds) {
        return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(100));
    }

    @Override
    public void close() {
        others.forEach(EmbeddedBridge::stop);
        bridge.stop();
        if (channel != null) {
            channel.shutdownNow();
        }
        if (connection != null) {
            try {
                connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        service.stop();
        Concurrently.run(List.of(broker::stop, postgres::stop, nats::stop));
    }

    /** The stack that classes share: each finds it running and without gateways. */
    public static final class Shared implements ParameterResolver {

        private static final Namespace NAMESPACE = Namespace.create(BridgeStack.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == BridgeStack.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            OfJvm ofJvm =
                    context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                            .getOrComputeIfAbsent(OfJvm.class, key -> new OfJvm(), OfJvm.class);
            try {
                ofJvm.stack.reset();
            } catch (Exception e) {
                throw new IllegalStateException("The stack that classes share is broken", e);
            }
            return ofJvm.stack;
        }

        /** Closed with the store, after the last class. */
        private static final class OfJvm implements AutoCloseable {

            private final Path home;
            private final BridgeStack stack;

            private OfJvm() {
                try {
                    home = Files.createTempDirectory("bridge-test");
                    stack = new BridgeStack(home);
                    stack.start();
                } catch (IOException | JetStreamApiException e) {
                    throw new IllegalStateException("The bridge's servers did not start", e);
                }
            }

            @Override
            public void close() throws IOException {
                stack.close();
                Folders.delete(home);
            }
        }
    }
}
