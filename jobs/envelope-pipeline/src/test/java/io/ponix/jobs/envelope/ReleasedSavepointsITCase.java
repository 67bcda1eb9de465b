package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.MessageInfo;
import io.ponix.jobs.envelope.transform.EnvelopeMetrics;
import io.ponix.proto.end_device.v1.EndDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The savepoint of every release restores, on a cluster, beside the streams it was taken of: {@link
 * SavepointRecorder} recorded both.
 */
@ExtendWith(SharedStack.class)
class ReleasedSavepointsITCase {

    /** Devices of which an envelope each became a row before the savepoint. */
    static final int DEVICES = 20;

    /** Envelopes of the device {@code late}, which wait in the savepoint. */
    static final int PARKED = 2;

    static final Path FOLDER =
            Path.of(
                    System.getProperty("ponix.root"),
                    "jobs/envelope-pipeline/src/test/resources/savepoints");

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String BEFORE_LETTERS_WAITED = "0.1.0-alpha.1";
    private static final String LPP = "cayenne_lpp_decode(input)";

    /** Each with what no release before announced, and without. */
    static List<Arguments> releases() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .flatMap(
                            release ->
                                    Stream.of(
                                            Arguments.of(release, false),
                                            Arguments.of(release, true)))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void theJobGoesOnWhereItWas(String release, boolean registryChanges, PipelineStack stack)
            throws Exception {
        stack.takeStreamsOf(FOLDER.resolve(release).resolve("jetstream"));
        stack.organization(ORGANIZATION);
        for (int i = 0; i < DEVICES; i++) {
            stack.device("known-" + i, ORGANIZATION, LPP);
        }
        long read = stack.lastSequence("raw_envelopes");
        long letters = stack.lastSequence("dead_letters");
        // Published while no job ran.
        for (int i = 0; i < DEVICES; i++) {
            stack.publish(envelope(ORGANIZATION, "known-" + i, Instant.now()).build());
        }
        stack.resume(
                FOLDER.resolve(release).resolve("savepoint").toUri().toString(),
                // Postgres is another one, whose log ends before the savepoint's position.
                "--cdc-resnapshot",
                // The device comes after the job, which a busy machine starts slowly.
                "--device-grace-period=5m",
                "--publish-registry-changes=" + registryChanges);
        stack.device("late", ORGANIZATION, LPP);

        // The table is another one: what was a row before the savepoint is not read again.
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                stack.query(
                                                        "SELECT end_device_id = 'late',"
                                                                + " stream_sequence > "
                                                                + read
                                                                + ", count() FROM"
                                                                + " processed_envelopes GROUP"
                                                                + " BY 1, 2 ORDER BY 1"))
                                        .containsExactly(
                                                List.of("0", "1", Integer.toString(DEVICES)),
                                                List.of("1", "0", Integer.toString(PARKED))));
        // One letter waits in the savepoint of every release that could let letters wait.
        if (!release.equals(BEFORE_LETTERS_WAITED)) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(stack.lastSequence("dead_letters"))
                                            .isEqualTo(letters + 1));
        }
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(stack.transformMetric(EnvelopeMetrics.PARKED)).isZero());
        stack.gateway("north", ORGANIZATION);
        stack.awaitAnnouncements("north", "gateways.create GATEWAY_STATUS_ACTIVE");
        if (registryChanges) {
            stack.sql("UPDATE end_devices SET name = 'Heard' WHERE device_id = 'late'");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(announcedDevices(stack)).contains("Heard"));
        }
        assertThat(stack.lastRestart()).isZero();
    }

    private static List<String> announcedDevices(PipelineStack stack) throws Exception {
        List<String> names = new ArrayList<>();
        for (MessageInfo message : stack.messages("end_devices")) {
            names.add(EndDevice.parseFrom(message.getData()).getName());
        }
        return names;
    }
}
