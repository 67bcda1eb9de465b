package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.envelope.Envelopes.envelope;
import static io.ponix.jobs.envelope.envelope.Envelopes.inbound;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.deadletter.DeadLetter;
import io.ponix.jobs.envelope.deadletter.Reason;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator makes of envelopes of devices that have a definition. */
class DefinitionContractsTest {

    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

    private static final PayloadContract PORT_1 =
            new PayloadContract("f_port == 1", "{'n': size(input)}", "");
    private static final PayloadContract PORTS_BELOW_3 =
            new PayloadContract(
                    "f_port < 3",
                    "{'port': f_port}",
                    "{\"properties\":{\"port\":{\"minimum\":1}}}");

    private static final DeviceLoader LOADED =
            target -> {
                target.accept(DeviceChange.organizationUpserted("org", 1, false));
                target.accept(definition(2, PORT_1, PORTS_BELOW_3));
                target.accept(
                        DeviceChange.deviceUpserted(
                                "device", "org", "a name", "", "def", 3, false));
            };

    private TwoInputStreamOperatorTestHarness<InboundEnvelope, DeviceChange, ProcessedRow> harness;
    private long sequence;

    @BeforeEach
    void open() throws Exception {
        harness = harness(LOADED);
        harness.open();
        harness.setProcessingTime(NOW.toEpochMilli());
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void theFirstContractThatMatchesGivesTheRow() throws Exception {
        send("device", 1);
        send("device", 2);

        assertThat(rows()).containsExactly("{\"n\":4}", "{\"port\":2}");
    }

    @Test
    void whatNoContractIsForIsLeftOut() throws Exception {
        send("device", 3);
        send("device", 4);

        assertThat(rows()).isEmpty();
        assertThat(deadLetters()).isEmpty();
        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        assertThat(deadLetters()).as("not parked").isEmpty();
    }

    @Test
    void whatASchemaRefusesIsADeadLetterThatSaysWhere() throws Exception {
        send("device", 0);

        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo(Reason.SCHEMA_VIOLATION);
                            assertThat(letter.message())
                                    .isEqualTo(
                                            "Definition 'a name' (def): contract 2, json_schema:"
                                                    + " $.port: must have a minimum value of 1");
                        });
        assertThat(rows()).isEmpty();
    }

    @Test
    void aFailureNamesDefinitionContractAndPart() throws Exception {
        change(
                definition(
                        10,
                        new PayloadContract("f_port == 1", "{'a': input.u8(9)}", ""),
                        new PayloadContract("attributes.a == 'b'", "{}", "")));
        send("device", 1);
        send("device", 2);
        change(definition(11, new PayloadContract("f_port", "{", "")));
        send("device", 1);

        assertThat(deadLetters())
                .extracting(DeadLetter::reason)
                .containsOnly(Reason.CONVERSION_FAILED);
        List<String> messages = deadLetters().stream().map(DeadLetter::message).toList();
        assertThat(messages.get(0))
                .startsWith("Definition 'a name' (def): contract 1, transform_expression: 1:");
        assertThat(messages.get(1))
                .startsWith("Definition 'a name' (def): contract 2, match_expression: 1:");
        assertThat(messages.get(2))
                .startsWith("Definition 'a name' (def): The transform does not compile:\n")
                .contains("contract 1, match_expression:", "contract 1, transform_expression:");
    }

    @Test
    void aChangeOfADefinitionTakesEffectOnEveryDeviceOfIt() throws Exception {
        change(DeviceChange.deviceUpserted("second", "org", "a name", "", "def", 4, false));
        change(definition(5, PayloadContract.always("{'new': f_port}")));
        send("device", 7);
        send("second", 8);

        assertThat(rows()).containsExactly("{\"new\":7}", "{\"new\":8}");
    }

    @Test
    void aTransformOfItsOwnWinsOverTheDefinition() throws Exception {
        change(DeviceChange.deviceUpserted("device", "org", "a name", "{'o': 1}", "def", 4, false));
        send("device", 1);
        change(DeviceChange.deviceUpserted("device", "org", "a name", "", "def", 5, false));
        send("device", 1);

        assertThat(rows()).containsExactly("{\"o\":1}", "{\"n\":4}");
    }

    @Test
    void envelopesWaitForADefinitionThatIsNotKnownYet() throws Exception {
        change(DeviceChange.deviceUpserted("early", "org", "a name", "", "late", 4, false));
        change(DeviceChange.deviceUpserted("lost", "org", "a name", "", "never", 5, false));
        send("early", 1);
        send("lost", 1);
        assertThat(rows()).isEmpty();

        change(
                DeviceChange.definitionUpserted(
                        "late", "a name", ContractDocument.write(List.of(PORT_1)), 6));
        assertThat(rows()).containsExactly("{\"n\":4}");

        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo(Reason.NO_CONVERSION);
                            assertThat(letter.message())
                                    .isEqualTo(
                                            "The device's definition 'never' is still unknown after"
                                                    + " the grace period of PT10S");
                        });
    }

    @Test
    void definitionsAreRestored() throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        harness =
                harness(
                        target -> {
                            throw new AssertionError("loaded in spite of restored state");
                        });
        harness.setProcessingTime(NOW.toEpochMilli());
        harness.initializeState(state);
        harness.open();
        send("device", 2);

        assertThat(rows()).containsExactly("{\"port\":2}");
    }

    private static DeviceChange definition(long version, PayloadContract... contracts) {
        return DeviceChange.definitionUpserted(
                "def", "a name", ContractDocument.write(List.of(contracts)), version);
    }

    private static TwoInputStreamOperatorTestHarness<InboundEnvelope, DeviceChange, ProcessedRow>
            harness(DeviceLoader loader) throws Exception {
        TwoInputStreamOperatorTestHarness<InboundEnvelope, DeviceChange, ProcessedRow> harness =
                new TwoInputStreamOperatorTestHarness<>(
                        new EnvelopeTransformOperator(
                                loader,
                                new NothingStored(),
                                new TransformSettings(
                                        Duration.ofSeconds(10),
                                        100,
                                        1_000_000,
                                        Duration.ofHours(24))),
                        1,
                        1,
                        0);
        harness.setup(ProcessedRowSerializer.INSTANCE);
        return harness;
    }

    /** An empty table. */
    private record NothingStored() implements StoredSequences {
        @Override
        public void open() {}

        @Override
        public boolean contains(long sequence, long receivedAt) {
            return false;
        }

        @Override
        public void close() {}
    }

    private void change(DeviceChange change) throws Exception {
        harness.processElement2(new StreamRecord<>(change));
    }

    private void send(String device, int port) throws Exception {
        harness.processElement1(
                new StreamRecord<>(
                        inbound(++sequence, envelope("org", device, NOW).setFPort(port).build())));
    }

    private List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (Object each : harness.getOutput()) {
            if (each instanceof StreamRecord<?> record) {
                ProcessedRow row = (ProcessedRow) record.getValue();
                rows.add(new String(row.json(), 0, row.jsonLength(), StandardCharsets.UTF_8));
            }
        }
        return rows;
    }

    private List<DeadLetter> deadLetters() {
        Queue<StreamRecord<DeadLetter>> letters =
                harness.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
        return letters == null ? List.of() : letters.stream().map(StreamRecord::getValue).toList();
    }
}
