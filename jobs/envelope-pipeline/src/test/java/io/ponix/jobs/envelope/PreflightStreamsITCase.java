package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.jobs.envelope.options.PipelineOptions;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that exist already, as somebody else has made them. */
class PreflightStreamsITCase {

    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
    private EmbeddedNats nats;
    private JetStreamAdmin admin;

    @BeforeEach
    void start(@TempDir Path home) throws Exception {
        nats = EmbeddedNats.builder().home(home).build();
        nats.start();
        admin = JetStreamAdmin.connect(NatsSettings.builder().servers(nats.url()).build());
    }

    @AfterEach
    void stop() {
        admin.close();
        nats.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead_letters", "processed_envelopes", "gateways", "end_devices"})
    void anOutputThatIsSealedIsRefused(String stream) throws Exception {
        create(stream, wanted -> wanted);
        seal(stream);

        assertThatPreflight()
                .hasMessageContaining("The stream '" + stream + "' is sealed: it stores nothing")
                .hasMessageContaining("-stream");
    }

    @Test
    void deadLettersThatNobodyAcknowledgesAreRefused() throws Exception {
        create("dead_letters", wanted -> wanted.noAck(true));

        assertThatPreflight()
                .hasMessageContaining("'dead_letters' acknowledges nothing (no_ack)")
                .hasMessageContaining("--dead-letters-stream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Interest", "WorkQueue"})
    void deadLettersThatVanishAreRefused(RetentionPolicy retention) throws Exception {
        create("dead_letters", wanted -> wanted.retentionPolicy(retention));

        assertThatPreflight()
                .hasMessageContaining("'dead_letters' has " + retention + " retention")
                .hasMessageContaining("--dead-letters-stream");
    }

    @Test
    void deadLettersThatNobodyMayDeleteAreNamed() throws Exception {
        create("dead_letters", wanted -> wanted.denyDelete(true));

        assertThatPreflight().hasMessageContaining("Postgres at ");
        assertThat(notes()).contains("'dead_letters' lets nobody delete messages (deny_delete)");
    }

    @Test
    void aRawStreamThatStoresNothingMoreIsNamedAndNotRefused() throws Exception {
        create("raw_envelopes", wanted -> wanted.subjects(options().nats().rawSubjects()));
        seal("raw_envelopes");

        assertThatPreflight().hasMessageContaining("Postgres at ");
        assertThat(notes()).contains("'raw_envelopes' is sealed: it stores nothing more");
    }

    @Test
    void streamsInMemoryAreNamed() throws Exception {
        create(
                "raw_envelopes",
                wanted ->
                        wanted.subjects(options().nats().rawSubjects())
                                .storageType(StorageType.Memory));

        assertThatPreflight().hasMessageContaining("Postgres at ");
        assertThat(notes()).contains("'raw_envelopes' is in memory");
    }

    private void create(String name, UnaryOperator<StreamConfiguration.Builder> with)
            throws Exception {
        admin.ensureStream(
                with.apply(StreamConfiguration.builder().name(name).subjects(name + ".>")).build());
    }

    private void seal(String name) throws Exception {
        admin.connection()
                .jetStreamManagement()
                .updateStream(
                        StreamConfiguration.builder(
                                        admin.findStream(name).orElseThrow().getConfiguration())
                                .seal()
                                .build());
    }

    /** It never gets beyond Postgres, which is not there. */
    private AbstractThrowableAssert<?, ?> assertThatPreflight() {
        PipelineOptions options = options();
        return assertThatThrownBy(
                        () ->
                                new Preflight(
                                                options,
                                                new Connectors(options),
                                                Optional.empty(),
                                                new PrintStream(
                                                        notes, true, StandardCharsets.UTF_8))
                                        .check())
                .isInstanceOf(ProgramParametrizationException.class);
    }

    private PipelineOptions options() {
        return PipelineOptions.parse(
                        new String[] {
                            "--nats-url",
                            nats.url(),
                            "--publish-processed-envelopes",
                            "true",
                            "--publish-registry-changes",
                            "true",
                            "--postgres-port",
                            "1"
                        },
                        Map.of(),
                        new PrintStream(OutputStream.nullOutputStream()))
                .orElseThrow();
    }

    private String notes() {
        return notes.toString(StandardCharsets.UTF_8);
    }
}
