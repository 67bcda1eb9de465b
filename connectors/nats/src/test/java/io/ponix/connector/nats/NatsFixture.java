package io.ponix.connector.nats;

import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.PublishAck;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.nats.EmbeddedNats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A NATS server for a test class, and what tests do with it. */
public final class NatsFixture implements BeforeAllCallback, AfterAllCallback {

    private static final int IN_FLIGHT = 2_000;

    /** A disk that others write to may keep the server from making a stream for seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Path home;
    private EmbeddedNats server;
    private JetStreamAdmin admin;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        home = Files.createTempDirectory("nats-fixture");
        server = EmbeddedNats.builder().home(home).build();
        server.start();
        admin =
                JetStreamAdmin.connect(
                        NatsSettings.builder()
                                .servers(List.of(server.url()))
                                .requestTimeout(PATIENCE)
                                .build());
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (admin != null) {
            admin.close();
        }
        server.close();
        deleteFiles(home);
    }

    public EmbeddedNats server() {
        return server;
    }

    /**
     * Restarts the server with {@code kill -9}; what it has stored by now can be put back later.
     */
    public Copy copyStore() throws Exception {
        server.kill();
        Copy copy = Copy.of(server);
        server.start();
        return copy;
    }

    /** Kills the server, lets it forget everything that it has stored since, and starts it. */
    public void putBack(Copy copy) throws Exception {
        server.kill();
        copy.putBack();
        server.start();
    }

    /** What a server that does not run has stored. */
    public record Copy(Path store, Path copy) {

        public static Copy of(EmbeddedNats server) throws IOException {
            Path store = server.home().resolve("nats").resolve("jetstream");
            Path copy = Files.createTempDirectory(server.home(), "copy");
            copyFiles(store, copy);
            return new Copy(store, copy);
        }

        public void putBack() throws IOException {
            deleteFiles(store);
            copyFiles(copy, Files.createDirectory(store));
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void deleteFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    public NatsSettings connection() {
        return NatsSettings.forServers(server.url());
    }

    public JetStreamAdmin admin() {
        return admin;
    }

    public JetStreamManagement management() throws Exception {
        return admin.connection().jetStreamManagement();
    }

    public StreamState state(String stream) throws Exception {
        return management().getStreamInfo(stream).getStreamState();
    }

    public void createStream(String name, String... subjects) throws Exception {
        createStream(name, RetentionPolicy.Limits, subjects);
    }

    public void createStream(String name, RetentionPolicy retention, String... subjects)
            throws Exception {
        admin.ensureStream(
                StreamConfiguration.builder()
                        .name(name)
                        .subjects(subjects)
                        .retentionPolicy(retention)
                        .storageType(StorageType.File)
                        .build());
    }

    /**
     * Publishes messages and waits until they are stored; the n-th goes to the subjects in turn,
     * its data is n.
     */
    public void publish(int count, String... subjects) throws Exception {
        publish(admin, count, subjects);
    }

    /** The same over a connection of its own: after a start it has nothing to recover from. */
    public void publishAtOnce(int count, String... subjects) throws Exception {
        try (JetStreamAdmin own = JetStreamAdmin.connect(connection())) {
            publish(own, count, subjects);
        }
    }

    private static void publish(JetStreamAdmin admin, int count, String... subjects)
            throws Exception {
        JetStream jetStream = admin.connection().jetStream();
        List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            acknowledgements.add(
                    jetStream.publishAsync(
                            subjects[i % subjects.length],
                            Integer.toString(i).getBytes(StandardCharsets.UTF_8)));
            if (acknowledgements.size() == IN_FLIGHT) {
                acknowledgements.forEach(CompletableFuture::join);
                acknowledgements.clear();
            }
        }
        acknowledgements.forEach(CompletableFuture::join);
    }
}
