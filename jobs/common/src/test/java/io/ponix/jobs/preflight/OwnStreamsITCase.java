package io.ponix.jobs.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.jobs.options.Retention;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnStreamsITCase {

    private static final Retention MONTH = new Retention(Optional.of(Duration.ofDays(30)));

    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
    private EmbeddedNats server;
    private JetStreamAdmin admin;

    @BeforeEach
    void start(@TempDir Path home) throws IOException {
        server = EmbeddedNats.builder().home(home).build();
        server.start();
        admin = JetStreamAdmin.connect(NatsSettings.builder().servers(server.url()).build());
    }

    @AfterEach
    void stop() {
        admin.close();
        server.stop();
    }

    @Test
    void aMissingStreamIsCreatedWithItsRetentionAndOneThatExistsIsLeftAsItIs() throws IOException {
        ensure(1, "made", MONTH);
        assertThat(maxAge("made")).isEqualTo(Duration.ofDays(30));
        ensure(1, "kept", Retention.FOR_EVER);
        assertThat(maxAge("kept")).isZero();
        assertThat(notes()).isEmpty();

        ensure(1, "made", MONTH);
        assertThat(notes()).as("the stream is as it should be").isEmpty();

        ensure(1, "kept", MONTH);
        assertThat(maxAge("kept")).isZero();
        assertThat(notes())
                .contains("'kept' keeps messages for ever, not for 30d; it is left as it is")
                .contains("nats stream edit kept --max-age=2592000s")
                .hasLineCount(1);
    }

    @Test
    void aStreamOfEveryChangeEverIsNamed() throws IOException {
        admin.ensureStream(
                StreamConfiguration.builder()
                        .name("changes")
                        .storageType(StorageType.File)
                        .subjects("changes.*")
                        .build());
        OwnStreams streams = streams(1);
        streams.ensure(
                streams.describe("changes", Retention.FOR_EVER)
                        .maxMessagesPerSubject(100)
                        .subjects("changes.*")
                        .build());
        assertThat(notes()).contains("nats stream edit changes --max-msgs-per-subject=100");
    }

    @Test
    void replicasAreAskedForAndMissingOnesNamed() throws IOException {
        ensure(1, "single", MONTH);
        ensure(3, "single", MONTH);
        assertThat(notes()).contains("'single' has 1 of 3 replicas", "--replicas=3");
        assertThatThrownBy(() -> ensure(3, "threefold", MONTH))
                .as("a single server")
                .isInstanceOf(IOException.class)
                .hasMessageContaining("threefold")
                .hasMessageContaining("replicas");
    }

    private void ensure(int replicas, String name, Retention retention) throws IOException {
        OwnStreams streams = streams(replicas);
        streams.ensure(streams.describe(name, retention).subjects(name + ".>").build());
    }

    private OwnStreams streams(int replicas) {
        return new OwnStreams(
                admin, replicas, new PrintStream(notes, true, StandardCharsets.UTF_8));
    }

    private Duration maxAge(String stream) throws IOException {
        return admin.findStream(stream).orElseThrow().getConfiguration().getMaxAge();
    }

    private String notes() {
        return notes.toString(StandardCharsets.UTF_8);
    }
}
