package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.jobs.envelope.options.PipelineOptions;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the NATS user has to be permitted; without it a job would wait for answers for ever. */
class PreflightITCase {

    /** With what is announced unless told otherwise. */
    private static final String PERMITTED =
            """
            "raw_envelopes.>", "dead_letters.>", "gateways.*", "ponix_leases.>",
            "$JS.API.STREAM.NAMES", "$JS.API.STREAM.INFO.*",
            "$JS.API.STREAM.MSG.GET.raw_envelopes", "$JS.API.STREAM.MSG.GET.ponix_leases",
            "$JS.API.CONSUMER.CREATE.raw_envelopes.>", "$JS.API.CONSUMER.MSG.NEXT.raw_envelopes.>",
            "$JS.API.CONSUMER.CREATE.dead_letters.>", "$JS.API.CONSUMER.MSG.NEXT.dead_letters.>"\
            """;

    @TempDir Path home;

    private EmbeddedNats nats;

    @AfterEach
    void stop() {
        nats.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ponix_leases.>",
                "$JS.API.STREAM.MSG.GET.ponix_leases",
                "$JS.API.STREAM.INFO.ponix_leases",
                "$JS.API.STREAM.INFO.raw_envelopes",
                "$JS.API.STREAM.MSG.GET.raw_envelopes",
                "$JS.API.CONSUMER.CREATE.raw_envelopes.>",
                "$JS.API.CONSUMER.MSG.NEXT.raw_envelopes.>",
                "$JS.API.CONSUMER.CREATE.dead_letters.>",
                "$JS.API.STREAM.NAMES",
                "dead_letters.>",
                "gateways.*"
            })
    void whatIsNotPermittedIsNamed(String denied) {
        start("{publish: {deny: \"" + denied + "\"}}");

        String shortest = denied.replaceAll("\\.[*>]$", ".");
        assertThatThrownBy(this::check)
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining("NATS refuses the job: the NATS user may not publish to ")
                .hasMessageContaining("publish to " + shortest)
                .hasMessageContaining("--nats-username");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "organizations.update",
                "end_devices.*",
                "end_device_definitions.delete",
                "$JS.API.STREAM.INFO.end_devices"
            })
    void whatIsNotPermittedIsNamedOfWhatIsAnnouncedOnDemand(String denied) {
        start("{publish: {deny: \"" + denied + "\"}}");

        assertThatThrownBy(() -> check("--publish-registry-changes"))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining("NATS refuses the job: the NATS user may not publish to ")
                .hasMessageContaining("publish to " + denied.replaceAll("\\*$", ""))
                .hasMessageContaining("--nats-username");
        assertThatThrownBy(this::check)
                .as("it needs none of them where it announces gateways only")
                .hasMessageContaining("Postgres at ");
    }

    @Test
    void aStreamThatIsMissingAndMayNotBeCreatedIsNamed() {
        start("{publish: {deny: \"$JS.API.STREAM.CREATE.end_devices\"}}");

        assertThatThrownBy(() -> check("--publish-registry-changes"))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining("The stream 'end_devices' does not exist")
                .hasMessageContaining(
                        "--nats-end-device-stream (PONIX_NATS_END_DEVICE_STREAM), or announce"
                                + " nothing of the kind with --publish-registry-changes=false");
    }

    @Test
    void answersThatMayNotBeReceivedAreNamed() {
        start("{subscribe: {deny: \"_INBOX.>\"}}");

        assertThatThrownBy(this::check)
                .hasMessageContaining("the NATS user may not subscribe to _INBOX.>;");
    }

    /** It gets as far as the next server, and nothing of it is stored. */
    @Test
    void noMoreThanThatIsNeeded() throws Exception {
        start("{subscribe: \"_INBOX.>\", publish: [" + PERMITTED + "]}");
        try (JetStreamAdmin admin = JetStreamAdmin.connect(server("admin"))) {
            create(admin, "raw_envelopes", options().nats().rawSubjects().toArray(String[]::new));
            create(admin, "dead_letters", "dead_letters.>");
            create(admin, "gateways", "gateways.*");
            create(admin, "ponix_leases", "ponix_leases.>");

            assertThatThrownBy(this::check).hasMessageContaining("Postgres at ");

            for (String stream : List.of("raw_envelopes", "dead_letters", "ponix_leases")) {
                assertThat(admin.findStream(stream).orElseThrow().getStreamState().getMsgCount())
                        .as(stream)
                        .isZero();
            }
        }
    }

    private static void create(JetStreamAdmin admin, String name, String... subjects)
            throws Exception {
        admin.ensureStream(StreamConfiguration.builder().name(name).subjects(subjects).build());
    }

    private void check(String... arguments) throws InterruptedException {
        PipelineOptions options = options(arguments);
        new Preflight(
                        options,
                        new Connectors(options),
                        Optional.empty(),
                        new PrintStream(OutputStream.nullOutputStream()))
                .check();
    }

    private PipelineOptions options(String... arguments) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--nats-url",
                                nats.url(),
                                "--nats-username",
                                "job",
                                "--nats-password",
                                "sesame",
                                "--postgres-port",
                                "1"));
        all.addAll(List.of(arguments));
        return PipelineOptions.parse(
                        all.toArray(String[]::new),
                        Map.of(),
                        new PrintStream(OutputStream.nullOutputStream()))
                .orElseThrow();
    }

    private NatsSettings server(String user) {
        return NatsSettings.builder().servers(nats.url()).userAndPassword(user, "sesame").build();
    }

    private void start(String permissions) {
        nats =
                EmbeddedNats.builder()
                        .home(home)
                        .configuration(
                                "authorization { users: [{user: \"admin\", password: \"sesame\"},"
                                        + " {user: \"job\", password: \"sesame\", permissions: "
                                        + permissions
                                        + "}] }")
                        .build();
        nats.start();
    }
}
