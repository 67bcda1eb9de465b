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
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** What becomes of an envelope that names its device as its sender calls it. */
class ExternalIdsOfEnvelopesTest extends TransformOperatorTestBase {

    private static final String DEV_EUI = "A84041FFFF1822C4";
    private static final String NORMAL = "a84041ffff1822c4";

    private long version = 100;

    @Test
    void itsRowIsThatOfTheDevice() throws Exception {
        open();
        change(named("d", "org", "{'id': device.id}", NORMAL));
        send(named(DEV_EUI));
        send(named(NORMAL));
        assertThat(rows())
                .hasSize(2)
                .allSatisfy(
                        row -> {
                            assertThat(row.endDeviceId()).isEqualTo("d");
                            assertThat(json(row)).isEqualTo("{\"id\":\"d\"}");
                        });
    }

    @Test
    void theDevicesOwnIdDecidesWhereBothAreGiven() throws Exception {
        open();
        change(named("d", "org", "{'a': 1}", NORMAL));
        send(envelope("org", "device", NOW).setExternalId(DEV_EUI).build());
        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("device");
        send(envelope("org", "nobody", NOW).setExternalId(DEV_EUI).build());
        after(10_000);
        takeAnswer();
        assertThat(tables.lookups).containsExactly(Set.of(DeviceName.ofId("nobody")));
        assertThat(onlyLetter().externalId()).isEmpty();
    }

    @Test
    void anotherOrganizationsDeviceIsNotFound() throws Exception {
        open();
        change(new DeviceChange.OrganizationUpserted("other", 1, false));
        change(named("d", "other", "{'a': 1}", NORMAL));
        send(named(DEV_EUI));
        after(10_000);
        takeAnswer();
        assertThat(rows()).isEmpty();
        assertLetter(
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                "still unknown after the grace period",
                "");
    }

    @Test
    void withoutAnOrganizationItMeansNothing() throws Exception {
        open();
        send(envelope("", "", NOW).setExternalId(DEV_EUI).build());
        assertLetter(
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "no organization_id", "");
    }

    @Test
    void aLetterNamesTheDeviceThatWasFound() throws Exception {
        open();
        change(named("d", "org", "{'a': 1 / 0}", NORMAL));
        send(named(DEV_EUI));
        assertLetter(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, "", "d");
    }

    @Test
    void oneThatIsUnknownWaitsForItsDevice() throws Exception {
        open();
        send(named(DEV_EUI));
        send(named(NORMAL));
        send(envelope("org", "late", NOW).build());
        device("another", "org", "{'a': 1}");
        change(named("late", "org", "{'a': 1}", "another"));
        assertThat(rows()).extracting(EnvelopeRows::streamSequence).containsExactly(3L);
        // Named at last, by an update.
        change(named("late", "org", "{'a': 1}", NORMAL));
        assertThat(rows()).extracting(EnvelopeRows::streamSequence).containsExactly(3L, 1L, 2L);
        after(10_000);
        assertThat(tables.lookups).isEmpty();
    }

    @Test
    void oneThatTheChangesHaveNotToldOfIsFoundInPostgres() throws Exception {
        open();
        send(named(DEV_EUI));
        tables.rows.add(named("late", "org", "{'a': 1}", NORMAL));
        after(10_000);
        takeAnswer();
        assertThat(tables.lookups).containsExactly(Set.of(DeviceName.ofExternalId("org", NORMAL)));
        assertThat(deadLetters()).isEmpty();
        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("late");
    }

    @Test
    void aDeletedDeviceHasNone() throws Exception {
        open();
        DeviceChange.DeviceUpserted device = named("d", "org", "{'a': 1}", NORMAL);
        change(device);
        change(DeviceChanges.device("d", "org", "{'a': 1}", "", NORMAL, ++version, true));
        send(named(DEV_EUI));
        after(10_000);
        takeAnswer();
        assertLetter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "unknown", "");

        change(named("next", "org", "{'a': 1}", NORMAL));
        change(new DeviceChange.Removed(RegistryTable.DEVICES, "d", version));
        send(named(DEV_EUI));
        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("next");
    }

    @Test
    void aDeviceThatLetGoOfItWhileItWasLookedUpIsAskedForAgain() throws Exception {
        tables.answers.drainPermits();
        open();
        send(named(DEV_EUI));
        DeviceChange.DeviceUpserted first = named("first", "org", "{'a': 1}", NORMAL);
        tables.rows.add(first);
        after(10_000);
        await().until(() -> tables.lookups.size() == 1);
        // The answer has the row; by now another device has the name, which is not told of yet.
        tables.rows.remove(first);
        change(named("first", "org", "{'a': 1}", ""));
        tables.rows.add(named("second", "org", "{'a': 1}", NORMAL));
        tables.answers.release();
        takeAnswer();
        assertThat(rows()).isEmpty();
        assertThat(deadLetters()).isEmpty();

        after(20_000);
        tables.answers.release();
        takeAnswer();
        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("second");
    }

    @Test
    void oneThatWaitsForADefinitionIsReleasedByIt() throws Exception {
        open();
        change(DeviceChanges.device("d", "org", "", "def", NORMAL, ++version, false));
        send(named(DEV_EUI));
        assertThat(rows()).isEmpty();
        change(
                new DeviceChange.DefinitionUpserted(
                        "def", "a name", "[{\"transform_expression\": \"{'a': 1}\"}]", "", 1));
        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("d");
    }

    @Test
    void whatWaitsIsInTheCheckpoint() throws Exception {
        open();
        send(named(DEV_EUI));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        tables.rows.add(named("late", "org", "{'a': 1}", NORMAL));
        restore(state, NOW.toEpochMilli(), 1, 0);
        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("late");
    }

    private static RawEnvelope named(String externalId) {
        return envelope("org", "", NOW).setExternalId(externalId).build();
    }

    private DeviceChange.DeviceUpserted named(
            String id, String organization, String transform, String externalId) {
        return DeviceChanges.device(id, organization, transform, "", externalId, ++version, false);
    }

    private void assertLetter(DeadLetterReason reason, String message, String device) {
        DeadLetter letter = onlyLetter();
        assertThat(letter.reason()).isEqualTo(reason);
        assertThat(letter.message()).contains(message);
        assertThat(letter.endDeviceId()).isEqualTo(device);
        assertThat(letter.externalId()).isEqualTo(DEV_EUI);
    }

    private DeadLetter onlyLetter() {
        assertThat(deadLetters()).hasSize(1);
        return deadLetters().get(0);
    }

    /** Moves the clock, in milliseconds since {@link #NOW}. */
    private void after(long millis) throws Exception {
        harness.setProcessingTime(NOW.toEpochMilli() + millis);
    }
}
