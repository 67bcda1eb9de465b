package io.ponix.bridge;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsConnections;
import io.ponix.embedded.bridge.EmbeddedBridge;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Concurrently;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Real servers and the bridge's own process; the job's announcements are made by the test. */
final class BridgeStack implements AutoCloseable {

    static final String ORGANIZATION = "org-001";
    static final String RAW = "raw_envelopes";

    final EmbeddedNats nats;
    final EmbeddedMqttBroker broker;
    final EmbeddedBridge bridge;
    final EmbeddedPostgres postgres;
    final EmbeddedDeviceService service;
    private final Path home;
    private final List<EmbeddedBridge> others = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private Connection connection;
    private ManagedChannel channel;

    BridgeStack(Path home, Map<String, String> bridgeSettings) {
        this.home = home;
        nats = EmbeddedNats.builder().home(home).build();
        postgres = EmbeddedPostgres.builder().home(home).build();
        broker = EmbeddedMqttBroker.builder().home(home).build();
        service =
                EmbeddedDeviceService.builder()
                        .home(home)
                        .environment(() -> postgres.address().environment())
                        .build();
        settings.putAll(bridgeSettings);
        bridge = EmbeddedBridge.builder().home(home).environment(this::environment).build();
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
        environment.put("PONIX_DEVICE_SERVICE_ADDRESS", service.grpcAddress());
        environment.put("PONIX_BRIDGE_ID", "bridge-1");
        environment.putAll(settings);
        return environment;
    }

    void start() throws IOException, JetStreamApiException {
        Concurrently.run(
                List.of(
                        nats::start,
                        broker::start,
                        () -> {
                            postgres.start();
                            service.start();
                        }));
        connection = NatsConnections.open(nats.address(), "test");
        addStream(RAW, RAW + ".*.*");
        addStream("gateways", "gateways.*");
        channel = ManagedChannelBuilder.forTarget(service.grpcAddress()).usePlaintext().build();
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
        return GatewayServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
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

    /** Every envelope of the stream, in its order. */
    List<RawEnvelope> envelopes() throws Exception {
        List<RawEnvelope> envelopes = new ArrayList<>();
        for (byte[] message : messages(RAW)) {
            envelopes.add(RawEnvelope.parseFrom(message));
        }
        return envelopes;
    }

    List<RefusedUplink> refused() throws Exception {
        List<RefusedUplink> refused = new ArrayList<>();
        for (byte[] message : messages("refused_uplinks")) {
            refused.add(RefusedUplink.parseFrom(message));
        }
        return refused;
    }

    private List<byte[]> messages(String stream) throws Exception {
        List<byte[]> messages = new ArrayList<>();
        long last = lastSequence(stream);
        if (last == 0) {
            return messages;
        }
        JetStreamSubscription subscription =
                connection
                        .jetStream()
                        .subscribe(
                                stream + ".>",
                                PushSubscribeOptions.builder().stream(stream)
                                        .ordered(true)
                                        .build());
        while (messages.size() < last) {
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
        String text =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(bridge.url() + "/metrics"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return text.lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> line.contains("\"" + gateway.getGatewayId() + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
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
}
