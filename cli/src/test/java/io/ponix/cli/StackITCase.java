package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stack, as a person uses it: by commands, in separate processes. */
class StackITCase {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Pattern SAVEPOINT = Pattern.compile("Path: (\\S+)");
    private static final Pattern JOB_ID = Pattern.compile("[0-9a-f]{32}");

    @TempDir private static Path home;

    private static PonixProcess ponix;

    @BeforeAll
    static void up() throws Exception {
        ponix = new PonixProcess(home.resolve("stack"));
        PonixProcess.Outcome outcome =
                ponix.run(
                        "up",
                        "--grpc-port=0",
                        "--http-port=0",
                        "--dashboard-port=0",
                        "--nats-port=0",
                        "--postgres-port=0",
                        "--clickhouse-port=0");
        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .contains("gRPC", "dashboard", "NATS", "Postgres", "ClickHouse");
    }

    @AfterAll
    static void down() throws Exception {
        PonixProcess.Outcome outcome = ponix.run("down", "--delete-data");
        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(home.resolve("stack/nats")).doesNotExist();
    }

    @Test
    void aPortInUseIsNamedAndWhatHadStartedIsStopped() throws Exception {
        PonixProcess another = new PonixProcess(home.resolve("another"));
        try (ServerSocket taken = new ServerSocket(0)) {
            PonixProcess.Outcome outcome =
                    another.run(
                            "up",
                            "--nats-port=" + taken.getLocalPort(),
                            "--grpc-port=0",
                            "--http-port=0",
                            "--dashboard-port=0",
                            "--postgres-port=0",
                            "--clickhouse-port=0");
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.errors())
                    .contains("Port " + taken.getLocalPort() + " for NATS is in use")
                    .contains("--nats-port")
                    .doesNotContain("\tat ");
        } finally {
            another.run("down", "--delete-data");
        }
        assertThat(home.resolve("another")).doesNotExist();
        assertThat(another.run("status").errors()).contains("./ponix up");
    }

    @Test
    void aDemoAccountsForEveryEnvelope() throws Exception {
        PonixProcess.Outcome outcome =
                ponix.run("demo", "--devices", "20", "--envelopes", "3000", "--exit");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("sent +3,000")
                .containsPattern("lost +0\n")
                .containsPattern("duplicates +0\n")
                .contains("none lost, none doubled")
                .contains(
                        "MALFORMED_ENVELOPE",
                        "DEVICE_NOT_FOUND",
                        "CONVERSION_FAILED",
                        "temperature");

        // It found the stack up, and so leaves it up.
        assertThat(ponix.run("status").status()).isZero();

        PonixProcess.Outcome deadLetters =
                ponix.run("dead-letters", "--reason", "invalid_output", "--limit", "1");
        assertThat(deadLetters.output()).contains("INVALID_OUTPUT").contains("$.ratio");
    }

    @Test
    void aSavepointResumesWithoutLossOrDoublingWhateverCameAfterIt() throws Exception {
        String before = rows();
        run("simulate", "--devices", "10", "--envelopes", "1000");
        awaitRows(before, 1_000);
        Matcher savepoint = SAVEPOINT.matcher(run("flink", "savepoint").output());
        assertThat(savepoint.find()).isTrue();

        // These rows are in the table, and after the savepoint: the resumed job reads them again.
        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before, 1_500);
        run("flink", "cancel");
        run("simulate", "--devices", "10", "--envelopes", "500");
        run("flink", "run", "-d", "-s", savepoint.group(1));

        awaitRows(before, 2_000);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void statusTellsWhatIsDownAndUpMendsIt() throws Exception {
        String before = rows();
        String jobId = jobId();
        kill("taskmanager-1");
        kill("jobmanager");

        PonixProcess.Outcome broken = ponix.run("status");
        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.output())
                .containsPattern("taskmanager-1 +stopped")
                .containsPattern("jobmanager +stopped");

        run("simulate", "--devices", "10", "--envelopes", "500");
        // The JobManager's successor has the job again: no second one is submitted.
        assertThat(run("up").errors()).doesNotContain("submitting the job");
        awaitRows(before, 500);
        assertThat(run("status").output()).containsPattern("job +RUNNING");
        assertThat(jobId()).isEqualTo(jobId);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void downStopsWithASavepointAndUpGoesOnFromThere() throws Exception {
        String before = rows();
        run("simulate", "--devices", "10", "--envelopes", "300");
        assertThat(run("down").errors()).contains("savepoint file:");

        // What was stopped with a savepoint is not for the JobManager to take up again.
        assertThat(run("up").errors()).contains("submitting the job from savepoint-");
        awaitRows(before, 300);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    private static void kill(String part) throws Exception {
        Matcher pid =
                Pattern.compile(part + " +running +(\\d+)").matcher(ponix.run("status").output());
        assertThat(pid.find()).isTrue();
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();
        process.destroyForcibly();
        await().atMost(SOON).until(() -> !process.isAlive());
    }

    private static String jobId() throws Exception {
        Matcher id = JOB_ID.matcher(run("flink", "list", "--running").output());
        assertThat(id.find()).isTrue();
        return id.group();
    }

    private static String rows() throws Exception {
        return run("query", "SELECT count() FROM processed_envelopes", "--format", "TabSeparated")
                .output()
                .strip();
    }

    private static String rowsAndUniqueSequences() throws Exception {
        return run(
                        "query",
                        "SELECT count(), uniqExact(stream_sequence) FROM processed_envelopes",
                        "--format",
                        "TabSeparated")
                .output()
                .strip();
    }

    private static void awaitRows(String before, long more) {
        long expected = Long.parseLong(before) + more;
        await().atMost(SOON).until(StackITCase::rows, rows -> Long.parseLong(rows) >= expected);
    }

    private static PonixProcess.Outcome run(String... arguments) throws Exception {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status())
                .as("ponix %s: %s", String.join(" ", arguments), outcome)
                .isZero();
        return outcome;
    }
}
