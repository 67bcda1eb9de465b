package io.ponix.cli.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import io.nats.client.impl.Headers;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredLetterTest {

    private static final RawEnvelope ENVELOPE =
            RawEnvelope.newBuilder()
                    .setEndDeviceId("dev")
                    .setPayload(ByteString.fromHex("0167"))
                    .setOccurredAt(Timestamps.fromMillis(1_000))
                    .putAttributes("gateway", "g\u001b[2J1")
                    .build();

    @ParameterizedTest
    @CsvSource({
        "raw_envelopes.5.dev, raw_envelopes.5.replay-17-1500",
        "raw_envelopes.dev, raw_envelopes.replay-17-1500",
        "raw_envelopes.5.replay-3-4, raw_envelopes.5.replay-17-1500"
    })
    void anEnvelopeIsReplayedInItsPartitionOnASubjectOfItsOwn(String subject, String expected) {
        assertThat(DeadLetterReplay.replaySubject(letter(subject))).isEqualTo(expected);
    }

    @Test
    void asJsonItHasTheNamesOfTheContract() {
        assertThat(LetterText.json(letter("raw_envelopes.5.dev")))
                .startsWith(
                        "{\"letter\":7,\"reason\":\"NO_CONVERSION\",\"stage\":\"ENRICH\",\"message\":")
                .contains("\"received_at\":\"1970-01-01T00:00:01.500Z\"")
                .contains("\"raw_envelope\":\"1203646576")
                .endsWith("\"headers\":{\"Ponix-Reason\":\"NO_CONVERSION\"}}")
                .doesNotContain("\n");
    }

    @Test
    void asTextItObeysNobodyElsesTerminalCodes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LetterText.print(
                letter("raw_envelopes.5.dev"), new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("reason         NO_CONVERSION, found at the stage ENRICH")
                .contains("envelope       raw_envelopes:17 on raw_envelopes.5.dev")
                .contains("00000000  12 03 64 65 76 1a 02 01 67 ")
                .contains("..dev...g")
                .contains("attribute      gateway = g\\u001b[2J1")
                .contains("payload        0167")
                .doesNotContain("\u001b");
    }

    @Test
    void ofADecodedEnvelopeTheRowIsShown() {
        ProcessedEnvelope envelope =
                ProcessedEnvelope.newBuilder()
                        .setEndDeviceId("d")
                        .setData(
                                Struct.newBuilder()
                                        .putFields(
                                                "session",
                                                Value.newBuilder()
                                                        .setStringValue("\u001b[2J")
                                                        .build()))
                        .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LetterText.print(
                new StoredLetter(
                        1,
                        null,
                        DeadLetter.newBuilder()
                                .setStream("processed_envelopes")
                                .setReason(
                                        DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID)
                                .setRawEnvelope(envelope.toByteString())
                                .build()),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("reason         SESSION_EVENT_INVALID")
                .contains("data           {\"session\":")
                .doesNotContain("payload", "\u001b");
    }

    @Test
    void whatADeviceSentIsShownAsItWasSentAndNeverObeyed() throws Exception {
        String sent = "größe 温度 😀\u001b[2J\u009b31m\u202e\n\"" + "x".repeat(400);
        StoredLetter letter =
                new StoredLetter(
                        7,
                        null,
                        letter("raw_envelopes.5.größe").content().toBuilder()
                                .setEndDeviceId(sent)
                                .setMessage(sent)
                                .build());

        String json = LetterText.json(letter);
        assertThat(json).matches("[ -~]*");
        JsonNode parsed = new ObjectMapper().readTree(json);
        assertThat(parsed.get("end_device_id").asText()).isEqualTo(sent);
        assertThat(parsed.get("message").asText()).isEqualTo(sent);
        assertThat(parsed.get("subject").asText()).isEqualTo("raw_envelopes.5.größe");

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LetterText.print(letter, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "device         größe 温度 😀\\u001b[2J\\u009b31m\\u202e\\n\""
                                + "x".repeat(400))
                .contains("on raw_envelopes.5.größe")
                .doesNotContain("\u001b", "\u009b", "\u202e");
    }

    @Test
    void aDeviceIsMeantByItsIdOrByWhatItsSendersCallIt() {
        StoredLetter named =
                new StoredLetter(
                        1, null, DeadLetter.newBuilder().setExternalId("A84041FFFF1822C4").build());
        assertThat(LetterText.json(named)).contains("\"external_id\":\"A84041FFFF1822C4\"");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LetterText.print(named, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("external id    A84041FFFF1822C4");
        assertThat(new LetterFilter(null, "a84041ffff1822c4", null).accepts(named)).isTrue();
        assertThat(new LetterFilter(null, "A84041FFFF1822C4", null).accepts(named)).isTrue();
        assertThat(new LetterFilter(null, "a84041", null).accepts(named)).isFalse();
        StoredLetter identified =
                new StoredLetter(1, null, DeadLetter.newBuilder().setEndDeviceId("d").build());
        assertThat(new LetterFilter(null, "d", null).accepts(identified)).isTrue();
        assertThat(new LetterFilter(null, "D", null).accepts(identified)).isFalse();
    }

    @Test
    void whatIsNoDeadLetterIsShownAsSuch() {
        StoredLetter stranger = StoredLetter.parse("dead_letters", 3, null, new byte[] {-1});
        assertThat(stranger.content().getMessage()).contains("no dead letter of Ponix");
        assertThat(stranger.isOfAnEnvelope()).isFalse();
        assertThat(LetterText.json(stranger)).contains("\"letter\":3");
    }

    @Test
    void aTimeThatIsNoneIsNoReasonToShowNothing() {
        StoredLetter letter =
                new StoredLetter(
                        1,
                        null,
                        DeadLetter.newBuilder()
                                .setFailedAt(Timestamp.newBuilder().setNanos(-1))
                                .setReceivedAt(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))
                                .build());
        assertThat(LetterText.json(letter)).contains("\"failed_at\":\"0 s -1 ns since 1970\"");
        assertThat(letter.envelopeReceivedAt()).isZero();
    }

    private static StoredLetter letter(String subject) {
        return new StoredLetter(
                7,
                new Headers().add("Ponix-Reason", "NO_CONVERSION"),
                DeadLetter.newBuilder()
                        .setStream("raw_envelopes")
                        .setStreamSequence(17)
                        .setSubject(subject)
                        .setReceivedAt(Timestamps.fromMillis(1_500))
                        .setReason(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION)
                        .setStage(DeadLetterStage.DEAD_LETTER_STAGE_ENRICH)
                        .setMessage("The device has no payload_conversion")
                        .setRawEnvelope(ENVELOPE.toByteString())
                        .setRawEnvelopeSize(ENVELOPE.getSerializedSize())
                        .build());
    }
}
