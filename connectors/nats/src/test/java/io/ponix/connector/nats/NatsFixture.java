package io.ponix.connector.nats;

import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.PublishAck;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import io.ponix.embedded.EmbeddedNats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private Path home;
    private EmbeddedNats server;
    private JetStreamAdmin admin;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        home = Files.createTempDirectory("nats-fixture");
        server = EmbeddedNats.builder().home(home).build();
        server.start();
        admin = JetStreamAdmin.connect(connection());
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (admin != null) {
            admin.close();
        }
        server.close();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    public EmbeddedNats server() {
        return server;
    }

    public NatsConnectionConfiguration connection() {
        return NatsConnectionConfiguration.forServers(server.url());
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
