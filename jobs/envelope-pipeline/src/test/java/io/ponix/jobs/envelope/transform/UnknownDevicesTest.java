package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChanges;
import io.ponix.jobs.envelope.devices.DeviceName;
import io.ponix.jobs.envelope.devices.RegistryTable;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.transforms.TransformLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What becomes of an envelope whose device is not known, or not yet. */
class UnknownDevicesTest extends TransformOperatorTestBase {

    @Test
    void envelopesOfAnUnknownDeviceWaitForItAndKeepTheirOrder() throws Exception {
        open();
        send(envelope("org", "late", NOW).build());
        send(envelope("org", "never", NOW).build());
        send(envelope("org", "late", NOW).build());
        after(9_999);
        assertThat(rows()).isEmpty();
        assertThat(deadLetters()).isEmpty();

        device("late", "org", "{'a': 1}");
        assertThat(rows()).extracting(EnvelopeRows::streamSequence).containsExactly(1L, 3L);

        after(10_000);
        takeAnswer();
        assertThat(tables.lookups).containsExactly(Set.of(DeviceName.ofId("never")));
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason())
                                    .isEqualTo(
                                            DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND);
                            assertThat(letter.message()).contains("grace period of 10 s");
                            assertThat(letter.origin().sequence()).isEqualTo(2);
                        });
    }

    @Test
    void theGracePeriodOfEachEnvelopeIsItsOwn() throws Exception {
        open();
        send(envelope("org", "a", NOW).build());
        after(6_000);
        send(envelope("org", "b", NOW).build());
        after(10_000);
        takeAnswer();
        assertThat(deadLetters()).hasSize(1);
        after(15_999);
        assertThat(tables.lookups).hasSize(1);
        after(16_000);
        takeAnswer();
        assertThat(deadLetters()).hasSize(2);
    }

    @Test
    void aDeviceThatTheChangesHaveNotToldOfIsFoundInPostgres() throws Exception {
        open();
        send(envelope("new", "late", NOW).build());
        tables.rows.add(new DeviceChange.OrganizationUpserted("new", 49, false));
        tables.rows.add(row("late", "new", "{'a': 1}"));
        after(10_000);
        takeAnswer();
        assertThat(deadLetters()).isEmpty();
        assertThat(rows()).hasSize(1);

        // Known from now on, and not disturbed when the stream tells of it after all.
        send(envelope("new", "late", NOW).build());
        device("late", "new", "{'b': 1}");
        send(envelope("new", "late", NOW).build());
        assertThat(rows()).hasSize(3).allSatisfy(row -> assertThat(json(row)).contains("\"a\""));
    }

    @Test
    void whilePostgresDoesNotAnswerNothingIsGivenUpAndEverythingElseGoesOn() throws Exception {
        tables.answers.drainPermits();
        open();
        send(envelope("org", "late", NOW).build());
        send(envelope("org", "never", NOW).build());
        after(10_000);
        after(3_600_000);
        send(envelope("org", "device", NOW).build());
        send(envelope("org", "later", NOW).build());
        assertThat(rows()).hasSize(1);
        device("later", "org", "{'a': 1}");
        assertThat(rows()).hasSize(2);
        assertThat(deadLetters()).isEmpty();

        device("late", "org", "{'a': 1}");
        tables.answers.release();
        takeAnswer();
        assertThat(rows()).extracting(EnvelopeRows::streamSequence).containsExactly(3L, 4L, 1L);
        assertThat(deadLetters())
                .extracting(letter -> letter.origin().sequence())
                .containsExactly(2L);
    }

    @Test
    void aDeviceRemovedWhileItWasLookedUpIsNotBroughtBack() throws Exception {
        tables.answers.drainPermits();
        open();
        send(envelope("org", "short-lived", NOW).build());
        DeviceChange.DeviceUpserted row = row("short-lived", "org", "{'a': 1}");
        tables.rows.add(row);
        after(10_000);
        await().until(() -> tables.lookups.size() == 1);
        // The answer holds the row, and the stream overtakes it.
        tables.rows.remove(row);
        change(row);
        change(new DeviceChange.Removed(RegistryTable.DEVICES, "short-lived", row.version()));
        assertThat(rows()).hasSize(1);
        tables.answers.release();
        takeAnswer();

        send(envelope("org", "short-lived", NOW).build());
        after(30_000);
        tables.answers.release();
        takeAnswer();
        assertThat(tables.lookups).hasSize(2);
        assertThat(rows()).hasSize(1);
        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void whenTooManyWaitTheOldestAreLookedUpAtOnce() throws Exception {
        limitParkTo(2);
        open();
        tables.rows.add(row("unknown-1", "org", "{'a': 1}"));
        for (int i = 0; i < 3; i++) {
            send(envelope("org", "unknown-" + i, NOW).build());
        }
        assertThat(tables.lookups)
                .containsExactly(
                        Set.of(DeviceName.ofId("unknown-0"), DeviceName.ofId("unknown-1")));
        assertThat(rows()).extracting(EnvelopeRows::streamSequence).containsExactly(2L);
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.origin().sequence()).isEqualTo(1);
                            assertThat(letter.message()).contains("more than 2 envelopes");
                        });
    }

    @Test
    void whenTooManyWaitAndPostgresDoesNotAnswerNoMoreAreTaken() throws Exception {
        limitParkTo(2);
        tables.answers.drainPermits();
        open();
        send(envelope("org", "unknown-0", NOW).build());
        send(envelope("org", "unknown-1", NOW).build());
        CompletableFuture<List<DeadLetter>> meanwhile =
                CompletableFuture.supplyAsync(
                        () -> {
                            await().until(() -> !tables.lookups.isEmpty());
                            List<DeadLetter> before = deadLetters();
                            tables.answers.release();
                            return before;
                        });
        send(envelope("org", "unknown-2", NOW).build());
        // Taken only because there was an answer.
        assertThat(meanwhile.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(deadLetters()).hasSize(2);
    }

    @Test
    void everyStartReadsTheDevicesAsTheyAreThen() throws Exception {
        open();
        send(envelope("org", "created-meanwhile", NOW).build());
        send(envelope("org", "created-meanwhile", NOW).build());
        OperatorSubtaskState state = harness.snapshot(1, 1);
        tables.rows.clear();
        tables.rows.add(new DeviceChange.OrganizationUpserted("org", 1, false));
        tables.rows.add(row("device", "org", "{'changed': 'meanwhile'}"));
        tables.rows.add(row("created-meanwhile", "org", "{'a': 1}"));

        restore(state, NOW.toEpochMilli(), 1, 0);
        assertThat(rows()).extracting(EnvelopeRows::streamSequence).containsExactly(1L, 2L);
        send(envelope("org", "device", NOW).build());
        assertThat(json(rows().get(2))).isEqualTo("{\"changed\":\"meanwhile\"}");
        assertThat(tables.lookups).isEmpty();
    }

    @Test
    void restoredEnvelopesGetAnotherGracePeriod() throws Exception {
        open();
        send(envelope("org", "never", NOW).build());
        OperatorSubtaskState state = harness.snapshot(1, 1);

        long later = NOW.plus(Duration.ofDays(1)).toEpochMilli();
        restore(state, later, 1, 0);
        harness.setProcessingTime(later + 9_999);
        assertThat(tables.lookups).isEmpty();
        harness.setProcessingTime(later + 10_000);
        takeAnswer();
        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void aRescaleDealsOutParkedEnvelopes() throws Exception {
        open();
        for (int i = 0; i < 4; i++) {
            send(envelope("org", "late", NOW).build());
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);

        List<Long> released = new ArrayList<>();
        for (int subtask = 0; subtask < 2; subtask++) {
            restore(
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(
                            state, 128, 1, 2, subtask),
                    NOW.toEpochMilli(),
                    2,
                    subtask);
            device("late", "org", "{'a': 1}");
            assertThat(rows()).hasSize(2);
            rows().forEach(row -> released.add(row.streamSequence()));
            send(envelope("org", "device", NOW).build());
            assertThat(rows()).hasSize(3);
        }
        assertThat(released).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }

    @Test
    void idsOfAnyKindEndAsDeadLetters() throws Exception {
        open();
        for (String id :
                new String[] {"a.b", "*", ">", "\n\r\0", " ", "ü€😀", "x".repeat(100_000)}) {
            send(envelope(id, id, NOW).build());
        }
        after(10_000);
        takeAnswer();
        assertThat(deadLetters())
                .hasSize(7)
                .allSatisfy(
                        l ->
                                assertThat(l.reason())
                                        .isEqualTo(
                                                DeadLetterReason
                                                        .DEAD_LETTER_REASON_DEVICE_NOT_FOUND));
    }

    @Test
    void devicesAreReadAgainWhenTheirChangesWereNotPublished() throws Exception {
        open();
        device("removed", "org", "{'a': 1}");
        send(envelope("org", "created", NOW).build());
        change(new DeviceChange.Published(tables.publication));
        send(envelope("org", "removed", NOW).build());
        assertThat(rows()).hasSize(1);

        // Unseen: one removed, one created, one changed in a table whose versions begin anew.
        tables.rows.clear();
        tables.rows.add(new DeviceChange.OrganizationUpserted("org", 1, false));
        tables.rows.add(DeviceChanges.device("device", "org", "{'b': 2}", "", 1, false));
        tables.rows.add(DeviceChanges.device("created", "org", "{'c': 3}", "", 1, false));
        tables.publication = "second";
        change(new DeviceChange.Published("second"));
        assertThat(rows().get(1)).extracting(EnvelopeRows::endDeviceId).isEqualTo("created");
        send(envelope("org", "device", NOW).build());
        send(envelope("org", "removed", NOW).build());
        assertThat(rows()).hasSize(3);

        after(10_000);
        takeAnswer();
        assertThat(deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.endDeviceId()).isEqualTo("removed"));
    }

    private void limitParkTo(int envelopes) {
        settings =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        envelopes,
                        1_000_000,
                        null,
                        Duration.ofHours(24),
                        TransformLimits.DEFAULT,
                        false);
    }

    /** Moves the clock, in milliseconds since {@link #NOW}. */
    private void after(long millis) throws Exception {
        harness.setProcessingTime(NOW.toEpochMilli() + millis);
    }
}
