package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.PublishAck;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.flink.FlinkCommandResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of one pipeline one job is active, whoever submits it, where and when. */
@ExtendWith(SharedStack.class)
class ActiveJobITCase {

    private static final String DEVICE = "sensor";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path home;

    private static PipelineStack stack;
    private static long published;

    private final Set<String> jobsBefore = new HashSet<>();

    @BeforeAll
    static void start(PipelineStack shared) throws Exception {
        stack = shared;
        stack.organization(ORGANIZATION);
        stack.device(DEVICE, ORGANIZATION, "cayenne_lpp_decode(input)");
    }

    /** One of them: that of the test before, where it has been left in peace. */
    @BeforeEach
    void oneJobRuns() throws Exception {
        // A cluster that was frozen may have lost a process.
        stack.flink().start();
        if (!activeJobs().equals(List.of(stack.jobId() + " RUNNING"))) {
            ClusterJobs.cancelAll(stack.flink());
            stack.submit();
        }
        for (JsonNode job : ClusterJobs.all(stack.flink())) {
            String id = job.get("jid").asText();
            if (!id.equals(stack.jobId())) {
                jobsBefore.add(id);
            }
        }
        publish(500);
        awaitRows();
    }

    private static List<String> activeJobs() {
        List<String> active = new ArrayList<>();
        for (JsonNode job : ClusterJobs.all(stack.flink())) {
            if (ClusterJobs.isActive(job)) {
                active.add(job.get("jid").asText() + " " + job.get("state").asText());
            }
        }
        return active;
    }

    @Test
    void aSecondSubmissionIsRefusedAndNamesTheJobThatRuns() throws Exception {
        FlinkCommandResult second = stack.run(stack.environment());

        assertThat(second.exitCode()).as(second.output()).isNotZero();
        assertThat(second.output())
                .contains("from stream raw_envelopes into table ponix.processed_envelopes")
                .contains("is run by " + stack.jobId())
                .contains("since " + Instant.now().toString().substring(0, 8))
                .contains("--take-over")
                .doesNotContain("at io.ponix");
        publish(500);
        awaitRows();
        assertThat(states(stack.flink())).containsExactly("RUNNING");

        // Stopped, it has given the lease back: nobody waits.
        String savepoint = stack.stopWithSavepoint();
        publish(500);
        FlinkCommandResult resumed =
                stack.flink()
                        .flink(
                                stack.environment(),
                                "run",
                                "-d",
                                "-s",
                                savepoint,
                                PipelineStack.jar().toString());
        assertThat(resumed.exitCode()).as(resumed.output()).isZero();
        assertThat(resumed.output()).doesNotContain("sign of life");
        awaitRows();
    }

    @Test
    void anotherTableOfTheSameStreamIsAnotherPipeline() throws Exception {
        stack.query("CREATE TABLE other_envelopes AS processed_envelopes");
        FlinkCommandResult other =
                stack.run(
                        stack.environmentOfOperator(),
                        "--clickhouse-table",
                        "other_envelopes",
                        "--cdc-slot-name",
                        "other_slot");
        assertThat(other.exitCode()).as(other.output()).isZero();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.number("SELECT count() FROM other_envelopes"))
                                        .isEqualTo(published));
        assertThat(states(stack.flink())).containsExactly("RUNNING", "RUNNING");
    }

    /** A name that is mistyped makes another pipeline, which the lease has nothing against. */
    @ParameterizedTest
    @ValueSource(strings = {"", "--take-over"})
    void aPipelineOnTheSlotOfAnotherIsRefusedAndNothingIsCreatedForIt(String takeOver)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--nats-raw-stream", "raw_envelops"));
        if (!takeOver.isEmpty()) {
            arguments.add(takeOver);
        }
        FlinkCommandResult second =
                stack.run(stack.environmentOfOperator(), arguments.toArray(String[]::new));

        assertThat(second.exitCode()).as(second.output()).isNotZero();
        assertThat(second.output())
                .contains("The replication slot 'ponix_cdc_slot' on ")
                .contains("is read by another job (user ")
                .contains("since " + Instant.now().toString().substring(0, 8))
                .contains("from stream raw_envelops into this table")
                .contains("--nats-raw-stream")
                .contains("--cdc-slot-name (PONIX_CDC_SLOT_NAME)")
                .doesNotContain("at io.ponix");
        try (JetStreamAdmin admin =
                JetStreamAdmin.connect(
                        NatsSettings.fromEnvironment(stack.environmentOfOperator()))) {
            assertThat(admin.findStream("raw_envelops")).isEmpty();
        }
        assertThat(states(stack.flink())).containsExactly("RUNNING");
    }

    @Test
    void anotherTableOnTheSameSlotIsRefused() throws Exception {
        stack.query("CREATE TABLE envelopes_on_one_slot AS processed_envelopes");

        FlinkCommandResult second =
                stack.run(
                        stack.environmentOfOperator(),
                        "--clickhouse-table",
                        "envelopes_on_one_slot");

        assertThat(second.exitCode()).as(second.output()).isNotZero();
        assertThat(second.output()).contains("is read by another job (user ");
        assertThat(states(stack.flink())).containsExactly("RUNNING");
    }

    @Test
    void ofTwoSubmissionsAtTheSameMomentOneRuns() throws Exception {
        String savepoint = stack.stopWithSavepoint();
        List<CompletableFuture<FlinkCommandResult>> submissions = new ArrayList<>();
        for (int number = 0; number < 2; number++) {
            submissions.add(
                    CompletableFuture.supplyAsync(
                            () ->
                                    stack.flink()
                                            .flink(
                                                    stack.environment(),
                                                    "run",
                                                    "-d",
                                                    "-s",
                                                    savepoint,
                                                    PipelineStack.jar().toString())));
        }
        submissions.forEach(CompletableFuture::join);
        publish(2_000);
        awaitRows();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(states(stack.flink()))
                                        .containsOnlyOnce("RUNNING")
                                        .doesNotContain(
                                                "RESTARTING",
                                                "INITIALIZING",
                                                "CREATED",
                                                "FAILING"));
        for (CompletableFuture<FlinkCommandResult> submission : submissions) {
            FlinkCommandResult result = submission.join();
            String state =
                    result.exitCode() == 0
                            ? state(stack.flink(), PipelineStack.jobId(result))
                            : "refused";
            switch (state) {
                case "RUNNING" -> {}
                case "FAILED" ->
                        assertThat(failure(stack.flink(), PipelineStack.jobId(result)))
                                .contains("NoLeaseException")
                                .contains("is run by");
                default -> assertThat(result.output()).contains("is run by");
            }
        }
        nothingIsDoubled();
    }

    @Test
    void aJobThatIsReplacedStoresNothingMoreAndFailsOnce() throws Exception {
        String replaced = stack.jobId();
        CompletableFuture<Void> load = CompletableFuture.runAsync(() -> publishSlowly(3_000));
        stack.submit("--take-over");
        load.join();
        awaitRows();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(state(stack.flink(), replaced)).isEqualTo("FAILED"));
        assertThat(failure(stack.flink(), replaced))
                .contains("This one was replaced")
                .contains("is run by " + stack.jobId());
        nothingIsDoubled();
    }

    @Test
    void aHolderThatWasFrozenAndReplacedCommitsNothingWhenItGoesOn() throws Exception {
        try (EmbeddedFlinkCluster other =
                EmbeddedFlinkCluster.builder()
                        .home(home.resolve("other"))
                        .configuration("env.java.opts.taskmanager", "-XX:TieredStopAtLevel=1")
                        .build()) {
            other.start();
            long before = published;
            // Envelopes that the job has read and not stored when it freezes.
            CompletableFuture<Void> load = CompletableFuture.runAsync(() -> publishSlowly(2_000));
            await().atMost(PATIENCE).until(() -> stack.rows(DEVICE) > before + 200);
            stack.flink().taskManager(1).freeze();
            stack.flink().jobManager().freeze();
            load.join();

            FlinkCommandResult replacement =
                    other.flink(stack.environment(), "run", "-d", PipelineStack.jar().toString());
            assertThat(replacement.exitCode()).as(replacement.output()).isZero();
            assertThat(replacement.output()).contains("is run by " + stack.jobId());
            awaitRows();

            stack.flink().jobManager().resume();
            stack.flink().taskManager(1).resume();
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(state(stack.flink(), stack.jobId()))
                                            .isEqualTo("FAILED"));
            assertThat(failure(stack.flink(), stack.jobId()))
                    .contains("is run by " + PipelineStack.jobId(replacement));
            publish(500);
            awaitRows();
            nothingIsDoubled();
            assertThat(states(other)).containsExactly("RUNNING");
            // Gives the lease back.
            ClusterJobs.cancelAll(other);
        }
    }

    private void publish(int envelopes) throws Exception {
        List<CompletableFuture<PublishAck>> stored = new ArrayList<>();
        for (int i = 0; i < envelopes; i++) {
            stored.add(stack.publishAsync(envelope(ORGANIZATION, DEVICE, Instant.now()).build()));
        }
        stored.forEach(CompletableFuture::join);
        published += envelopes;
    }

    /** One after the other, each once the one before is stored. */
    private void publishSlowly(int envelopes) {
        try {
            for (int i = 0; i < envelopes; i++) {
                stack.publish(envelope(ORGANIZATION, DEVICE, Instant.now()).build());
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        published += envelopes;
    }

    private void awaitRows() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                stack.number(
                                                        "SELECT uniqExact(stream_sequence) FROM"
                                                                + " processed_envelopes"))
                                        .isEqualTo(published));
        assertThat(stack.rows(DEVICE)).isEqualTo(published);
    }

    /** Also not by what is committed a checkpoint later. */
    private void nothingIsDoubled() throws Exception {
        publish(100);
        awaitRows();
    }

    /** Of this test's jobs, without those that were stopped with a savepoint. */
    private List<String> states(EmbeddedFlinkCluster cluster) throws Exception {
        List<String> states = new ArrayList<>();
        for (JsonNode job : ClusterJobs.all(cluster)) {
            if (!jobsBefore.contains(job.get("jid").asText())
                    && !job.get("state").asText().equals("FINISHED")) {
                states.add(job.get("state").asText());
            }
        }
        return states;
    }

    private String state(EmbeddedFlinkCluster cluster, String jobId) throws Exception {
        return ClusterJobs.rest(cluster, "/jobs/" + jobId).path("state").asText();
    }

    private String failure(EmbeddedFlinkCluster cluster, String jobId) throws Exception {
        return ClusterJobs.rest(cluster, "/jobs/" + jobId + "/exceptions").toString();
    }
}
