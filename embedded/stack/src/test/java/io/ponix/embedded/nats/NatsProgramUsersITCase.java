package io.ponix.embedded.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import io.ponix.embedded.install.CacheDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The users that docker/ gives to NATS. That they may do what they must the programs' tests show.
 */
// jnats: Connection.close() may throw InterruptedException, which javac warns of in every
// try-with-resources.
@SuppressWarnings("try")
class NatsProgramUsersITCase {

    private static final Path DOCKER = Path.of(System.getProperty("ponix.root"), "docker");

    @TempDir private Path home;

    @Test
    void theConfigurationOfDockerIsOneOfNatsServerAndWantsEveryPassword() throws Exception {
        Map<String, String> passwords =
                Map.of(
                        "NATS_OPERATOR_PASSWORD", "ponix",
                        "NATS_JOB_PASSWORD", "ponix",
                        "NATS_BRIDGE_PASSWORD", "ponix",
                        "NATS_SERVICE_PASSWORD", "ponix");
        assertThat(tried(passwords)).contains("configuration file", "is valid");

        for (String each : passwords.keySet()) {
            Map<String, String> others = new HashMap<>(passwords);
            others.remove(each);
            assertThat(tried(others)).contains(each).doesNotContain("is valid");
        }
    }

    private static String tried(Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder server =
                new ProcessBuilder(
                                NatsServerProgram.locate(CacheDirectory.resolve(), line -> {})
                                        .toString(),
                                "-t",
                                "-c",
                                DOCKER.resolve("nats.conf").toString())
                        .redirectErrorStream(true);
        server.environment().keySet().removeIf(name -> name.startsWith("NATS_"));
        server.environment().putAll(environment);
        Process process = server.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void noProgramDoesWhatIsAnothersOrHearsItsAnswers() throws Exception {
        NatsProgramUsers users = NatsProgramUsers.ofTheCheckout();
        try (EmbeddedNats nats =
                EmbeddedNats.builder().home(home).configuration(users.configuration()).build()) {
            nats.start();
            assertAllRefused(
                    nats,
                    users.of("ponix-bridge"),
                    List.of(
                            "dead_letters.NO_CONVERSION",
                            "gateways.update",
                            "$JS.API.STREAM.MSG.GET.raw_envelopes",
                            "$JS.API.CONSUMER.CREATE.raw_envelopes",
                            "$JS.API.STREAM.PURGE.raw_envelopes"),
                    List.of("raw_envelopes.>", "_INBOX.>", "_INBOX_job.>"));
            assertAllRefused(
                    nats,
                    users.of("ponix-job"),
                    List.of(
                            "raw_envelopes.4.dev",
                            "$JS.API.STREAM.DELETE.raw_envelopes",
                            "$JS.API.STREAM.MSG.DELETE.dead_letters"),
                    List.of("_INBOX_bridge.>"));
            assertAllRefused(
                    nats,
                    users.of("ponix-service"),
                    List.of(
                            "raw_envelopes.4.dev",
                            "dead_letters.NO_CONVERSION",
                            "$JS.API.STREAM.MSG.DELETE.dead_letters",
                            "$JS.API.STREAM.UPDATE.dead_letters"),
                    List.of("dead_letters.>", "_INBOX_job.>"));
            createRawStream(nats, users.of("ponix-operator"));
            NatsProgramUser bridge = users.of("ponix-bridge");
            try (Connection connection =
                    Nats.connect(
                            Options.builder()
                                    .server(nats.url())
                                    .userInfo(bridge.name(), bridge.password().reveal())
                                    .inboxPrefix(bridge.inboxPrefix())
                                    .build())) {
                // The permission is looked at behind the mapping.
                assertThat(
                                connection
                                        .jetStream()
                                        .publish("raw_envelopes.dev", new byte[0])
                                        .getSeqno())
                        .isEqualTo(1);
            }
            assertThatThrownBy(() -> Nats.connect(nats.url()))
                    .hasMessageContaining("Authorization Violation");
        }
    }

    private static void createRawStream(EmbeddedNats nats, NatsProgramUser operator)
            throws Exception {
        try (Connection connection =
                Nats.connect(
                        Options.builder()
                                .server(nats.url())
                                .userInfo(operator.name(), operator.password().reveal())
                                .build())) {
            connection
                    .jetStreamManagement()
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("raw_envelopes")
                                    .subjects("raw_envelopes.*.*")
                                    .build());
        }
    }

    private static void assertAllRefused(
            EmbeddedNats nats,
            NatsProgramUser user,
            List<String> published,
            List<String> subscribed)
            throws Exception {
        BlockingQueue<String> violations = new LinkedBlockingQueue<>();
        Options options =
                Options.builder()
                        .server(nats.url())
                        .userInfo(user.name(), user.password().reveal())
                        .errorListener(
                                new ErrorListener() {
                                    @Override
                                    public void errorOccurred(Connection connection, String error) {
                                        violations.add(error);
                                    }
                                })
                        .build();
        try (Connection connection = Nats.connect(options)) {
            for (String subject : published) {
                connection.publish(subject, new byte[0]);
            }
            subscribed.forEach(connection::subscribe);
            connection.flush(Duration.ofSeconds(10));
            // The client tells of them on a thread of its own.
            Set<String> said = new HashSet<>();
            for (int i = 0; i < published.size() + subscribed.size(); i++) {
                Matcher subject =
                        Pattern.compile("to \"([^\"]+)\"")
                                .matcher(String.valueOf(violations.poll(10, TimeUnit.SECONDS)));
                assertThat(subject.find()).as("%s of %s", said, user.name()).isTrue();
                said.add(subject.group(1));
            }
            assertThat(said).containsAll(published).containsAll(subscribed);
        }
    }
}
