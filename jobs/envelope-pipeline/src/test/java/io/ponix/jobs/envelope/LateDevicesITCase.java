package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.ponix.embedded.process.DataOnSmallDisk;
import io.ponix.jobs.envelope.transform.EnvelopeMetrics;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Device state before data: with many devices and envelopes waiting at a cold start, after a
 * failure during which devices changed, and when Postgres or its change stream is late.
 *
 * <p>The system property {@code ponix.cold-start.envelopes} makes the cold start larger.
 */
@ExtendWith(SharedStack.class)
class LateDevicesITCase {

    private static final String LPP = "cayenne_lpp_decode(input)";
    private static final int DEVICES = 100_000;
    private static final int ENVELOPES = Integer.getInteger("ponix.cold-start.envelopes", 100_000);
    private static final int PUBLISHED_AT_ONCE = 4_000;
    private static final int FREE_MEBIBYTES = 96;
    private static final int MOST_UNTIL_FULL = 2_000;
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration LATE = GRACE.multipliedBy(4);
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static PipelineStack stack;

    @BeforeAll
    static void start(PipelineStack shared) throws Exception {
        stack = shared;
        stack.organization(ORGANIZATION);
        stack.sql(
                "INSERT INTO end_devices (device_id, organization_id, name, payload_conversion)"
                        + " SELECT 'cold-' || i, ?, 'Device ' || i, ? FROM generate_series(0, ?) i",
                ORGANIZATION,
                LPP,
                DEVICES - 1);
        stack.createRawStream();
        publish("cold-", DEVICES, ENVELOPES);
        stack.submit("--device-grace-period", GRACE.toMillis() + " ms");
    }

    @Test
    void aColdStartKnowsEveryDeviceBeforeTheFirstEnvelope() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                stack.number(
                                                        "SELECT count() FROM processed_envelopes"
                                                                + " WHERE end_device_id LIKE 'cold-%'"))
                                        .isEqualTo(ENVELOPES));
        assertThat(deadLettersOf("cold-")).isEmpty();
        assertThat(stack.transformMetric(EnvelopeMetrics.DEVICES))
                .as("devices known to two instances")
                .isGreaterThanOrEqualTo(2 * DEVICES);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(latestCheckpoint().get("state_size").asLong())
                                        .as(
                                                "bytes of a checkpoint, which does not hold the devices")
                                        .isLessThan(1_000_000));
    }

    @Test
    void aRestartedTaskWaitsForALatePostgresAndKnowsWhatChangedMeanwhile() throws Exception {
        stack.device("changed", ORGANIZATION, LPP);
        publish("changed", 1);
        awaitRows("changed", 1);

        stack.flink().taskManager(1).kill();
        stack.device("created", ORGANIZATION, LPP);
        stack.sql(
                "UPDATE end_devices SET payload_conversion = ? WHERE device_id = 'changed'",
                "{'bytes': size(input)}");
        stack.postgres().freeze();
        try {
            publish("created", 10);
            publish("changed", 10);
            stack.flink().taskManager(1).start();
            await().during(LATE)
                    .atMost(PATIENCE)
                    .until(() -> stack.rows("created") + deadLettersOf("created").size() == 0);
        } finally {
            stack.postgres().resume();
        }
        awaitRows("created", 10);
        awaitRows("changed", 11);
        assertThat(
                        stack.number(
                                "SELECT count() FROM processed_envelopes WHERE end_device_id ="
                                        + " 'changed' AND data.bytes = 4"))
                .as("what was published after the transform changed")
                .isEqualTo(10);
        assertThat(deadLettersOf("created")).isEmpty();
        assertThat(deadLettersOf("changed")).isEmpty();
    }

    @Test
    void aDeviceIsFoundInPostgresWhileTheChangesAreLate() throws Exception {
        stack.device("known", ORGANIZATION, LPP);
        publish("known", 1);
        awaitRows("known", 1);
        signalWalSender("STOP");
        try {
            stack.device("unheard", ORGANIZATION, LPP);
            publish("unheard", 5);
            awaitRows("unheard", 5);
            stack.device("unheard-name", ORGANIZATION, LPP);
            stack.externalId("unheard-name", "a84041ffff1822c4");
            stack.publish(
                    envelope(ORGANIZATION, "", Instant.now())
                            .setExternalId("A84041FFFF1822C4")
                            .build());
            awaitRows("unheard-name", 1);
        } finally {
            signalWalSender("CONT");
        }
        assertThat(deadLettersOf("unheard")).isEmpty();
    }

    @Test
    void nothingIsGivenUpWhilePostgresIsSilent() throws Exception {
        stack.device("busy", ORGANIZATION, LPP);
        publish("busy", 1);
        awaitRows("busy", 1);
        // Committed, and not told of before everything stands still.
        signalWalSender("STOP");
        stack.device("silent", ORGANIZATION, LPP);
        stack.postgres().freeze();
        try {
            publish("silent", 5);
            publish("nobody", 5);
            await().during(LATE)
                    .atMost(PATIENCE)
                    .until(
                            () ->
                                    deadLettersOf("silent").size() + deadLettersOf("nobody").size()
                                            == 0);
            // Others are not held up.
            publish("busy", 1);
            awaitRows("busy", 2);
        } finally {
            // Also wakes the WAL sender up.
            stack.postgres().resume();
        }
        awaitRows("silent", 5);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(deadLettersOf("nobody")).hasSize(5));
        assertThat(deadLettersOf("nobody"))
                .containsOnly(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND);
        assertThat(deadLettersOf("silent")).isEmpty();
    }

    @Test
    void whatChangedWhileItsTableWasNotPublishedIsKnownOnceItIs() throws Exception {
        stack.device("unpublished", ORGANIZATION, LPP);
        publish("unpublished", 1);
        awaitRows("unpublished", 1);
        long lastRestart = stack.lastRestart();

        stack.sql("ALTER PUBLICATION ponix_cdc_publication DROP TABLE end_devices");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.changesMetric("publicationProblems"))
                                        .as("told while it lasts")
                                        .isEqualTo(1));
        stack.sql(
                "UPDATE end_devices SET payload_conversion = ? WHERE device_id = 'unpublished'",
                "{'bytes': size(input)}");
        stack.sql("ALTER PUBLICATION ponix_cdc_publication ADD TABLE end_devices");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            publish("unpublished", 1);
                            assertThat(
                                            stack.number(
                                                    "SELECT count() FROM processed_envelopes WHERE"
                                                            + " end_device_id = 'unpublished' AND"
                                                            + " data.bytes = 4"))
                                    .isPositive();
                        });
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(stack.changesMetric("publicationProblems")).isZero());
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);
    }

    @Test
    void aPostgresWithoutRoomHoldsNothingUpAndNothingIsLost() throws Exception {
        stack.device("roomy", ORGANIZATION, LPP);
        publish("roomy", 1);
        awaitRows("roomy", 1);
        List<String> registered = new ArrayList<>();
        try (DataOnSmallDisk data = new DataOnSmallDisk(stack.postgres(), FREE_MEBIBYTES)) {
            data.disk().fill();
            assertThatThrownBy(() -> registerUntilThereIsNoRoom(registered))
                    .hasMessageContaining("No space left on device");
            publish("roomy", 10);
            awaitRows("roomy", 11);

            stack.flink().taskManager(1).kill();
            for (String device : registered) {
                publish(device, 1);
            }
            stack.flink().taskManager(1).start();
            data.disk().makeRoom();

            stack.device("after", ORGANIZATION, LPP);
            publish("after", 5);
            awaitRows("after", 5);
            for (String device : registered) {
                awaitRows(device, 1);
            }
        }
        assertThat(deadLettersOf("room")).isEmpty();
        assertThat(deadLettersOf("after")).isEmpty();
    }

    private static void registerUntilThereIsNoRoom(List<String> registered) throws SQLException {
        for (int number = 0; number < MOST_UNTIL_FULL; number++) {
            String device = "room-" + number;
            stack.device(device, ORGANIZATION, LPP);
            registered.add(device);
        }
    }

    private static void signalWalSender(String signal) throws Exception {
        String pid =
                stack.value(
                        "SELECT active_pid FROM pg_replication_slots WHERE slot_name ="
                                + " 'ponix_cdc_slot'");
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor())
                .isZero();
    }

    private static void publish(String device, int envelopes) throws Exception {
        publish(device, 1, envelopes);
    }

    /**
     * @param devices 1 for the device itself; otherwise it is the beginning of their ids
     */
    private static void publish(String device, int devices, int envelopes)
            throws ExecutionException, InterruptedException {
        List<CompletableFuture<PublishAck>> published = new ArrayList<>();
        for (int i = 0; i < envelopes; i++) {
            String id = devices == 1 ? device : device + i % devices;
            published.add(stack.publishAsync(envelope(ORGANIZATION, id, Instant.now()).build()));
            if (published.size() == PUBLISHED_AT_ONCE || i == envelopes - 1) {
                CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).get();
                published.clear();
            }
        }
    }

    private static void awaitRows(String device, long count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stack.rows(device)).isEqualTo(count));
    }

    /** The reasons of the dead letters of devices whose id begins like this. */
    private static List<DeadLetterReason> deadLettersOf(String device) throws Exception {
        List<DeadLetterReason> reasons = new ArrayList<>();
        for (MessageInfo message : stack.deadLetters()) {
            DeadLetter letter = DeadLetter.parseFrom(message.getData());
            if (letter.getEndDeviceId().startsWith(device)) {
                reasons.add(letter.getReason());
            }
        }
        return reasons;
    }

    private static JsonNode latestCheckpoint() throws IOException, InterruptedException {
        JsonNode completed =
                stack.rest("/jobs/" + stack.job().get("jid").asText() + "/checkpoints")
                        .get("latest")
                        .get("completed");
        assertThat(completed.isNull()).as("no checkpoint yet").isFalse();
        return completed;
    }
}
