package io.ponix.embedded;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.bridge.EmbeddedBridge;
import io.ponix.embedded.clickhouse.ClickHouseProgramUsers;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.nats.NatsProgramUser;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.embedded.network.HomeCertificate;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Concurrently;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The whole stack in one home: NATS, Postgres, ClickHouse, Flink and, where they are asked for, the
 * device service, and an MQTT broker with a bridge, started and stopped at once. Each part stays
 * usable on its own: a test kills one with {@code stack.nats().kill()}. A server may be {@linkplain
 * Builder#elsewhere elsewhere}: the others use that one then, and nothing is started in its place.
 *
 * <p>A second instance with the same home, in this JVM or another, speaks of the same processes.
 */
public final class EmbeddedStack implements AutoCloseable {

    private static final List<String> TLS_OF_THE_SERVICE =
            List.of(
                    "PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE",
                    "PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE_PASSWORD",
                    "PONIX_DEVICE_SERVICE_TLS_KEYSTORE",
                    "PONIX_DEVICE_SERVICE_TLS_KEYSTORE_PASSWORD");

    /**
     * A part that has just been started by another command may take as long to answer: a JobManager
     * waits until the ZooKeeper session of a killed one before it has ended.
     */
    private static final Duration HANGING_AFTER = Duration.ofSeconds(30);

    private final ServerAddresses elsewhere;
    private final Optional<EmbeddedNats> nats;
    private final Optional<EmbeddedPostgres> postgres;
    private final Optional<EmbeddedClickHouse> clickHouse;
    private final EmbeddedFlinkCluster flink;
    private final Optional<EmbeddedDeviceService> deviceService;
    private final Optional<EmbeddedMqttBroker> broker;
    private final Optional<EmbeddedBridge> bridge;
    private final Consumer<PostgresSettings> migratePostgres;
    private final Consumer<ClickHouseSettings> migrateClickHouse;
    private final Optional<HomeCertificate> certificate;

    private EmbeddedStack(Builder builder) {
        this.certificate =
                builder.secured ? Optional.of(new HomeCertificate(builder.home)) : Optional.empty();
        certificate.ifPresent(shown -> secure(builder, shown));
        this.elsewhere = builder.elsewhere;
        this.nats = elsewhere.nats() == null ? Optional.of(builder.nats.build()) : Optional.empty();
        this.postgres =
                elsewhere.postgres() == null
                        ? Optional.of(builder.postgres.build())
                        : Optional.empty();
        this.clickHouse =
                elsewhere.clickHouse() == null
                        ? Optional.of(builder.clickHouse.build())
                        : Optional.empty();
        this.flink = builder.flink.build();
        this.deviceService =
                builder.withDeviceService
                        ? Optional.of(
                                builder.deviceService
                                        .environment(() -> serviceEnvironment(builder.settings))
                                        .build())
                        : Optional.empty();
        this.broker = builder.withBridge ? Optional.of(builder.broker.build()) : Optional.empty();
        this.bridge =
                builder.withBridge
                        ? Optional.of(
                                builder.bridge
                                        .environment(() -> bridgeEnvironment(builder.settings))
                                        .build())
                        : Optional.empty();
        this.migratePostgres = builder.migratePostgres;
        this.migrateClickHouse = builder.migrateClickHouse;
    }

    private static void secure(Builder builder, HomeCertificate certificate) {
        builder.nats.usersOfTheHome().tls(certificate.certificate(), certificate.key());
        builder.postgres.tls(certificate.certificate(), certificate.key());
        builder.clickHouse.usersOfTheHome().tls(certificate.certificateAndKey());
    }

    /** A builder; {@link Builder#home} is required. Ports are free ones unless set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Looks whether a start would find its ports free, so that a stack can be refused before any of
     * it is started.
     *
     * @throws EmbeddedProcessException if one is in use; the message says by whom
     */
    public void checkPorts() {
        processes().forEach(EmbeddedProcess::checkPort);
    }

    /**
     * Starts all parts at once, the device service when the servers serve; returns when all serve.
     * What runs already and answers is left alone; what does not answer for 30 s is started anew.
     *
     * @throws EmbeddedProcessException if a part cannot be started; the others keep running, {@link
     *     #stop} ends them
     */
    public void start() {
        certificate.ifPresent(HomeCertificate::ensure);
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            CompletableFuture<Void> servers =
                    CompletableFuture.allOf(
                            CompletableFuture.runAsync(this::startNats, executor),
                            CompletableFuture.runAsync(this::startPostgres, executor),
                            CompletableFuture.runAsync(this::startClickHouse, executor));
            CompletableFuture.allOf(
                            CompletableFuture.runAsync(this::startFlink, executor),
                            CompletableFuture.runAsync(
                                    () -> broker.ifPresent(EmbeddedStack::start), executor),
                            // It looks at their ports, which they may have taken only now.
                            servers.thenRunAsync(this::startPrograms, executor))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            executor.shutdownNow();
        }
    }

    private void startPrograms() {
        deviceService.ifPresent(EmbeddedStack::start);
        bridge.ifPresent(EmbeddedStack::start);
    }

    private void startNats() {
        nats.ifPresent(EmbeddedStack::start);
    }

    private void startPostgres() {
        postgres.ifPresent(EmbeddedStack::start);
        migratePostgres.accept(postgresAddress());
    }

    private void startClickHouse() {
        clickHouse.ifPresent(EmbeddedStack::start);
        migrateClickHouse.accept(clickHouseAddressOf(ClickHouseProgramUsers.MIGRATIONS));
    }

    private void startFlink() {
        if (flink.processes().stream().anyMatch(EmbeddedProcess::isRunning)) {
            // Each cannot answer without the one before it, and would be taken for hanging.
            start(flink.zooKeeper());
            start(flink.jobManager());
            flink.processes().forEach(process -> process.stopIfHanging(HANGING_AFTER));
        }
        flink.start();
    }

    private static void start(EmbeddedProcess process) {
        process.stopIfHanging(HANGING_AFTER);
        process.start();
    }

    /**
     * Stops all parts: the bridge, Flink and the device service first, so that they do not see
     * their servers go.
     */
    public void stop() {
        bridge.ifPresent(EmbeddedProcess::stop);
        List<Runnable> clients = new ArrayList<>(List.of(flink::stop));
        broker.ifPresent(each -> clients.add(each::stop));
        deviceService.ifPresent(service -> clients.add(service::stop));
        Concurrently.run(clients);
        Concurrently.run(servers().<Runnable>map(server -> server::stop).toList());
    }

    /** The same as {@link #stop}. */
    @Override
    public void close() {
        stop();
    }

    /**
     * NATS with JetStream.
     *
     * @throws IllegalStateException where it is elsewhere
     */
    public EmbeddedNats nats() {
        return ours(nats, "NATS");
    }

    /**
     * Postgres.
     *
     * @throws IllegalStateException where it is elsewhere
     */
    public EmbeddedPostgres postgres() {
        return ours(postgres, "Postgres");
    }

    /**
     * ClickHouse.
     *
     * @throws IllegalStateException where it is elsewhere
     */
    public EmbeddedClickHouse clickHouse() {
        return ours(clickHouse, "ClickHouse");
    }

    /** Flink. */
    public EmbeddedFlinkCluster flink() {
        return flink;
    }

    /**
     * The device service.
     *
     * @throws IllegalStateException in a stack without one
     */
    public EmbeddedDeviceService deviceService() {
        return ours(deviceService, "The device service");
    }

    /**
     * The MQTT broker.
     *
     * @throws IllegalStateException in a stack without one
     */
    public EmbeddedMqttBroker broker() {
        return ours(broker, "The MQTT broker");
    }

    /**
     * The bridge.
     *
     * @throws IllegalStateException in a stack without one
     */
    public EmbeddedBridge bridge() {
        return ours(bridge, "The bridge");
    }

    private static <T> T ours(Optional<T> part, String title) {
        return part.orElseThrow(
                () -> new IllegalStateException(title + " is no part of this stack"));
    }

    /**
     * Where the servers answer, this stack's and those elsewhere. Those of this stack have a port
     * once they were started.
     */
    public ServerAddresses addresses() {
        return new ServerAddresses(
                nats.map(EmbeddedNats::address).orElse(elsewhere.nats()),
                postgresAddress(),
                clickHouseAddress());
    }

    private PostgresSettings postgresAddress() {
        return postgres.map(EmbeddedPostgres::address).orElse(elsewhere.postgres());
    }

    private ClickHouseSettings clickHouseAddress() {
        return clickHouse.map(this::trusted).orElse(elsewhere.clickHouse());
    }

    /** As whom a program is known where this stack's server knows each. */
    private ClickHouseSettings clickHouseAddressOf(String user) {
        return clickHouseWithUsers()
                .map(server -> clickHouseAddress().as(user, server.address(user).password()))
                .orElseGet(this::clickHouseAddress);
    }

    private Optional<EmbeddedClickHouse> clickHouseWithUsers() {
        return certificate.flatMap(secured -> clickHouse);
    }

    private ClickHouseSettings trusted(EmbeddedClickHouse server) {
        return certificate
                .map(shown -> server.address().trusting(trust(shown)))
                .orElseGet(server::address);
    }

    private static TlsSettings trust(HomeCertificate certificate) {
        return TlsSettings.DEFAULT.withTruststore(certificate.certificate().toString(), "");
    }

    /**
     * What jobs are told beside {@link #addresses}: as whom they are known to this stack's NATS and
     * ClickHouse, once those were started. Nothing unless it is {@linkplain Builder#secured
     * secured}.
     */
    public Map<String, String> environmentOfJobs() {
        Map<String, String> environment = new HashMap<>();
        natsUser(NatsProgramUsers.JOB).ifPresent(user -> environment.putAll(user.environment()));
        clickHouseWithUsers()
                .ifPresent(
                        server ->
                                environment.putAll(server.environment(ClickHouseProgramUsers.JOB)));
        return environment;
    }

    /** What the programs of the stack show, where it is {@linkplain Builder#secured secured}. */
    public Optional<HomeCertificate> certificate() {
        return certificate;
    }

    private Optional<NatsProgramUser> natsUser(String name) {
        return certificate.flatMap(secured -> nats).map(server -> server.user(name));
    }

    private NatsSettings natsAddress(String user) {
        return natsUser(user)
                .map(known -> nats().address(known))
                .orElseGet(() -> addresses().nats());
    }

    /** Every process of the stack, running or not. */
    public List<EmbeddedProcess> processes() {
        List<EmbeddedProcess> processes = new ArrayList<>(servers().toList());
        processes.addAll(flink.processes());
        deviceService.ifPresent(processes::add);
        broker.ifPresent(processes::add);
        bridge.ifPresent(processes::add);
        return processes;
    }

    /** A process of the stack by its {@linkplain EmbeddedProcess#name name}. */
    public Optional<EmbeddedProcess> process(String name) {
        return processes().stream().filter(process -> process.name().equals(name)).findFirst();
    }

    private Stream<EmbeddedProcess> servers() {
        return Stream.of(nats, postgres, clickHouse).<EmbeddedProcess>flatMap(Optional::stream);
    }

    private Map<String, String> bridgeEnvironment(Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>(settings);
        environment.putAll(natsAddress(NatsProgramUsers.BRIDGE).environment());
        String address = deviceService().grpcAddress();
        environment.put("PONIX_DEVICE_SERVICE_ADDRESS", address);
        if (certificate.isPresent() || !address.startsWith("https://")) {
            // Those that this process has are for another service.
            TLS_OF_THE_SERVICE.forEach(variable -> environment.put(variable, ""));
        }
        certificate.ifPresent(
                shown -> {
                    environment.put(
                            "PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", shown.certificate().toString());
                    environment.put(
                            "PONIX_BRIDGE_TLS_KEYSTORE", shown.certificateAndKey().toString());
                    environment.put("PONIX_BRIDGE_TLS_KEYSTORE_PASSWORD", "");
                });
        return environment;
    }

    private Map<String, String> serviceEnvironment(Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>(settings);
        environment.putAll(addresses().environment());
        environment.putAll(natsAddress(NatsProgramUsers.SERVICE).environment());
        environment.putAll(clickHouseAddressOf(ClickHouseProgramUsers.SERVICE).environment());
        certificate.ifPresent(
                shown -> {
                    environment.put("PONIX_AUTH", "required");
                    environment.put(
                            "PONIX_GRPC_TLS_CERTIFICATE_FILE",
                            shown.certificateAndKey().toString());
                    environment.put("PONIX_GRPC_TLS_KEY_FILE", "");
                    // The bridge has no certificate to show.
                    environment.put("PONIX_GRPC_TLS_CLIENT_CA_FILE", "");
                });
        return environment;
    }

    /**
     * Builds an {@link EmbeddedStack}. What is special to one part is set on that part's builder.
     */
    public static final class Builder {

        private final EmbeddedNats.Builder nats = EmbeddedNats.builder();
        private final EmbeddedPostgres.Builder postgres = EmbeddedPostgres.builder();
        private final EmbeddedClickHouse.Builder clickHouse = EmbeddedClickHouse.builder();
        private final EmbeddedFlinkCluster.Builder flink = EmbeddedFlinkCluster.builder();
        private final EmbeddedDeviceService.Builder deviceService = EmbeddedDeviceService.builder();
        private ServerAddresses elsewhere = new ServerAddresses(null, null, null);
        private final EmbeddedMqttBroker.Builder broker = EmbeddedMqttBroker.builder();
        private final EmbeddedBridge.Builder bridge = EmbeddedBridge.builder();
        private boolean withDeviceService;
        private boolean withBridge;
        private Map<String, String> settings = Map.of();
        private Path home;
        private boolean secured;
        private Consumer<PostgresSettings> migratePostgres = address -> {};
        private Consumer<ClickHouseSettings> migrateClickHouse = address -> {};

        private Builder() {}

        /** Required: the folder below which every part keeps data, logs and pid files. */
        public Builder home(Path folder) {
            this.home = folder;
            parts().forEach(part -> part.home(folder));
            return this;
        }

        /**
         * Has everything but Flink, its ZooKeeper and the MQTT broker speak TLS only, with a
         * {@linkplain HomeCertificate certificate of the home}; NATS and ClickHouse know each
         * program as a user of its own ({@link NatsProgramUsers}, {@link ClickHouseProgramUsers});
         * and the device service ask for keys. By default they do not.
         */
        public Builder secured() {
            this.secured = true;
            return this;
        }

        /** Whether the processes outlive this JVM. Default: false. */
        public Builder detached(boolean outlivesThisJvm) {
            parts().forEach(part -> part.detached(outlivesThisJvm));
            return this;
        }

        /** Is told what happens, one line at a time; by several threads, one at a time. */
        public Builder progress(Consumer<String> listener) {
            Consumer<String> oneAtATime =
                    message -> {
                        synchronized (listener) {
                            listener.accept(message);
                        }
                    };
            parts().forEach(part -> part.progress(oneAtATime));
            return this;
        }

        /** How long the start of each part may take; default 90 s. */
        public Builder startTimeout(Duration timeout) {
            parts().forEach(part -> part.startTimeout(timeout));
            return this;
        }

        /**
         * Servers to use in place of the stack's own, which are not started then. Default: none.
         *
         * @param servers null for each that is to be started here
         */
        public Builder elsewhere(ServerAddresses servers) {
            this.elsewhere = servers;
            return this;
        }

        /**
         * What is done at every start as soon as Postgres serves, wherever it is, and before the
         * device service is started. Default: nothing.
         */
        public Builder migratePostgres(Consumer<PostgresSettings> migrations) {
            this.migratePostgres = migrations;
            return this;
        }

        /**
         * What is done at every start as soon as ClickHouse serves, wherever it is. Default:
         * nothing.
         */
        public Builder migrateClickHouse(Consumer<ClickHouseSettings> migrations) {
            this.migrateClickHouse = migrations;
            return this;
        }

        /**
         * Adds the device service, which is told where the servers are. Default: none.
         *
         * @param settings other PONIX_* settings of it
         * @return its builder: ports
         */
        public EmbeddedDeviceService.Builder withDeviceService(Map<String, String> settings) {
            this.withDeviceService = true;
            this.settings = Map.copyOf(settings);
            return deviceService;
        }

        /**
         * Adds an MQTT broker, and a bridge, which is told where NATS and the device service are.
         * Default: neither.
         *
         * @return the bridge's builder: port
         */
        public EmbeddedBridge.Builder withBridge() {
            this.withBridge = true;
            return bridge;
        }

        /** The builder of the MQTT broker, which is started beside a bridge: port. */
        public EmbeddedMqttBroker.Builder broker() {
            return broker;
        }

        /** The builder of NATS: port, partitions. */
        public EmbeddedNats.Builder nats() {
            return nats;
        }

        /** The builder of Postgres: port, credentials. */
        public EmbeddedPostgres.Builder postgres() {
            return postgres;
        }

        /** The builder of ClickHouse: port, credentials. */
        public EmbeddedClickHouse.Builder clickHouse() {
            return clickHouse;
        }

        /** The builder of the Flink cluster: port, TaskManagers, slots, memory. */
        public EmbeddedFlinkCluster.Builder flink() {
            return flink;
        }

        /** Builds the stack without starting it. */
        public EmbeddedStack build() {
            return new EmbeddedStack(this);
        }

        private Stream<EmbeddedProcessBuilder<?>> parts() {
            return Stream.of(nats, postgres, clickHouse, flink, deviceService, broker, bridge);
        }
    }
}
