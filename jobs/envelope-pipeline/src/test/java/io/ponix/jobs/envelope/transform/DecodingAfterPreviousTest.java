package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static io.ponix.jobs.envelope.inbound.Envelopes.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.TransformLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a device's envelope before became, as the next one sees it. */
class DecodingAfterPreviousTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    /** The number, that of the envelope before, and nothing of an even one; fails at 255. */
    private static final String NUMBERS =
            "input.u8(0) == 255 ? error('no number') : input.u8(0) % 2 == 0 ? [] : [{'n':"
                    + " input.u8(0), 'before': previous.?result[?0].?n.orValue(-1)}]";

    private static final TransformSettings SETTINGS =
            new TransformSettings(
                    Duration.ofSeconds(10),
                    100,
                    1_000_000,
                    null,
                    Duration.ofHours(24),
                    TransformLimits.DEFAULT,
                    false);

    private KeyedOneInputStreamOperatorTestHarness<String, KnownEnvelope, EnvelopeRows> harness;
    private long sequence;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        harness.setProcessingTime(NOW.toEpochMilli());
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, KnownEnvelope, EnvelopeRows>
            harness() throws Exception {
        KeyedOneInputStreamOperatorTestHarness<String, KnownEnvelope, EnvelopeRows> created =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new DecodingAfterPrevious(SETTINGS)),
                        KnownEnvelope::deviceId,
                        Types.STRING);
        created.setup(EnvelopeRowsSerializer.INSTANCE);
        return created;
    }

    @Test
    void eachEnvelopeSeesWhatTheOneBeforeOfItsDeviceBecame() throws Exception {
        assertThat(send(number("a", 1))).containsExactly("{\"n\":1,\"before\":-1}");
        assertThat(send(number("b", 5))).containsExactly("{\"n\":5,\"before\":-1}");
        assertThat(send(number("a", 3))).containsExactly("{\"n\":3,\"before\":1}");
        assertThat(send(number("b", 7))).containsExactly("{\"n\":7,\"before\":5}");
    }

    @Test
    void anEmptyListAFailureAndNoMatchChangeNothing() throws Exception {
        send(number("a", 1));
        assertThat(send(number("a", 2))).isEmpty();
        assertThat(send(number("a", 255))).isEmpty();
        assertThat(send(known("a", NUMBERS, new byte[] {}))).isEmpty();
        assertThat(send(ofDefinition("a", "input.u8(0) > 100", 99))).isEmpty();

        assertThat(send(number("a", 3))).containsExactly("{\"n\":3,\"before\":1}");
        assertThat(deadLetters())
                .extracting(DeadLetter::endDeviceId, DeadLetter::reason)
                .containsOnly(tuple("a", DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED))
                .hasSize(2);
        assertThat(deadLetters().get(0).message()).isEqualTo("no number");
    }

    @Test
    void whatIsStoredIsSeenByTheNextAndNotStoredAgain() throws Exception {
        assertThat(send(number("a", 1).stored())).isEmpty();
        assertThat(send(number("a", 255).stored())).isEmpty();
        assertThat(deadLetters()).as("it is a row already").isEmpty();

        assertThat(send(number("a", 3))).containsExactly("{\"n\":3,\"before\":1}");
    }

    @Test
    void ofWhatIsStoredInPartTheRestIsStored() throws Exception {
        String two = "[{'n': 1, ?'p': previous.?result[?1].?n}, {'n': 2}]";
        assertThat(send(known("a", two, new byte[] {1}).storedInPart(Set.of(0))))
                .containsExactly("{\"n\":2}");
        assertThat(send(known("a", two, new byte[] {1})))
                .containsExactly("{\"n\":1,\"p\":2}", "{\"n\":2}");
    }

    @Test
    void timeAndPortAreThoseOfTheEnvelopeBefore() throws Exception {
        String times =
                "{?'at': previous.?occurred_at, ?'port': previous.?f_port, 'occurred_at':"
                        + " timestamp(60)}";
        send(known("a", times, new byte[] {}));
        assertThat(send(known("a", times, new byte[] {})))
                .containsExactly("{\"at\":\"2026-11-21T09:00:00Z\",\"port\":9}");
    }

    @Test
    void aNewTransformSeesWhatTheOldOneGave() throws Exception {
        send(number("a", 1));
        assertThat(send(known("a", "{'old': previous.result[0].n}", new byte[] {})))
                .containsExactly("{\"old\":1}");
    }

    @Test
    void whatDoesNotCompileIsADeadLetterThatSaysSo() throws Exception {
        assertThat(send(known("a", "{'a': previous.}", new byte[] {}))).isEmpty();
        assertThat(deadLetters().get(0).message()).startsWith("The transform does not compile");
    }

    @Test
    void aSavepointHasWhatWasKept() throws Exception {
        send(number("a", 1));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        send(number("a", 9));
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        harness.setProcessingTime(NOW.toEpochMilli());

        assertThat(send(number("a", 3))).containsExactly("{\"n\":3,\"before\":1}");
    }

    @Test
    void aDeviceThatWasSilentForTooLongBeginsAnew() throws Exception {
        harness.setStateTtlProcessingTime(NOW.toEpochMilli());
        send(number("a", 1));
        harness.setStateTtlProcessingTime(
                NOW.plus(DecodingAfterPrevious.KEPT).minusMillis(1).toEpochMilli());
        assertThat(send(number("a", 3))).containsExactly("{\"n\":3,\"before\":1}");
        harness.setStateTtlProcessingTime(
                NOW.plus(DecodingAfterPrevious.KEPT.multipliedBy(2)).toEpochMilli());
        assertThat(send(number("a", 5))).containsExactly("{\"n\":5,\"before\":-1}");
    }

    private KnownEnvelope number(String device, int number) {
        return known(device, NUMBERS, new byte[] {(byte) number});
    }

    private KnownEnvelope known(String device, String transform, byte[] payload) {
        return KnownEnvelope.of(
                message(
                        ++sequence,
                        envelope("org", device, NOW.minusSeconds(3_600))
                                .setFPort(9)
                                .setPayload(ByteString.copyFrom(payload))
                                .build()),
                new Device(device, "org", "D", TransformKey.of(transform), null, null, 50, false),
                null,
                transform);
    }

    private KnownEnvelope ofDefinition(String device, String match, int number) {
        String contracts = ContractDocument.write(List.of(new PayloadContract(match, NUMBERS, "")));
        TransformKey key = TransformKey.ofContracts(contracts);
        return KnownEnvelope.of(
                number(device, number).message(),
                new Device(device, "org", "D", null, "def", null, 0, false),
                new Definition("Meter", key, 7),
                contracts);
    }

    /** The rows that an envelope becomes, as they cross the exchange. */
    private List<String> send(KnownEnvelope envelope) throws Exception {
        harness.getOutput().clear();
        harness.processElement(
                new StreamRecord<>(
                        ParsedOnceTest.exchanged(KnownEnvelopeSerializer.INSTANCE, envelope)));
        List<String> rows = new ArrayList<>();
        for (Object each : harness.getOutput()) {
            EnvelopeRows emitted = (EnvelopeRows) ((StreamRecord<?>) each).getValue();
            for (int row = 0; row < emitted.rowCount(); row++) {
                rows.add(
                        new String(
                                emitted.json(),
                                emitted.jsonStart(row),
                                emitted.jsonLength(row),
                                StandardCharsets.UTF_8));
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
