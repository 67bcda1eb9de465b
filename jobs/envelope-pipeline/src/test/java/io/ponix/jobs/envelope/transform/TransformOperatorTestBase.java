package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.message;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChanges;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.devices.DeviceName;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.registry.EndDeviceRow;
import io.ponix.transforms.TransformLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.StreamTaskActionExecutor;
import org.apache.flink.streaming.runtime.tasks.mailbox.MailboxExecutorImpl;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * The operator in Flink's harness. Its tables begin with the organization {@code org} and the
 * device {@code device}.
 */
@Timeout(60)
abstract class TransformOperatorTestBase {

    static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    TransformSettings settings =
            new TransformSettings(
                    Duration.ofSeconds(10),
                    100,
                    1_000_000,
                    null,
                    Duration.ofHours(24),
                    TransformLimits.DEFAULT,
                    false);

    final Tables tables = new Tables();

    /** What the table of rows holds: sequences and when JetStream stored their messages. */
    final Map<Long, Long> stored = new HashMap<>();

    /** The rows that it holds of messages of which it has not all, by their sequences. */
    final Map<Long, Set<Integer>> storedInPart = new HashMap<>();

    TwoInputStreamOperatorTestHarness<RawMessage, DeviceChange, EnvelopeRows> harness;
    EnvelopeTransformOperator operator;
    long sequence;

    /**
     * A table in memory.
     *
     * @param receivedAt by sequence, of what is stored
     * @param partial the stored rows of what is stored in part, by sequence
     */
    private record Stored(Map<Long, Long> receivedAt, Map<Long, Set<Integer>> partial)
            implements StoredSequences {

        @Override
        public void open() {}

        @Override
        public boolean contains(long sequence, long at) {
            return Long.valueOf(at).equals(receivedAt.get(sequence));
        }

        @Override
        public Set<Integer> rows(long sequence, long at) {
            return partial.getOrDefault(sequence, Set.of());
        }

        @Override
        public void close() {}
    }

    /** What is in the tables of devices, definitions and organizations. */
    static final class Tables implements DeviceLoader {
        private static final long serialVersionUID = 1L;

        final List<DeviceChange> rows = new CopyOnWriteArrayList<>();

        /** The publication that its changes go through. */
        volatile String publication = "first";

        /** What was asked for, in the order of the questions. */
        final List<Set<DeviceName>> lookups = new CopyOnWriteArrayList<>();

        /** An answer takes a permit. */
        final transient Semaphore answers = new Semaphore(Integer.MAX_VALUE);

        Tables() {
            rows.add(new DeviceChange.OrganizationUpserted("org", 1, false));
            rows.add(
                    DeviceChanges.device(
                            "device", "org", "cayenne_lpp_decode(input)", "", 2, false));
        }

        @Override
        public String load(Target target) throws Exception {
            for (DeviceChange row : rows) {
                target.accept(row);
            }
            return publication;
        }

        @Override
        public List<DeviceChange> lookUp(Set<DeviceName> devices) throws InterruptedException {
            lookups.add(devices);
            List<DeviceChange> found =
                    rows.stream()
                            .filter(
                                    row ->
                                            !(row instanceof DeviceChange.DeviceUpserted device)
                                                    || isNamed(device, devices))
                            .toList();
            answers.acquire();
            return found;
        }

        private static boolean isNamed(
                DeviceChange.DeviceUpserted device, Set<DeviceName> devices) {
            EndDeviceRow row = device.row();
            return devices.contains(DeviceName.ofId(row.deviceId()))
                    || !device.deleted()
                            && devices.contains(
                                    DeviceName.ofExternalId(
                                            row.organizationId(), row.externalId()));
        }
    }

    @AfterEach
    void close() throws Exception {
        if (harness != null) {
            harness.close();
        }
    }

    void open() throws Exception {
        harness = harness(1, 0);
        harness.open();
        harness.setProcessingTime(NOW.toEpochMilli());
    }

    /** Starts another operator from state. */
    void restore(OperatorSubtaskState state, long now, int parallelism, int subtask)
            throws Exception {
        harness.close();
        harness = harness(parallelism, subtask);
        harness.setProcessingTime(now);
        harness.initializeState(state);
        harness.open();
    }

    private TwoInputStreamOperatorTestHarness<RawMessage, DeviceChange, EnvelopeRows> harness(
            int parallelism, int subtask) throws Exception {
        operator =
                new EnvelopeTransformOperator(
                        tables, jobId -> {}, new Stored(stored, storedInPart), settings);
        TwoInputStreamOperatorTestHarness<RawMessage, DeviceChange, EnvelopeRows> created =
                new TwoInputStreamOperatorTestHarness<>(operator, 128, parallelism, subtask);
        // What Flink's task does and the harness does not.
        operator.setMailboxExecutor(
                new MailboxExecutorImpl(
                        created.getTaskMailbox(), 0, StreamTaskActionExecutor.IMMEDIATE));
        created.setup(EnvelopeRowsSerializer.INSTANCE);
        return created;
    }

    /** Lets the task's thread take the answer of a lookup, which has to be under way. */
    void takeAnswer() throws Exception {
        harness.getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();
    }

    void device(String id, String organization, String transform) throws Exception {
        change(row(id, organization, transform));
    }

    static DeviceChange.DeviceUpserted row(String id, String organization, String transform) {
        return DeviceChanges.device(id, organization, transform, "", 50, false);
    }

    void change(DeviceChange change) throws Exception {
        harness.processElement2(new StreamRecord<>(change));
    }

    void send(RawEnvelope envelope) throws Exception {
        send(message(++sequence, envelope));
    }

    void send(RawMessage message) throws Exception {
        harness.processElement1(new StreamRecord<>(message));
    }

    List<EnvelopeRows> rows() {
        List<EnvelopeRows> rows = new ArrayList<>();
        for (Object each : harness.getOutput()) {
            if (each instanceof StreamRecord<?> record) {
                rows.add((EnvelopeRows) record.getValue());
            }
        }
        return rows;
    }

    List<DeadLetter> deadLetters() {
        Queue<StreamRecord<DeadLetter>> letters =
                harness.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
        return letters == null ? List.of() : letters.stream().map(StreamRecord::getValue).toList();
    }

    static String json(EnvelopeRows row) {
        return json(row, 0);
    }

    static String json(EnvelopeRows rows, int row) {
        return new String(
                rows.json(), rows.jsonStart(row), rows.jsonLength(row), StandardCharsets.UTF_8);
    }
}
