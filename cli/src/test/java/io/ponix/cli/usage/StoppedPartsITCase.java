package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.ponix.cli.PonixProcess;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.embedded.process.DataOnSmallDisk;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command, while each part of the stack in turn is stopped or hangs. */
@ExtendWith(RunningStack.Shared.class)
class StoppedPartsITCase {

    /**
     * Three JVMs that start on two busy processors, and the seconds a part is given to answer: less
     * than the 30 seconds after which clients give up that were told nothing else.
     */
    private static final Duration AT_ONCE = Duration.ofSeconds(25);

    private static final int FREE_MEBIBYTES = 32;
    private static final int COMMANDS_AT_A_TIME = 3;

    /**
     * A command and the parts that it cannot do without.
     *
     * @param needs names of parts
     * @param mayFail whether it may end with an error while another part is stopped
     */
    private record Command(Set<String> needs, boolean mayFail, String... arguments) {

        @Override
        public String toString() {
            return String.join(" ", arguments);
        }
    }

    private static final List<Command> COMMANDS =
            List.of(
                    new Command(Set.of(), true, "status"),
                    new Command(Set.of(), false, "logs", "nats", "-n", "1"),
                    new Command(Set.of("clickhouse"), false, "query", "SELECT 1"),
                    new Command(
                            Set.of("device-service", "postgres", "nats"),
                            false,
                            "simulate",
                            "--devices",
                            "2",
                            "--envelopes",
                            "2"),
                    new Command(Set.of("nats"), false, "dead-letters"),
                    new Command(Set.of("nats"), true, "dead-letters", "show", "1000000"),
                    new Command(
                            Set.of("nats", "clickhouse"),
                            false,
                            "dead-letters",
                            "replay",
                            "--since",
                            "1h",
                            "--dry-run"),
                    new Command(Set.of("postgres"), false, "migrate", "status", "postgres"),
                    new Command(Set.of("clickhouse"), false, "migrate", "status", "clickhouse"),
                    new Command(Set.of("zookeeper", "jobmanager"), false, "flink", "list"),
                    // While a server is away the job may be restarting, and have no savepoint.
                    new Command(
                            Set.of("zookeeper", "jobmanager", "taskmanager-1", "clickhouse"),
                            true,
                            "flink",
                            "savepoint"));

    private final RunningStack stack;

    StoppedPartsITCase(RunningStack stack) {
        this.stack = stack;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats",
                "postgres",
                "clickhouse",
                "device-service",
                "taskmanager-1",
                "jobmanager",
                "zookeeper"
            })
    void whatNeedsAStoppedPartSaysSoAtOnce(String part) throws Exception {
        EmbeddedProcess process = stack.process(part);
        process.kill();
        try {
            expectOfEach(COMMANDS, part, "is stopped");
        } finally {
            PonixProcess.Outcome outcome = stack.ponix().run("up");
            assertThat(outcome.status()).as("%s", outcome).isZero();
            assertThat(outcome.errors())
                    .as("what only lacked the part is not started anew")
                    .doesNotContain("runs but does not answer");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats", "postgres", "clickhouse", "device-service", "jobmanager"})
    void whatNeedsAPartThatHangsSaysSo(String part) throws Exception {
        EmbeddedProcess process = stack.process(part);
        process.freeze();
        try {
            expectOfEach(thatNeed(part), part, "does not answer");
        } finally {
            process.resume();
            await().atMost(Duration.ofSeconds(60)).until(process::isHealthy);
        }
    }

    /** Of a job that is suspended meanwhile no second one is submitted. */
    @Test
    void upAfterTheClusterHasLostItsLeaderFindsTheJobAgain() throws Exception {
        FlinkRest flink = new FlinkRest(stack.addresses().dashboardUrl());
        String name = JobCatalog.ofThisCheckout().envelopePipeline().name();
        String job = flink.activeJob(name).orElseThrow().id();
        stack.process("zookeeper").kill();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () ->
                                assertThatThrownBy(flink::jobs)
                                        .isInstanceOf(FlinkRest.NoLeaderException.class));

        PonixProcess.Outcome outcome = stack.ponix().run("up");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.errors()).doesNotContain("submitting the job");
        assertThat(flink.activeJob(name).orElseThrow().id()).isEqualTo(job);
    }

    @Test
    void aNatsWhoseDiskIsFullIsNamedAndUpStartsItAgain() throws Exception {
        EmbeddedProcess nats = stack.process("nats");
        try (DataOnSmallDisk data = new DataOnSmallDisk(nats, FREE_MEBIBYTES)) {
            data.disk().fill();
            publishUntil(() -> nats.problem().isPresent());

            expectOfEach(thatNeed("nats"), "nats", "when its disk is full: make room");
            PonixProcess.Outcome status = stack.ponix().run("status");
            assertThat(status.status()).as("%s", status).isEqualTo(1);
            assertThat(status.output())
                    .containsPattern("nats +does not answer")
                    .containsPattern(
                            "envelopes +unknown: NATS does not answer at .*its disk is full: make room"
                                    + ".*; ./ponix up --home .* starts it anew")
                    .as("room, which need not be asked of a server")
                    .containsPattern("disk +[0-9.]+ .?B free of [0-9.]+ .?B\n");

            data.disk().makeRoom();
            PonixProcess.Outcome up = stack.ponix().run("up");
            assertThat(up.status()).as("%s", up).isZero();
            assertThat(up.errors().lines())
                    .filteredOn(line -> line.contains("starting it anew"))
                    .singleElement()
                    .asString()
                    .contains("NATS runs but does not answer (JetStream does not answer");
            status = stack.ponix().run("status");
            assertThat(status.output())
                    .containsPattern("nats +running")
                    .containsPattern("envelopes +[0-9,]+ stored");
        }
    }

    @Test
    void upAfterOneThatFailedOnItsWayGoesOn(@TempDir Path folder) throws Exception {
        String stranger =
                SelfSignedCertificate.create(folder, "stranger", "ip:127.0.0.1").certificatePem();
        assertThat(stack.ponix().with("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", stranger).run("up"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.errors())
                                    .contains("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE names whom");
                        });

        PonixProcess.Outcome outcome = stack.ponix().run("up");
        assertThat(outcome.status()).as("%s", outcome).isZero();
    }

    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    private void publishUntil(BooleanSupplier done) throws Exception {
        try (Connection connection = NatsConnection.open(stack.addresses().nats(), "test")) {
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                connection.publish("raw_envelopes.device", new byte[100_000]);
                                return done.getAsBoolean();
                            });
        }
    }

    private static List<Command> thatNeed(String part) {
        return COMMANDS.stream().filter(command -> command.needs().contains(part)).toList();
    }

    /** Several at a time: most of a command's time it waits for the part. */
    private void expectOfEach(List<Command> commands, String part, String problem)
            throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(COMMANDS_AT_A_TIME);
        try {
            for (Future<Void> expectation :
                    executor.invokeAll(
                            commands.stream()
                                    .<Callable<Void>>map(
                                            command ->
                                                    () -> {
                                                        expect(command, part, problem);
                                                        return null;
                                                    })
                                    .toList())) {
                expectation.get();
            }
        } finally {
            executor.shutdown();
        }
    }

    private void expect(Command command, String part, String problem) throws Exception {
        long started = System.nanoTime();
        PonixProcess.Outcome outcome = stack.ponix().run(command.arguments());
        Duration took = Duration.ofNanos(System.nanoTime() - started);

        assertThat(outcome.errors() + outcome.output())
                .as("ponix %s without %s", command, part)
                .doesNotContain("\tat ")
                .doesNotContain("Exception");
        assertThat(took).as("ponix %s without %s: %s", command, part, outcome).isLessThan(AT_ONCE);
        if (command.needs().contains(part)) {
            assertThat(outcome.status()).as("ponix %s: %s", command, outcome).isEqualTo(1);
            assertThat(outcome.errors().strip().lines())
                    .as("ponix %s without %s", command, part)
                    .singleElement()
                    .asString()
                    .startsWith("ponix: ")
                    .containsAnyOf(problem, "a savepoint needs all")
                    .contains("./ponix ");
        } else if (!command.mayFail()) {
            assertThat(outcome.status())
                    .as("ponix %s without %s: %s", command, part, outcome)
                    .isZero();
        }
    }
}
