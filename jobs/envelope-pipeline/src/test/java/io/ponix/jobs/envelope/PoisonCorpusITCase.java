package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.poison.PoisonInput.ORGANIZATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.ponix.jobs.envelope.inbound.Envelopes;
import io.ponix.jobs.envelope.poison.PoisonCorpus;
import io.ponix.jobs.envelope.poison.PoisonInput;
import io.ponix.jobs.envelope.poison.PoisonInput.Letter;
import io.ponix.jobs.envelope.poison.PoisonInput.Row;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One job on the real stack is sent the whole {@link PoisonCorpus}, with good envelopes between.
 */
@ExtendWith(SharedStack.class)
class PoisonCorpusITCase {

    private static final String NEIGHBOUR = "neighbour";
    private static final String SUBJECT = "raw_envelopes." + NEIGHBOUR;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** What a sender may put there means nothing. */
    private static final Headers HEADERS =
            new Headers().add("Ponix-Reason", "NONE").add("Ponix-Replay-Of", "raw_envelopes:1");

    private static final List<PoisonInput> INPUTS = PoisonCorpus.inputs();

    private static PipelineStack stack;

    @BeforeAll
    static void start(PipelineStack shared) throws Exception {
        stack = shared;
        PoisonCorpus.register(INPUTS, stack::sql);
        stack.refuseMarkedReadings();
        stack.device(NEIGHBOUR, ORGANIZATION, "{'number': f_port}");
        stack.submit("--device-grace-period", "1 s", "--nats-subject-must-match");
    }

    @Test
    void everyInputEndsWhereItShouldAndTakesNoNeighbourWithIt() throws Exception {
        Map<Long, PoisonInput> sent = new TreeMap<>();
        Map<Long, byte[]> messages = new HashMap<>();
        for (PoisonInput input : INPUTS) {
            byte[] message = input.message().apply(input.deviceId());
            long sequence = stack.publish("raw_envelopes." + input.token(), HEADERS, message);
            sent.put(sequence, input);
            messages.put(sequence, message);
            publishNeighbour(sent.size());
        }
        assertThat(INPUTS.stream().map(PoisonInput::deviceId)).doesNotHaveDuplicates();

        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                stack.number(
                                                                "SELECT count() FROM"
                                                                        + " processed_envelopes")
                                                        + stack.lastSequence("dead_letters"))
                                        .isGreaterThanOrEqualTo(2L * INPUTS.size()));

        SoftAssertions softly = new SoftAssertions();
        assertRows(sent, softly);
        assertLetters(sent, messages, softly);
        assertNeighbours(softly);
        softly.assertThat(stack.lastRestart()).as("restarts").isZero();
        softly.assertAll();
    }

    /** What no stream stores is told to whoever publishes it, and reaches nobody. */
    @Test
    void aSubjectOfAnotherShapeOrAMessageTooLargeIsRefusedByTheServer() throws Exception {
        byte[] message =
                Envelopes.envelope(ORGANIZATION, NEIGHBOUR, PoisonInput.OCCURRED_AT)
                        .build()
                        .toByteArray();
        for (String subject :
                List.of(
                        "raw_envelopes",
                        "raw_envelopes.8.device",
                        "raw_envelopes.x.device",
                        "raw_envelopes.0.a.b",
                        "raw_envelopes.x.y.z")) {
            assertThatThrownBy(() -> stack.publish(subject, message))
                    .as(subject)
                    .hasMessageContaining("503");
        }
        assertThatThrownBy(() -> stack.publish(SUBJECT, new byte[8 * 1024 * 1024 + 1]))
                .hasMessageContaining("payload");
    }

    private static void publishNeighbour(int number) throws Exception {
        stack.publish(
                SUBJECT,
                Envelopes.envelope(ORGANIZATION, NEIGHBOUR, PoisonInput.OCCURRED_AT)
                        .setFPort(number)
                        .build()
                        .toByteArray());
    }

    private static void assertNeighbours(SoftAssertions softly) throws Exception {
        softly.assertThat(
                        stack.query(
                                "SELECT count(), uniqExact(data.number::Int64),"
                                        + " min(data.number::Int64), max(data.number::Int64) FROM"
                                        + " processed_envelopes WHERE end_device_id = '"
                                        + NEIGHBOUR
                                        + "'"))
                .as("neighbours")
                .containsExactly(
                        List.of(
                                Integer.toString(INPUTS.size()),
                                Integer.toString(INPUTS.size()),
                                "1",
                                Integer.toString(INPUTS.size())));
    }

    private static void assertRows(Map<Long, PoisonInput> sent, SoftAssertions softly)
            throws Exception {
        Map<Long, List<String>> rows = new HashMap<>();
        for (List<String> row :
                stack.query(
                        "SELECT stream_sequence, organization_id, end_device_id,"
                                + " toUnixTimestamp64Milli(occurred_at), toString(data) FROM"
                                + " processed_envelopes WHERE end_device_id != '"
                                + NEIGHBOUR
                                + "'")) {
            List<String> before =
                    rows.put(Long.parseLong(row.get(0)), new ArrayList<>(row.subList(1, 5)));
            softly.assertThat(before).as("a row twice").isNull();
        }
        sent.forEach(
                (sequence, input) -> {
                    List<String> row = rows.get(sequence);
                    if (input.ending() instanceof Row expected) {
                        // Not isEqualTo: some are a megabyte, and nobody reads that.
                        softly.assertThat(
                                        List.of(
                                                        ORGANIZATION,
                                                        expected.deviceId(),
                                                        Long.toString(
                                                                expected.occurredAt()
                                                                        .toEpochMilli()),
                                                        expected.data())
                                                .equals(row))
                                .as("%s: %s, not %s", input.name(), shortened(row), expected)
                                .isTrue();
                    } else {
                        softly.assertThat(shortened(row)).as(input.name()).isEqualTo("null");
                    }
                });
    }

    private static void assertLetters(
            Map<Long, PoisonInput> sent, Map<Long, byte[]> messages, SoftAssertions softly)
            throws Exception {
        Map<Long, DeadLetter> letters = new HashMap<>();
        for (MessageInfo message : stack.deadLetters()) {
            DeadLetter letter = DeadLetter.parseFrom(message.getData());
            DeadLetter before = letters.put(letter.getStreamSequence(), letter);
            softly.assertThat(before).as("a dead letter twice").isNull();
            softly.assertThat(message.getSubject())
                    .isEqualTo("dead_letters." + DeadLetterReasons.name(letter.getReason()));
            softly.assertThat(message.getHeaders().getFirst("Ponix-Reason"))
                    .isEqualTo(DeadLetterReasons.name(letter.getReason()));
        }
        sent.forEach(
                (sequence, input) -> {
                    DeadLetter letter = letters.get(sequence);
                    if (!(input.ending() instanceof Letter expected)) {
                        softly.assertThat(letter == null ? "" : letter.getMessage())
                                .as(input.name())
                                .isEmpty();
                        return;
                    }
                    softly.assertThat(letter).as(input.name()).isNotNull();
                    if (letter == null) {
                        return;
                    }
                    softly.assertThat(letter.getReason())
                            .as("%s: %s", input.name(), letter.getMessage())
                            .isEqualTo(expected.reason());
                    softly.assertThat(letter.getMessage())
                            .as(input.name())
                            .contains(expected.message());
                    byte[] message = messages.get(sequence);
                    byte[] raw = letter.getRawEnvelope().toByteArray();
                    softly.assertThat(letter.getRawEnvelopeSize()).isEqualTo(message.length);
                    softly.assertThat(letter.getRawEnvelopeTruncated())
                            .as(input.name())
                            .isEqualTo(raw.length < message.length);
                    softly.assertThat(Arrays.equals(raw, Arrays.copyOf(message, raw.length)))
                            .as("the bytes of %s", input.name())
                            .isTrue();
                });
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value);
        return text.length() <= 400 ? text : text.substring(0, 400) + "…";
    }
}
