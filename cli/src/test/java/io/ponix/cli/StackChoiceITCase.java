package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.process.RunningHomes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which stack a command is about that was not told its folder. */
class StackChoiceITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir private static Path checkout;

    private static PonixProcess ponix;
    private static Path home;
    private static Path defaultHome;

    @BeforeAll
    static void upInASecondHome() throws Exception {
        ponix = PonixProcess.inCheckout(checkout);
        home = checkout.resolve(".ponix/second");
        defaultHome = checkout.resolve(".ponix/home");
        PonixProcess.Outcome outcome = ponix.run(up(home));
        assertThat(outcome.status()).as("%s", outcome).isZero();

        // The default home had a stack on the same ports, which is stopped.
        Files.createDirectories(defaultHome);
        Files.copy(
                home.resolve("stack.properties"),
                defaultHome.resolve("stack.properties"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    @AfterAll
    static void down() throws Exception {
        PonixProcess.Outcome outcome = ponix.run("down", "--home", home.toString());
        assertThat(outcome.status()).as("%s", outcome).isZero();
    }

    @Test
    void theStackOfTheCheckoutThatRunsIsFoundAndNamed() throws Exception {
        PonixProcess.Outcome simulated =
                ponix.run("simulate", "--devices", "3", "--envelopes", "3");
        assertThat(simulated.status()).as("%s", simulated).isZero();
        assertThat(simulated.errors()).contains("using the stack that runs in " + home);
        assertThat(simulated.output()).contains("sent 3 envelopes");

        PonixProcess.Outcome status = ponix.run("status");
        assertThat(status.status()).as("%s", status).isZero();
        assertThat(status.output())
                .containsPattern("[1-9][0-9]* stored in JetStream")
                .containsPattern("nats +running")
                .doesNotContain("stopped");
        assertThat(ponix.run("dead-letters").output()).contains("0 of 0 dead letters");
    }

    @Test
    void aStoppedStackIsNotMistakenForOneOnItsPorts() throws Exception {
        PonixProcess stopped = ponix.with("PONIX_HOME", defaultHome.toString());
        for (String[] command :
                new String[][] {
                    {"query", "SELECT 1"},
                    {"simulate", "--devices", "1", "--envelopes", "1"},
                    {"dead-letters"},
                    {"dead-letters", "show", "1"},
                    {"dead-letters", "replay", "--reason", "NO_CONVERSION"},
                    {"flink", "list"},
                    {"migrate", "status", "postgres"},
                    {"migrate", "up", "clickhouse"}
                }) {
            PonixProcess.Outcome outcome = stopped.run(command);
            assertThat(outcome.status()).as("%s: %s", command, outcome).isEqualTo(1);
            assertThat(outcome.errors().strip())
                    .as("%s", (Object) command)
                    .isEqualTo(
                            "ponix: the stack is stopped; start it with ./ponix up --home "
                                    + defaultHome);
        }
        PonixProcess.Outcome status = stopped.run("status");
        assertThat(status.status()).isEqualTo(1);
        assertThat(status.output()).doesNotContain("stored in JetStream").doesNotContain("RUNNING");
    }

    @Test
    void whatTheEnvironmentNamesIsUsedInPlaceOfTheStacks() throws Exception {
        Properties addresses = new Properties();
        addresses.load(Files.newBufferedReader(home.resolve("stack.properties")));

        PonixProcess.Outcome outcome =
                ponix.with("PONIX_HOME", defaultHome.toString())
                        .with("PONIX_CLICKHOUSE_URL", addresses.getProperty("clickhouse.url"))
                        .with(
                                "PONIX_CLICKHOUSE_PASSWORD_FILE",
                                addresses.getProperty("clickhouse.password.file"))
                        .run("query", "SELECT 6 * 7", "--format", "TabSeparated");
        assertThat(outcome).hasToString("exit status 0\n42\n\n");

        outcome = ponix.with("PONIX_CLICKHOUSE_URL", "http://127.0.0.1:9").run("query", "SELECT 1");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors().strip().lines())
                .singleElement()
                .asString()
                .contains("http://127.0.0.1:9", "PONIX_CLICKHOUSE_URL");
        outcome = ponix.with("PONIX_NATS_URL", "nats://127.0.0.1:9").run("dead-letters");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors().strip().lines())
                .singleElement()
                .asString()
                .contains("nats://127.0.0.1:9", "PONIX_NATS_URL");
    }

    @Test
    void aSettingThatCannotBeIsNamedBeforeAnythingIsStarted() throws Exception {
        Path fifth = checkout.resolve(".ponix/fifth");
        for (String[] setting :
                new String[][] {
                    {"PONIX_NATS_URL", "nats://127.0.0.1:9,127.0.0.1:10"},
                    {"PONIX_POSTGRES_HOST", "no-such-host.invalid"},
                    {"PONIX_CLICKHOUSE_URL", "127.0.0.1 9"},
                    {"PONIX_ROW_RETENTION", "soon"}
                }) {
            PonixProcess.Outcome outcome = ponix.with(setting[0], setting[1]).run(up(fifth));

            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.errors().strip().lines())
                    .singleElement()
                    .asString()
                    .contains(setting);
        }
        assertThat(RunningHomes.find()).doesNotContain(fifth);
    }

    @Test
    void severalStacksAreNamedAndNoneIsChosen() throws Exception {
        try (EmbeddedNats another = EmbeddedNats.builder().home(defaultHome).build()) {
            another.start();
            PonixProcess.Outcome outcome = ponix.run("query", "SELECT 1");

            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.errors())
                    .contains("--home " + home)
                    .contains("--home " + defaultHome)
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void downStopsNoStackThatItWasNotToldToStop() throws Exception {
        PonixProcess.Outcome outcome = ponix.run("down", "--delete-data");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("./ponix down --home " + home);
        assertThat(RunningHomes.find()).contains(home);
    }

    @Test
    void aSecondStackOnTheSamePortsNamesTheFirstAndStartsNothing() throws Exception {
        Properties addresses = new Properties();
        addresses.load(Files.newBufferedReader(home.resolve("stack.properties")));
        String natsUrl = addresses.getProperty("nats.url");
        Path third = checkout.resolve(".ponix/third");

        PonixProcess.Outcome outcome =
                ponix.run(
                        up(
                                third,
                                "--nats-port=" + natsUrl.substring(natsUrl.lastIndexOf(':') + 1)));

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors().strip().lines())
                .singleElement()
                .asString()
                .contains("./ponix down --home " + home, "--nats-port", "pid ");
        assertThat(RunningHomes.find()).doesNotContain(third);
    }

    @Test
    void aStackWithNothingToDoLogsNothing() throws Exception {
        Properties addresses = new Properties();
        addresses.load(Files.newBufferedReader(home.resolve("stack.properties")));
        FlinkRest flink = new FlinkRest(addresses.getProperty("dashboard.url"));
        String job =
                flink.activeJob(JobCatalog.ofThisCheckout().envelopePipeline().name())
                        .orElseThrow()
                        .id();
        // What the commands before this have caused is over.
        long settled = flink.checkpoints(job).completed() + 3;
        await().atMost(PATIENCE).until(() -> flink.checkpoints(job).completed() >= settled);
        Map<Path, Long> before = logSizes();

        long later = flink.checkpoints(job).completed() + 15;
        await().atMost(PATIENCE).until(() -> flink.checkpoints(job).completed() >= later);

        for (Map.Entry<Path, Long> log : before.entrySet()) {
            try (InputStream content = Files.newInputStream(log.getKey())) {
                content.skipNBytes(log.getValue());
                assertThat(new String(content.readAllBytes(), StandardCharsets.UTF_8))
                        .as("%s", log.getKey())
                        .isEmpty();
            }
        }
        // Where a JVM writes what its logging cannot.
        assertThat(home.resolve("logs/jobmanager.out")).isEmptyFile();
        assertThat(home.resolve("logs/taskmanager-1.out")).isEmptyFile();
    }

    @Test
    void anInterruptedStartSaysWhatItLeavesRunningAndHowToStopIt() throws Exception {
        Path fourth = checkout.resolve(".ponix/fourth");
        PonixProcess.Outcome outcome =
                ponix.interruptedAt("starting the device service", up(fourth));
        try {
            assertThat(outcome.status()).as("%s", outcome).isEqualTo(130);
            assertThat(outcome.errors())
                    .containsPattern("left running: .*postgres")
                    .contains("./ponix down --home " + fourth, "./ponix up --home " + fourth);
        } finally {
            PonixProcess.Outcome stopped = ponix.run("down", "--home", fourth.toString());
            assertThat(stopped.status()).as("%s", stopped).isZero();
        }
        assertThat(RunningHomes.find()).doesNotContain(fourth);
    }

    @Test
    void anOrganizationIsOnlyCreatedWhenThatIsAskedFor() throws Exception {
        String[] simulate = {
            "simulate", "--organization", "nope", "--devices", "1", "--envelopes", "1"
        };
        for (int attempt = 0; attempt < 2; attempt++) {
            PonixProcess.Outcome refused = ponix.run(simulate);
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.errors()).contains("no organization nope", "--create-organization");
        }
        String[] creating = Arrays.copyOf(simulate, simulate.length + 1);
        creating[simulate.length] = "--create-organization";
        assertThat(ponix.run(creating).status()).isZero();
        assertThat(ponix.run(simulate).status()).isZero();
    }

    private static Map<Path, Long> logSizes() throws IOException {
        Map<Path, Long> sizes = new HashMap<>();
        try (Stream<Path> logs = Files.list(home.resolve("logs"))) {
            for (Path log : logs.toList()) {
                sizes.put(log, Files.size(log));
            }
        }
        return sizes;
    }

    private static String[] up(Path home, String... ports) {
        List<String> arguments = new ArrayList<>(List.of("--home", home.toString()));
        arguments.addAll(List.of(ports));
        return PonixProcess.upOnFreePorts(arguments.toArray(String[]::new));
    }
}
