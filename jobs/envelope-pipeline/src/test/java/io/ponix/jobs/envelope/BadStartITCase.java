package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.flink.FlinkCommandResult;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Submissions that come to nothing, beside a job that runs: it is none the worse for them. */
class BadStartITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ENDED = "00000000000000000000000000000001";
    private static final String HALF = "00000000000000000000000000000002";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path home;

    private static PipelineStack stack;
    private static int published;

    @BeforeAll
    static void start() throws Exception {
        // After which the successor of a killed JobManager serves.
        stack =
                PipelineStack.start(
                        home,
                        flink ->
                                flink.configuration(
                                        "high-availability.zookeeper.client.session-timeout",
                                        "5 s"));
        stack.organization(ORGANIZATION);
        stack.device("device", ORGANIZATION, "cayenne_lpp_decode(input)");
        // Accepted by the client, and fails in the JobManager before any task is scheduled.
        FlinkCommandResult result =
                stack.runWith(List.of("-D", "state.backend.type=no.such.StateBackend"));
        assertThat(result.exitCode()).as(result.output()).isNotZero();
        assertThat(notes()).as("what Flink leaves behind").hasSize(1);
        stack.submit();
    }

    @AfterAll
    static void stop() throws Exception {
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void aSavepointThatCannotBeUsedIsRefusedInALine() throws Exception {
        Path savepoint = Path.of(URI.create(stack.takeSavepoint()));
        refused("cannot be found", "-s", "/nope");
        refused("cannot be found", "-s", savepoint.getParent().toString());
        refused("with a parallelism of 128 at most", "-s", savepoint.toString(), "-p", "129");

        Path damaged = Files.createDirectory(home.resolve("damaged"));
        byte[] metadata = Files.readAllBytes(savepoint.resolve("_metadata"));
        Files.write(damaged.resolve("_metadata"), Arrays.copyOf(metadata, metadata.length / 2));
        refused("cannot be read", "-s", damaged.toUri().toString());

        theJobGoesOn();
    }

    @Test
    void aPublicationThatLeavesOutChangesIsRefusedInALine() throws Exception {
        stack.sql("ALTER PUBLICATION ponix_cdc_publication SET TABLE organizations, end_devices");
        try {
            FlinkCommandResult result = stack.runWith(List.of());
            assertThat(result.exitCode()).as(result.output()).isNotZero();
            assertThat(result.output())
                    .contains(
                            "would not reach the job: ",
                            "does not publish end_device_definitions (ALTER PUBLICATION"
                                    + " ponix_cdc_publication ADD TABLE end_device_definitions); ",
                            "does not publish gateways (",
                            "--cdc-publication-name")
                    .doesNotContain("\tat ", "JobID");
        } finally {
            stack.sql(
                    "ALTER PUBLICATION ponix_cdc_publication"
                            + " ADD TABLE end_device_definitions, gateways");
        }
        theJobGoesOn();
    }

    @Test
    void whateverIsLeftOfAJobThatFailedAsItStartedTheJobManagerStartsAgain() throws Exception {
        restartJobManager();

        // The JobManager was killed between noting a job's end and its application's, and while it
        // wrote a note.
        note(
                ENDED,
                """
                {"result":{"id":"%s","name":"ended","application-status":"CANCELED","accumulator-results":{},\
                "net-runtime":1,"application-id":"%s","start-time":1,"end-time":2},"version":1}"""
                        .formatted(ENDED, ENDED));
        note(HALF, "{\"result\":{\"id\":\"" + HALF);
        restartJobManager();
    }

    private static void restartJobManager() throws Exception {
        stack.flink().jobManager().kill();
        stack.flink().start();
        theJobGoesOn();
        // Flink itself has cleaned up after those jobs, and does not know them any more.
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(notes()).isEmpty());
    }

    /** Under its id, from where it was. */
    private static void theJobGoesOn() throws Exception {
        stack.awaitRunning();
        published++;
        stack.publish(envelope(ORGANIZATION, "device", Instant.now()).build());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stack.rows("device")).isEqualTo(published));
    }

    private static void refused(String problem, String... flinkOptions) {
        FlinkCommandResult result = stack.runWith(List.of(flinkOptions));
        assertThat(result.exitCode()).as(result.output()).isNotZero();
        assertThat(result.output())
                .contains("The savepoint ", problem)
                .doesNotContain("\tat ", "JobID");
    }

    private static void note(String id, String content) throws IOException {
        Files.writeString(store("job-result-store").resolve(id + "_DIRTY.json"), content);
    }

    /** What the JobManager has noted of jobs and applications that have ended. */
    private static List<Path> notes() throws IOException {
        try (Stream<Path> jobs = Files.list(store("job-result-store"));
                Stream<Path> applications = Files.list(store("application-result-store"))) {
            return Stream.concat(jobs, applications).toList();
        }
    }

    private static Path store(String name) {
        return home.resolve("flink/high-availability").resolve(name).resolve("default");
    }
}
