package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.envelope.Envelopes.envelope;
import static io.ponix.jobs.envelope.envelope.Envelopes.inbound;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.ponix.jobs.envelope.deadletter.DeadLetter;
import io.ponix.jobs.envelope.deadletter.Reason;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EnvelopeTransformOperatorTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private static final TransformSettings SETTINGS =
            new TransformSettings(Duration.ofSeconds(10), 100, 1_000_000, Duration.ofHours(24));

    private static final DeviceLoader ONE_DEVICE =
            target -> {
                target.accept(DeviceChange.organizationUpserted("org", 1, false));
                target.accept(
                        DeviceChange.deviceUpserted(
                                "device",
                                "org",
                                "a name",
                                "cayenne_lpp_decode(input)",
                                "",
                                2,
                                false));
            };

    private TwoInputStreamOperatorTestHarness<InboundEnvelope, DeviceChange, ProcessedRow> harness;
    private long sequence;

    /** What the table holds: sequences and when JetStream stored their messages. */
    private final Map<Long, Long> stored = new HashMap<>();

    /**
     * A table in memory.
     *
     * @param receivedAt by sequence
     */
    private record Stored(Map<Long, Long> receivedAt) implements StoredSequences {

        @Override
        public void open() {}

        @Override
        public boolean contains(long sequence, long at) {
            return Long.valueOf(at).equals(receivedAt.get(sequence));
        }

        @Override
        public void close() {}
    }

    @AfterEach
    void close() throws Exception {
        if (harness != null) {
            harness.close();
        }
    }

    @Test
    void anEnvelopeOfALoadedDeviceBecomesARow() throws Exception {
        open(ONE_DEVICE);
        Instant occurredAt = Instant.parse("2026-11-21T09:59:59.123456789Z");
        send(envelope("org", "device", occurredAt).build());

        ProcessedRow row = rows().get(0);
        assertThat(row.organizationId()).isEqualTo("org");
        assertThat(row.endDeviceId()).isEqualTo("device");
        assertThat(json(row)).isEqualTo("{\"temperature_1\":27.2}");
        assertThat(row.occurredAt())
                .isEqualTo(Instant.parse("2026-11-21T09:59:59.123Z").toEpochMilli());
        assertThat(row.processedAt()).isEqualTo(NOW.toEpochMilli());
        assertThat(row.stream()).isEqualTo("raw_envelopes");
        assertThat(row.streamSequence()).isEqualTo(1);
        assertThat(row.receivedAt()).isEqualTo(1_000_001);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void anEnvelopeThatIsARowAlreadyIsNotStoredAgain() throws Exception {
        InboundEnvelope first = inbound(1, envelope("org", "device", NOW).build());
        InboundEnvelope second = inbound(2, envelope("org", "device", NOW).build());
        stored.put(1L, first.receivedAt());
        // The same sequence of a stream that was deleted and made anew.
        stored.put(2L, second.receivedAt() - 1);
        open(ONE_DEVICE);

        send(first);
        send(second);

        assertThat(rows()).singleElement().extracting(ProcessedRow::streamSequence).isEqualTo(2L);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void aTransformSeesWhatTheEnvelopeAndItsDeviceSay() throws Exception {
        open(ONE_DEVICE);
        change(
                DeviceChange.deviceUpserted(
                        "device",
                        "org",
                        "a name",
                        "{'port': f_port, 'rssi': attributes['rssi'], 'bytes': size(input),"
                                + " 'at': occurred_at, 'device': device.name}",
                        "",
                        3,
                        false));
        send(envelope("org", "device", NOW).setFPort(7).putAttributes("rssi", "-80").build());
        assertThat(json(rows().get(0)))
                .isEqualTo(
                        "{\"port\":7,\"rssi\":\"-80\",\"bytes\":4,"
                                + "\"at\":\"2026-11-21T10:00:00Z\",\"device\":\"a name\"}");
    }

    @Test
    void everyReasonButTheStoresOwn() throws Exception {
        open(ONE_DEVICE);
        change(DeviceChange.organizationUpserted("gone", 10, true));
        device("of-gone", "gone", "{'a': 1}");
        device("of-nobody", "nobody", "{'a': 1}");
        device("no-transform", "org", "");
        device("no-compile", "org", "{'a': ");
        device("fails", "org", "{'a': input[1000]}");
        device("not-an-object", "org", "1 + 1");
        device("not-a-number", "org", "{'a': double('NaN')}");
        change(DeviceChange.deviceUpserted("deleted", "org", "a name", "{'a': 1}", "", 100, true));

        assertDeadLetter(Reason.MALFORMED_ENVELOPE, "Not a RawEnvelope", new byte[] {0x0a});
        assertDeadLetter(Reason.DEVICE_NOT_FOUND, "names no device", envelope("org", "", NOW));
        assertDeadLetter(Reason.DEVICE_NOT_FOUND, "is deleted", envelope("org", "deleted", NOW));
        assertDeadLetter(
                Reason.ORGANIZATION_MISMATCH,
                "'other', the device belongs to 'org'",
                envelope("other", "device", NOW));
        assertDeadLetter(
                Reason.ORGANIZATION_NOT_ACTIVE, "'gone'", envelope("gone", "of-gone", NOW));
        assertDeadLetter(
                Reason.ORGANIZATION_NOT_ACTIVE, "'nobody'", envelope("nobody", "of-nobody", NOW));
        assertDeadLetter(
                Reason.NO_CONVERSION, "payload_conversion", envelope("org", "no-transform", NOW));
        assertDeadLetter(
                Reason.CONVERSION_FAILED, "does not compile", envelope("org", "no-compile", NOW));
        assertDeadLetter(Reason.CONVERSION_FAILED, "", envelope("org", "fails", NOW));
        assertDeadLetter(Reason.INVALID_OUTPUT, "", envelope("org", "not-a-number", NOW));
        assertDeadLetter(
                Reason.TIMESTAMP_OUT_OF_RANGE,
                "missing",
                envelope("org", "device", NOW).clearOccurredAt());
        assertDeadLetter(
                Reason.TIMESTAMP_OUT_OF_RANGE,
                "1969-12-31T23:59:59Z",
                envelope("org", "device", Instant.ofEpochSecond(-1)));
        assertDeadLetter(
                Reason.TIMESTAMP_OUT_OF_RANGE,
                "2106-02-07T06:28:16Z",
                envelope("org", "device", Instant.parse("2106-02-07T06:28:16Z")));
        assertDeadLetter(
                Reason.TIMESTAMP_OUT_OF_RANGE,
                "9223372036854775807 seconds",
                envelope("org", "device", NOW)
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)));
        assertDeadLetter(
                Reason.TIMESTAMP_OUT_OF_RANGE,
                "-1 nanoseconds",
                envelope("org", "device", NOW)
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(1).setNanos(-1)));
        assertDeadLetter(
                Reason.TIMESTAMP_OUT_OF_RANGE,
                "PT24H after the job's clock",
                envelope("org", "device", NOW.plus(Duration.ofHours(24)).plusMillis(1)));
        assertThat(rows()).isEmpty();
    }

    @Test
    void aResultThatIsNeverAnObjectIsRefused() throws Exception {
        open(ONE_DEVICE);
        device("not-an-object", "org", "1 + 1");
        send(envelope("org", "not-an-object", NOW).build());
        // Whether the compiler or the evaluation finds it, it is the transform's fault.
        assertThat(deadLetters())
                .singleElement()
                .extracting(DeadLetter::reason)
                .isIn(Reason.CONVERSION_FAILED, Reason.INVALID_OUTPUT);
    }

    @Test
    void timesAtTheEdgesAreStored() throws Exception {
        open(ONE_DEVICE);
        send(envelope("org", "device", Instant.EPOCH).build());
        send(envelope("org", "device", NOW.plus(Duration.ofHours(24))).build());
        assertThat(rows()).hasSize(2);

        harness.close();
        TransformSettings farFuture =
                new TransformSettings(
                        Duration.ofSeconds(10), 100, 1_000_000, Duration.ofDays(100_000));
        harness = harness(ONE_DEVICE, farFuture, 1, 0);
        harness.open();
        send(envelope("org", "device", Instant.parse("2106-02-07T06:28:15.999Z")).build());
        assertThat(rows()).hasSize(1);
    }

    @Test
    void anUpdateTakesEffectOnTheNextEnvelope() throws Exception {
        open(ONE_DEVICE);
        send(envelope("org", "device", NOW).build());
        assertThat(json(rows().get(0))).isEqualTo("{\"temperature_1\":27.2}");
        change(
                DeviceChange.deviceUpserted(
                        "device", "org", "a name", "{'n': size(input)}", "", 3, false));
        send(envelope("org", "device", NOW).build());
        assertThat(json(rows().get(1))).isEqualTo("{\"n\":4}");
    }

    @Test
    void envelopesOfAnUnknownDeviceWaitForItAndKeepTheirOrder() throws Exception {
        open(ONE_DEVICE);
        send(envelope("org", "late", NOW).build());
        send(envelope("org", "never", NOW).build());
        send(envelope("org", "late", NOW).build());
        harness.setProcessingTime(NOW.toEpochMilli() + 9_999);
        assertThat(rows()).isEmpty();
        assertThat(deadLetters()).isEmpty();

        device("late", "org", "{'a': 1}");
        assertThat(rows()).extracting(ProcessedRow::streamSequence).containsExactly(1L, 3L);

        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo(Reason.DEVICE_NOT_FOUND);
                            assertThat(letter.message()).contains("grace period of PT10S");
                            assertThat(letter.envelope().streamSequence()).isEqualTo(2);
                        });
    }

    @Test
    void theGracePeriodOfEachEnvelopeIsItsOwn() throws Exception {
        open(ONE_DEVICE);
        send(envelope("org", "a", NOW).build());
        harness.setProcessingTime(NOW.toEpochMilli() + 6_000);
        send(envelope("org", "b", NOW).build());
        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        assertThat(deadLetters()).hasSize(1);
        harness.setProcessingTime(NOW.toEpochMilli() + 15_999);
        assertThat(deadLetters()).hasSize(1);
        harness.setProcessingTime(NOW.toEpochMilli() + 16_000);
        assertThat(deadLetters()).hasSize(2);
    }

    @Test
    void whenTooManyWaitTheOldestAreGivenUpAtOnce() throws Exception {
        harness =
                harness(
                        ONE_DEVICE,
                        new TransformSettings(
                                Duration.ofSeconds(10), 2, 1_000_000, Duration.ofHours(24)),
                        1,
                        0);
        harness.open();
        harness.setProcessingTime(NOW.toEpochMilli());
        for (int i = 0; i < 3; i++) {
            send(envelope("org", "unknown-" + i, NOW).build());
        }
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.envelope().streamSequence()).isEqualTo(1);
                            assertThat(letter.message()).contains("more than 2 envelopes");
                        });
    }

    @Test
    void restoredStateIsUsedAndNothingIsLoadedAgain() throws Exception {
        open(ONE_DEVICE);
        device("second", "org", "{'a': 1}");
        send(envelope("org", "late", NOW).build());
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        harness =
                harness(
                        target -> {
                            throw new AssertionError("loaded in spite of restored state");
                        },
                        SETTINGS,
                        1,
                        0);
        harness.setProcessingTime(NOW.toEpochMilli());
        harness.initializeState(state);
        harness.open();
        send(envelope("org", "device", NOW).build());
        send(envelope("org", "second", NOW).build());
        assertThat(rows()).hasSize(2);
        device("late", "org", "{'a': 1}");
        assertThat(rows()).extracting(ProcessedRow::streamSequence).containsExactly(2L, 3L, 1L);
    }

    @Test
    void restoredEnvelopesGetAnotherGracePeriod() throws Exception {
        open(ONE_DEVICE);
        send(envelope("org", "never", NOW).build());
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        long later = NOW.plus(Duration.ofDays(1)).toEpochMilli();
        harness = harness(ONE_DEVICE, SETTINGS, 1, 0);
        harness.setProcessingTime(later);
        harness.initializeState(state);
        harness.open();
        harness.setProcessingTime(later + 9_999);
        assertThat(deadLetters()).isEmpty();
        harness.setProcessingTime(later + 10_000);
        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void aRescaleDealsOutParkedEnvelopesAndGivesEveryInstanceAllDevices() throws Exception {
        open(ONE_DEVICE);
        for (int i = 0; i < 4; i++) {
            send(envelope("org", "late", NOW).build());
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        List<Long> released = new ArrayList<>();
        for (int subtask = 0; subtask < 2; subtask++) {
            OperatorSubtaskState share =
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(
                            state, 128, 1, 2, subtask);
            harness = harness(ONE_DEVICE, SETTINGS, 2, subtask);
            harness.setProcessingTime(NOW.toEpochMilli());
            harness.initializeState(share);
            harness.open();
            device("late", "org", "{'a': 1}");
            assertThat(rows()).hasSize(2);
            rows().forEach(row -> released.add(row.streamSequence()));
            send(envelope("org", "device", NOW).build());
            assertThat(rows()).hasSize(3);
            if (subtask == 0) {
                harness.close();
            }
        }
        assertThat(released).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }

    @Test
    void idsOfAnyKindEndAsDeadLetters() throws Exception {
        open(ONE_DEVICE);
        for (String id :
                new String[] {"a.b", "*", ">", "\n\r\0", " ", "ü€😀", "x".repeat(100_000)}) {
            send(envelope(id, id, NOW).build());
        }
        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        assertThat(deadLetters())
                .hasSize(7)
                .allSatisfy(l -> assertThat(l.reason()).isEqualTo(Reason.DEVICE_NOT_FOUND));
    }

    private void open(DeviceLoader loader) throws Exception {
        harness = harness(loader, SETTINGS, 1, 0);
        harness.open();
        harness.setProcessingTime(NOW.toEpochMilli());
    }

    private TwoInputStreamOperatorTestHarness<InboundEnvelope, DeviceChange, ProcessedRow> harness(
            DeviceLoader loader, TransformSettings settings, int parallelism, int subtask)
            throws Exception {
        TwoInputStreamOperatorTestHarness<InboundEnvelope, DeviceChange, ProcessedRow> harness =
                new TwoInputStreamOperatorTestHarness<>(
                        new EnvelopeTransformOperator(loader, new Stored(stored), settings),
                        128,
                        parallelism,
                        subtask);
        harness.setup(ProcessedRowSerializer.INSTANCE);
        return harness;
    }

    private void device(String id, String organization, String transform) throws Exception {
        change(DeviceChange.deviceUpserted(id, organization, "a name", transform, "", 50, false));
    }

    private void change(DeviceChange change) throws Exception {
        harness.processElement2(new StreamRecord<>(change));
    }

    private void send(RawEnvelope envelope) throws Exception {
        send(inbound(++sequence, envelope));
    }

    private void send(InboundEnvelope envelope) throws Exception {
        harness.processElement1(new StreamRecord<>(envelope));
    }

    private void assertDeadLetter(Reason reason, String message, RawEnvelope.Builder envelope)
            throws Exception {
        assertDeadLetter(reason, message, envelope.build().toByteArray());
    }

    private void assertDeadLetter(Reason reason, String message, byte[] data) throws Exception {
        int before = deadLetters().size();
        send(InboundEnvelope.parse("raw_envelopes", ++sequence, "raw_envelopes.x", 1, data));
        List<DeadLetter> letters = deadLetters();
        assertThat(letters).as(reason + " " + message).hasSize(before + 1);
        DeadLetter letter = letters.get(before);
        assertThat(letter.reason()).isEqualTo(reason);
        assertThat(letter.message()).contains(message);
        assertThat(letter.failedAt()).isEqualTo(NOW.toEpochMilli());
        assertThat(letter.envelope().data()).isEqualTo(data);
        assertThat(letter.envelope().streamSequence()).isEqualTo(sequence);
    }

    private List<ProcessedRow> rows() {
        List<ProcessedRow> rows = new ArrayList<>();
        for (Object each : harness.getOutput()) {
            if (each instanceof StreamRecord<?> record) {
                rows.add((ProcessedRow) record.getValue());
            }
        }
        return rows;
    }

    private List<DeadLetter> deadLetters() {
        Queue<StreamRecord<DeadLetter>> letters =
                harness.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
        return letters == null ? List.of() : letters.stream().map(StreamRecord::getValue).toList();
    }

    private static String json(ProcessedRow row) {
        return new String(row.json(), 0, row.jsonLength(), StandardCharsets.UTF_8);
    }
}
