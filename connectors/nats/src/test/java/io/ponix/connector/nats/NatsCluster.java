package io.ponix.connector.nats;

import static org.awaitility.Awaitility.await;

import io.nats.client.api.Replica;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.nats.EmbeddedNats;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Three NATS servers that keep every stream three times; other ones for each test: a test may leave
 * them with histories that they cannot agree on.
 */
public final class NatsCluster implements BeforeEachCallback, AfterEachCallback {

    private static final int SERVERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<EmbeddedNats> servers = new ArrayList<>();
    private Path home;
    private JetStreamAdmin admin;

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        home = Files.createTempDirectory("nats-cluster");
        List<Integer> ports = freePorts(SERVERS);
        String routes =
                ports.stream()
                        .map(port -> "\"nats-route://127.0.0.1:" + port + "\"")
                        .collect(Collectors.joining(", "));
        for (int i = 0; i < SERVERS; i++) {
            EmbeddedNats server =
                    EmbeddedNats.builder()
                            .home(Files.createDirectories(home.resolve("server-" + i)))
                            .serverName("server-" + i)
                            .configuration(
                                    "cluster { name: ponix, listen: \"127.0.0.1:%d\", routes: [%s] }"
                                            .formatted(ports.get(i), routes))
                            .build();
            servers.add(server);
            server.start();
        }
        admin = JetStreamAdmin.connect(connection());
        // Until the servers have found each other and agreed on a leader, nobody answers.
        await().atMost(PATIENCE).ignoreExceptions().until(() -> admin.findStream("no").isEmpty());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (admin != null) {
            admin.close();
        }
        servers.forEach(EmbeddedNats::close);
        servers.clear();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Ports that are free and different: all are taken before the first is given back. */
    private static List<Integer> freePorts(int count) throws Exception {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
                ports.add(sockets.get(i).getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
        return ports;
    }

    public List<EmbeddedNats> servers() {
        return servers;
    }

    public NatsSettings connection() {
        return NatsSettings.builder()
                .servers(servers.stream().map(EmbeddedNats::url).collect(Collectors.toList()))
                .connectionTimeout(Duration.ofSeconds(2))
                .requestTimeout(Duration.ofSeconds(2))
                .build();
    }

    public JetStreamAdmin admin() {
        return admin;
    }

    /** Creates a stream; right after the start the servers may need a moment to agree on that. */
    public void createStream(String name, String... subjects) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () ->
                                admin.ensureStream(
                                                StreamConfiguration.builder()
                                                        .name(name)
                                                        .subjects(subjects)
                                                        .storageType(StorageType.File)
                                                        .replicas(SERVERS)
                                                        .build())
                                        != null);
    }

    /** The server that leads a stream; waits until there is one. */
    public EmbeddedNats leader(String stream) {
        return await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> {
                            StreamInfo info = admin.findStream(stream).orElseThrow();
                            String leader = info.getClusterInfo().getLeader();
                            return servers.get(
                                    Integer.parseInt(leader.substring("server-".length())));
                        },
                        EmbeddedNats::isRunning);
    }

    /** Waits until every server has what the leader of a stream has. */
    public void awaitAllCurrent(String stream) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> {
                            List<Replica> others =
                                    admin.findStream(stream)
                                            .orElseThrow()
                                            .getClusterInfo()
                                            .getReplicas();
                            return others.size() == SERVERS - 1
                                    && others.stream().allMatch(Replica::isCurrent);
                        });
    }
}
