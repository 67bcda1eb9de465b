package io.ponix.cli.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.cli.PonixProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.lifecycle.Startables;

/**
 * The stack on the official images of NATS, Postgres and ClickHouse, which are other versions than
 * the embedded ones: {@code ./ponix test --containers}.
 */
@EnabledIfSystemProperty(
        named = "ponix.test.containers",
        matches = "true",
        disabledReason = "needs Docker: ./ponix test --containers")
class ContainersITCase {

    private static final Duration SOON = Duration.ofMinutes(2);
    private static final Pattern SAVEPOINT = Pattern.compile("Path: (.+)");

    @TempDir private static Path home;

    private static GenericContainer<?> nats;
    private static GenericContainer<?> postgres;
    private static GenericContainer<?> clickHouse;
    private static PonixProcess ponix;

    @BeforeAll
    static void upOnTheContainers() throws Exception {
        OfficialImages images = new OfficialImages(Path.of(System.getProperty("ponix.root")));
        nats = images.nats();
        postgres = images.postgres();
        clickHouse = images.clickHouse();
        Startables.deepStart(nats, postgres, clickHouse).join();
        ponix = new PonixProcess(home);
        Map<String, String> environment =
                Map.of(
                        "PONIX_NATS_URL",
                        "nats://" + address(nats, OfficialImages.NATS_PORT),
                        "PONIX_NATS_USERNAME",
                        "ponix-operator",
                        "PONIX_NATS_PASSWORD",
                        OfficialImages.PONIX,
                        "PONIX_POSTGRES_URL",
                        "postgres://%s:%s@%s/%s"
                                .formatted(
                                        OfficialImages.PONIX,
                                        OfficialImages.PONIX,
                                        address(postgres, OfficialImages.POSTGRES_PORT),
                                        OfficialImages.PONIX),
                        "PONIX_CLICKHOUSE_URL",
                        "http://" + address(clickHouse, OfficialImages.CLICKHOUSE_PORT),
                        "PONIX_CLICKHOUSE_USERNAME",
                        OfficialImages.PONIX,
                        "PONIX_CLICKHOUSE_PASSWORD",
                        OfficialImages.PONIX);
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            ponix = ponix.with(variable.getKey(), variable.getValue());
        }
        run(PonixProcess.upOnFreePorts());
    }

    @AfterAll
    static void down() throws Exception {
        try {
            if (ponix != null) {
                run("down");
            }
        } finally {
            Stream.of(nats, postgres, clickHouse)
                    .filter(container -> container != null)
                    .forEach(GenericContainer::stop);
        }
    }

    @Test
    void aDemoAccountsForEveryEnvelope() throws Exception {
        assertThat(run("demo", "--devices", "20", "--envelopes", "3000", "--exit").output())
                .contains("none lost, none doubled");
        assertThat(run("status").output()).containsPattern("job +RUNNING");
    }

    @Test
    void aSavepointResumesWithoutLossOrDoubling() throws Exception {
        long before = rows();
        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before + 500);
        Matcher savepoint = SAVEPOINT.matcher(run("flink", "savepoint").output());
        assertThat(savepoint.find()).isTrue();
        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before + 1_000);

        run("flink", "run", "-d", "--take-over", "-s", savepoint.group(1));

        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before + 1_500);
        assertThatNoneIsDoubled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats", "postgres", "clickhouse"})
    void aServerThatHangsIsWaitedFor(String server) throws Exception {
        long before = rows();
        run("simulate", "--devices", "10", "--envelopes", "500");
        String container = container(server).getContainerId();
        DockerClientFactory.lazyClient().pauseContainerCmd(container).exec();
        // As long as it takes to be noticed: by one who asks.
        await().atMost(SOON).until(() -> ponix.run("status").output().contains("does not answer"));
        DockerClientFactory.lazyClient().unpauseContainerCmd(container).exec();

        await().atMost(SOON).until(() -> ponix.run("status").status() == 0);
        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before + 1_000);
        assertThatNoneIsDoubled();
    }

    @Test
    void theUsersOfClickHouseCanBeMadeAgainAndLogIn() throws Exception {
        String make =
                "echo ponix > /tmp/password && /opt/ponix/make-clickhouse-users"
                        + " /opt/ponix/clickhouse-users.sql ponix-migrations /tmp/password"
                        + " ponix-job /tmp/password ponix-service /tmp/password";
        for (int times = 0; times < 2; times++) {
            Container.ExecResult made = clickHouse.execInContainer("sh", "-c", make);
            assertThat(made.getExitCode()).as(made.getStderr()).isZero();
        }

        Container.ExecResult sequences = asJob("SELECT count(), max(stream_sequence)");
        assertThat(sequences.getExitCode()).as(sequences.getStderr()).isZero();
        assertThat(asJob("SELECT data").getStderr()).contains("ACCESS_DENIED");
        long before = rows();
        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before + 500);
    }

    private static Container.ExecResult asJob(String select) throws Exception {
        return clickHouse.execInContainer(
                "clickhouse-client",
                "--user=ponix-job",
                "--password=ponix",
                "--query=" + select + " FROM ponix.processed_envelopes");
    }

    private static GenericContainer<?> container(String server) {
        return switch (server) {
            case "nats" -> nats;
            case "postgres" -> postgres;
            default -> clickHouse;
        };
    }

    private static String address(GenericContainer<?> container, int port) {
        return container.getHost() + ":" + container.getMappedPort(port);
    }

    private static void awaitRows(long expected) {
        await().atMost(SOON).until(ContainersITCase::rows, rows -> rows >= expected);
    }

    private static void assertThatNoneIsDoubled() throws Exception {
        assertThat(
                        query(
                                "SELECT count(), uniqExact(stream, stream_sequence, received_at, row_index)"))
                .matches("(\\d+)\t\\1");
    }

    private static long rows() throws Exception {
        return Long.parseLong(query("SELECT count()"));
    }

    private static String query(String select) throws Exception {
        return run("query", select + " FROM processed_envelopes", "--format", "TabSeparated")
                .output()
                .strip();
    }

    private static PonixProcess.Outcome run(String... arguments)
            throws IOException, InterruptedException {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status())
                .as("ponix %s: %s", String.join(" ", arguments), outcome)
                .isZero();
        return outcome;
    }
}
