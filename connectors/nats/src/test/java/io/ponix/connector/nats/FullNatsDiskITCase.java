package io.ponix.connector.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.process.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A NATS server that has no room on its disk. Version 2.9 switches JetStream off then, until it is
 * started again.
 */
class FullNatsDiskITCase {

    private static final int MEBIBYTES = 32;
    private static final int MESSAGES = 20;
    private static final int REFUSED = 5;
    private static final byte[] PAYLOAD = new byte[100_000];

    @Test
    void publishersAreRefusedAndWhatWasAcknowledgedIsThereWhenThereIsRoom(@TempDir Path home)
            throws Exception {
        try (SmallDisk disk = new SmallDisk(home.resolve("nats/jetstream"), MEBIBYTES);
                EmbeddedNats server =
                        EmbeddedNats.builder()
                                .home(home)
                                .disk(disk)
                                // Without JetStream it does not end by itself.
                                .stopTimeout(Duration.ofSeconds(3))
                                .build()) {
            server.start();
            try (JetStreamAdmin admin = connect(server)) {
                admin.ensureStream(
                        StreamConfiguration.builder()
                                .name("raw")
                                .subjects("raw.>")
                                .storageType(StorageType.File)
                                .build());
                publish(admin);
                disk.fill();
                for (int count = 0; count < REFUSED; count++) {
                    assertThatThrownBy(() -> jetStream(admin).publish("raw.device", PAYLOAD))
                            .as("no acknowledgement")
                            .isInstanceOf(IOException.class);
                }
                assertThatThrownBy(() -> stored(admin))
                        .as("what a submission says")
                        .hasMessageContaining("JetStream does not answer on ")
                        .hasMessageContaining("its disk is full: make room");
            }
            assertThat(server.problem())
                    .hasValueSatisfying(
                            problem ->
                                    assertThat(problem)
                                            .contains("JetStream does not answer", "disk is full"));
            disk.makeRoom();
            server.stop();
            server.start();
            assertThat(server.isHealthy()).as("JetStream is on").isTrue();
            try (JetStreamAdmin admin = connect(server)) {
                assertThat(stored(admin)).isEqualTo(MESSAGES);
                publish(admin);
                assertThat(stored(admin)).isEqualTo(2 * MESSAGES);
            }
        }
    }

    private static void publish(JetStreamAdmin admin) throws Exception {
        for (int count = 0; count < MESSAGES; count++) {
            jetStream(admin).publish("raw.device", PAYLOAD);
        }
    }

    private static JetStream jetStream(JetStreamAdmin admin) throws IOException {
        Connection connection = admin.connection();
        return connection.jetStream(
                JetStreamOptions.builder().requestTimeout(Duration.ofMillis(500)).build());
    }

    private static JetStreamAdmin connect(EmbeddedNats server) throws IOException {
        return JetStreamAdmin.connect(NatsSettings.forServers(server.url()));
    }

    private static long stored(JetStreamAdmin admin) throws IOException {
        return admin.findStream("raw").orElseThrow().getStreamState().getMsgCount();
    }
}
