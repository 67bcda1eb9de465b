package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.process.Folders;
import io.ponix.jobs.envelope.transform.EnvelopeMetrics;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records what {@link ReleasedSavepointsITCase} restores: a savepoint of this build, and NATS'
 * files beside it. No test: {@code jobs/envelope-pipeline/record-savepoint} runs it before a
 * release.
 */
class SavepointRecorder {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir Path home;

    @Test
    void record() throws Exception {
        Path target = ReleasedSavepointsITCase.FOLDER.resolve(System.getProperty("ponix.release"));
        assertThat(target).as("a recorded savepoint is never changed").doesNotExist();
        String savepoint;
        try (PipelineStack stack = PipelineStack.start(home)) {
            stack.organization(ORGANIZATION);
            for (int i = 0; i < ReleasedSavepointsITCase.DEVICES; i++) {
                stack.device("known-" + i, ORGANIZATION, "cayenne_lpp_decode(input)");
            }
            stack.submit(
                    "--device-grace-period=1h",
                    // What is recorded today must be there in years.
                    "--raw-retention=unlimited",
                    "--dead-letter-retention=unlimited");
            // In all of the partitions, of which each has a split.
            for (int i = 0; i < ReleasedSavepointsITCase.DEVICES; i++) {
                stack.publish(envelope(ORGANIZATION, "known-" + i, Instant.now()).build());
            }
            byte[] malformed = "not protobuf".getBytes(StandardCharsets.UTF_8);
            stack.publish("raw_envelopes.malformed", malformed);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(stack.lastSequence("dead_letters")).isEqualTo(1));
            // What a savepoint holds beside positions: letters that wait, and parked envelopes.
            stack.setRoom("dead_letters", 0);
            stack.publish("raw_envelopes.malformed", malformed);
            for (int i = 0; i < ReleasedSavepointsITCase.PARKED; i++) {
                stack.publish(envelope(ORGANIZATION, "late", Instant.now()).build());
            }
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                assertThat(stack.transformMetric(EnvelopeMetrics.PARKED))
                                        .isEqualTo(ReleasedSavepointsITCase.PARKED);
                                assertThat(stack.number("SELECT count() FROM processed_envelopes"))
                                        .isEqualTo(ReleasedSavepointsITCase.DEVICES);
                            });
            savepoint = stack.stopWithSavepoint();
            stack.setRoom("dead_letters", -1);
        }
        Files.createDirectories(target);
        Folders.copy(Path.of(URI.create(savepoint)), target.resolve("savepoint"));
        Folders.copy(home.resolve("nats/jetstream"), target.resolve("jetstream"));
    }
}
