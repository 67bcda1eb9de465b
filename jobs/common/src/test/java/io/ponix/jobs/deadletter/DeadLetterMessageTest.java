package io.ponix.jobs.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.nats.client.impl.Headers;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import io.ponix.proto.deadletter.DeadLetterReasons;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterMessageTest {

    private static final long MAXIMUM = 1_000_000;

    @Test
    void saysEverythingThatIsKnownOfTheEnvelope() throws Exception {
        DeadLetter letter =
                letter(
                        "org",
                        "device",
                        DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                        "no transform");
        JetStreamPublication publication = DeadLetterMessage.of("dead_letters", letter);

        assertThat(publication.subject()).isEqualTo("dead_letters.NO_CONVERSION");
        Headers headers = publication.headers();
        assertThat(headers.getFirst("Nats-Msg-Id")).isEqualTo("raw_envelopes:7:1000007");
        assertThat(headers.getFirst("Ponix-Reason")).isEqualTo("NO_CONVERSION");
        assertThat(headers.getFirst("Ponix-Stage")).isEqualTo("ENRICH");
        assertThat(headers.getFirst("Ponix-Stream")).isEqualTo("raw_envelopes");
        assertThat(headers.getFirst("Ponix-Stream-Sequence")).isEqualTo("7");
        assertThat(headers.getFirst("Ponix-Received-At")).isEqualTo("1970-01-01T00:16:40.007Z");
        assertThat(headers.getFirst("Ponix-Subject")).isEqualTo("raw_envelopes.0.device");
        assertThat(headers.getFirst("Ponix-Organization")).isEqualTo("org");
        assertThat(headers.getFirst("Ponix-Device")).isEqualTo("device");
        assertThat(headers.getFirst("Ponix-Message")).isEqualTo("no transform");

        var message = parse(publication);
        assertThat(message.getStream()).isEqualTo("raw_envelopes");
        assertThat(message.getStreamSequence()).isEqualTo(7);
        assertThat(message.getSubject()).isEqualTo("raw_envelopes.0.device");
        assertThat(message.getReceivedAt()).isEqualTo(Timestamps.fromMillis(1_000_007));
        assertThat(message.getOrganizationId()).isEqualTo("org");
        assertThat(message.getEndDeviceId()).isEqualTo("device");
        assertThat(message.getStage()).isEqualTo(DeadLetterStage.DEAD_LETTER_STAGE_ENRICH);
        assertThat(message.getReason())
                .isEqualTo(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION);
        assertThat(message.getMessage()).isEqualTo("no transform");
        assertThat(message.getFailedAt()).isEqualTo(Timestamps.fromMillis(1_500));
        assertThat(message.getRawEnvelope().toByteArray()).isEqualTo(letter.origin().data());
        assertThat(message.getRawEnvelopeTruncated()).isFalse();
        assertThat(message.getRawEnvelopeSize()).isEqualTo(letter.origin().data().length);
    }

    @Test
    void everyReasonHasItsSubjectAndStage() throws Exception {
        for (DeadLetterReason reason : DeadLetterReasons.all()) {
            JetStreamPublication publication =
                    DeadLetterMessage.of("d", letter("o", "d", reason, ""));
            assertThat(publication.subject())
                    .isEqualTo("d." + publication.headers().getFirst("Ponix-Reason"));
            var message = parse(publication);
            assertThat(message.getReason()).isEqualTo(reason);
            assertThat(message.getReason().name())
                    .isEqualTo(
                            "DEAD_LETTER_REASON_" + publication.headers().getFirst("Ponix-Reason"));
            assertThat(message.getStage().name())
                    .isEqualTo(
                            "DEAD_LETTER_STAGE_" + publication.headers().getFirst("Ponix-Stage"));
        }
    }

    @Test
    void headersHoldPrintableAsciiOnlyAndNotTooMuchOfIt() {
        Headers headers =
                DeadLetterMessage.of(
                                "d",
                                letter(
                                        "a\r\nNats-Msg-Id: b",
                                        "ü😀\0" + "x".repeat(1000),
                                        DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                        "line 1\n\tline 2"))
                        .headers();
        assertThat(headers.getFirst("Ponix-Organization")).isEqualTo("a??Nats-Msg-Id: b");
        assertThat(headers.getFirst("Ponix-Device")).hasSize(256).startsWith("????xxx");
        assertThat(headers.getFirst("Ponix-Message")).isEqualTo("line 1??line 2");
    }

    @Test
    void idsAndTheirSubjectAreKeptAsTheyWereSent() throws Exception {
        String id = "ü😀\u001b[2J\u009b\u202e\n" + "x".repeat(400);
        RawMessage origin =
                new RawMessage(
                        "raw_envelopes",
                        7,
                        "raw_envelopes.0.größe",
                        1,
                        RawEnvelope.newBuilder()
                                .setOrganizationId(id)
                                .setEndDeviceId(id)
                                .build()
                                .toByteArray());
        var message =
                parse(
                        DeadLetterMessage.of(
                                "d",
                                new DeadLetter(
                                        origin,
                                        id,
                                        id,
                                        id,
                                        DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                        id + "!",
                                        1)));

        assertThat(message.getOrganizationId()).isEqualTo(id);
        assertThat(message.getEndDeviceId()).isEqualTo(id);
        assertThat(message.getExternalId()).isEqualTo(id);
        assertThat(message.getMessage()).isEqualTo(id + "!");
        assertThat(message.getSubject()).isEqualTo("raw_envelopes.0.größe");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10_000, 900_000, 999_000, 1_000_000, 8_000_000})
    void whatIsTooLargeIsCutToTheLimit(int size) throws Exception {
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);
        JetStreamPublication whole = malformed(data, "😀".repeat(100_000));
        assertThat(parse(whole).getRawEnvelope().toByteArray()).isEqualTo(data);
        assertThat(parse(whole).getRawEnvelopeTruncated()).isFalse();

        JetStreamPublication publication =
                whole.size() <= MAXIMUM ? whole : DeadLetterMessage.shorten(whole, MAXIMUM);
        assertThat(publication.size()).isLessThanOrEqualTo((int) MAXIMUM);
        var message = parse(publication);
        byte[] raw = message.getRawEnvelope().toByteArray();
        assertThat(message.getRawEnvelopeSize()).isEqualTo(size);
        assertThat(message.getRawEnvelopeTruncated()).isEqualTo(raw.length < size);
        assertThat(raw).isEqualTo(Arrays.copyOf(data, raw.length));
        assertThat(message.getMessage()).isEqualTo(parse(whole).getMessage());
        if (size >= MAXIMUM) {
            assertThat(publication.size()).isGreaterThan((int) MAXIMUM - 100);
        } else if (size <= 900_000) {
            assertThat(raw).hasSize(size);
        }
    }

    @Test
    void theLessRoomThereIsTheMoreIsLeftOut() throws Exception {
        byte[] data = new byte[5_000];
        new Random(1).nextBytes(data);
        JetStreamPublication whole = malformed(data, "why ".repeat(1_000));
        int headers = whole.headers().serializedLength();

        // Room for the texts, and little of the raw bytes.
        JetStreamPublication cut = DeadLetterMessage.shorten(whole, headers + 4_200);
        assertThat(parse(cut).getMessage()).isEqualTo("why ".repeat(1_000));
        assertThat(parse(cut).getRawEnvelope().toByteArray())
                .isNotEmpty()
                .isEqualTo(Arrays.copyOf(data, parse(cut).getRawEnvelope().size()));
        assertThat(cut.headers().getFirst("Ponix-Message")).startsWith("why ");

        // For a short text and the headers that identify it.
        JetStreamPublication brief = DeadLetterMessage.shorten(cut, 600);
        assertThat(brief.size()).isLessThanOrEqualTo(600);
        assertThat(parse(brief).getMessage()).startsWith("why why").endsWith("…");
        assertThat(parse(brief).getRawEnvelopeTruncated()).isTrue();
        assertThat(parse(brief).getRawEnvelopeSize()).isEqualTo(5_000);
        assertThat(brief.headers().getFirst("Ponix-Message")).isNull();

        // For what identifies it, and nothing more.
        JetStreamPublication bare = DeadLetterMessage.shorten(brief, 320);
        assertThat(bare.size()).isLessThanOrEqualTo(320);
        assertThat(parse(bare).getMessage()).isEmpty();
        assertThat(parse(bare).getStreamSequence()).isEqualTo(7);
        assertThat(parse(bare).getSubject()).isEqualTo("raw_envelopes.x");
        assertThat(bare.id()).isEqualTo(whole.id());
        assertThat(bare.headers().getFirst("Ponix-Received-At")).isNotNull();

        // Not even that: it stays as it is, and waits.
        assertThat(DeadLetterMessage.shorten(bare, 100)).isSameAs(bare);
    }

    /** Whether it begins with the first half of a pair or the second, where it is cut. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x"})
    void noCharacterIsCutInTwo(String beginning) throws Exception {
        String text = beginning + "😀".repeat(400);
        byte[] data = new byte[5_000];
        JetStreamPublication whole =
                DeadLetterMessage.of(
                        "d",
                        new DeadLetter(
                                new RawMessage("raw_envelopes", 7, "raw_envelopes.x", 1, data),
                                text,
                                text,
                                text,
                                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                beginning + "😀".repeat(3_000),
                                1));
        var letter = parse(whole);
        assertThat(letter.getMessage()).matches("x?[😀]+").hasSizeGreaterThan(4_090);

        var brief = parse(DeadLetterMessage.shorten(whole, 3_000));
        for (String each :
                List.of(
                        brief.getOrganizationId(),
                        brief.getEndDeviceId(),
                        brief.getExternalId(),
                        brief.getMessage())) {
            assertThat(each).matches("x?[😀]+…").hasSizeGreaterThan(250);
        }
    }

    private static JetStreamPublication malformed(byte[] data, String message) {
        RawMessage origin = new RawMessage("raw_envelopes", 7, "raw_envelopes.x", 1, data);
        return DeadLetterMessage.of(
                "dead_letters",
                new DeadLetter(
                        origin,
                        "",
                        "",
                        "",
                        DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                        message,
                        1));
    }

    private static DeadLetter letter(
            String organization, String device, DeadLetterReason reason, String message) {
        byte[] data =
                RawEnvelope.newBuilder()
                        .setOrganizationId(organization)
                        .setEndDeviceId(device)
                        .build()
                        .toByteArray();
        return new DeadLetter(
                new RawMessage("raw_envelopes", 7, "raw_envelopes.0.device", 1_000_007, data),
                organization,
                device,
                "",
                reason,
                message,
                1_500);
    }

    private static io.ponix.proto.dead_letter.v1.DeadLetter parse(JetStreamPublication publication)
            throws Exception {
        return io.ponix.proto.dead_letter.v1.DeadLetter.parseFrom(publication.data());
    }
}
