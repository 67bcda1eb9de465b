package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static io.ponix.jobs.envelope.inbound.Envelopes.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChanges;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.transforms.TransformLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of an envelope whose device is known. */
class EnvelopeTransformOperatorTest extends TransformOperatorTestBase {

    @Test
    void anEnvelopeOfALoadedDeviceBecomesARow() throws Exception {
        open();
        Instant occurredAt = Instant.parse("2026-11-21T09:59:59.123456789Z");
        send(envelope("org", "device", occurredAt).build());

        EnvelopeRows row = rows().get(0);
        assertThat(row.organizationId()).isEqualTo("org");
        assertThat(row.endDeviceId()).isEqualTo("device");
        assertThat(json(row)).isEqualTo("{\"temperature_1\":27.2}");
        assertThat(row.occurredAt(0))
                .isEqualTo(Instant.parse("2026-11-21T09:59:59.123Z").toEpochMilli());
        assertThat(row.processedAt()).isEqualTo(NOW.toEpochMilli());
        assertThat(row.stream()).isEqualTo("raw_envelopes");
        assertThat(row.streamSequence()).isEqualTo(1);
        assertThat(row.receivedAt()).isEqualTo(1_000_001);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void anEnvelopeThatIsARowAlreadyIsNotStoredAgain() throws Exception {
        RawMessage first = message(1, envelope("org", "device", NOW).build());
        RawMessage second = message(2, envelope("org", "device", NOW).build());
        stored.put(1L, first.receivedAt());
        // The same sequence of a stream that was deleted and made anew.
        stored.put(2L, second.receivedAt() - 1);
        open();

        send(first);
        send(second);

        assertThat(rows()).singleElement().extracting(EnvelopeRows::streamSequence).isEqualTo(2L);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void aListBecomesTheRowsOfOneRecord() throws Exception {
        open();
        device(
                "device",
                "org",
                "[{'n': 1}, {'n': 2, 'occurred_at': occurred_at - duration('31s')}, {'n': 3}]");
        send(envelope("org", "device", NOW).build());

        EnvelopeRows rows = rows().get(0);
        assertThat(rows()).hasSize(1);
        assertThat(rows.rowCount()).isEqualTo(3);
        assertThat(rows.rowsOfEnvelope()).isEqualTo(3);
        assertThat(json(rows, 0)).isEqualTo("{\"n\":1}");
        assertThat(json(rows, 1)).isEqualTo("{\"n\":2}");
        assertThat(json(rows, 2)).isEqualTo("{\"n\":3}");
        assertThat(rows.index(2)).isEqualTo(2);
        assertThat(rows.occurredAt(0)).isEqualTo(NOW.toEpochMilli());
        assertThat(rows.occurredAt(1)).isEqualTo(NOW.toEpochMilli() - 31_000);
        assertThat(rows.occurredAt(2)).isEqualTo(NOW.toEpochMilli());

        send(envelope("org", "device", NOW).build());
        assertThat(rows()).hasSize(2);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void theRowsOfAnEnvelopeAreOfSoManyMonthsAtMost() throws Exception {
        open();
        String months = "lists.range(%d).map(i, {'occurred_at': timestamp(i * 2678400)})";
        device("few", "org", months.formatted(36));
        send(envelope("org", "few", NOW).build());
        device("many", "org", months.formatted(37));
        send(envelope("org", "many", NOW).build());

        assertThat(rows()).extracting(EnvelopeRows::endDeviceId).containsExactly("few");
        assertThat(deadLetters().get(0).reason())
                .isEqualTo(DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT);
        assertThat(deadLetters().get(0).message())
                .startsWith("the rows are of 37 months, more than the 36 of one envelope");
    }

    /** It was in time when it came, and some of its rows are there. */
    @Test
    void theRestOfWhatIsStoredInPartIsStoredHoweverOldItIsByNow() throws Exception {
        settings =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        100,
                        1_000_000,
                        Duration.ofHours(1),
                        Duration.ofHours(24),
                        TransformLimits.DEFAULT,
                        false);
        open();
        device("device", "org", "[{'n': 1}, {'n': 2}]");
        Instant then = NOW.minus(Duration.ofDays(2));
        storedInPart.put(1L, Set.of(0));
        send(received(1, then));
        send(received(2, then));

        assertThat(rows()).extracting(row -> json(row)).containsExactly("{\"n\":2}");
        assertThat(rows().get(0).processedAt()).isEqualTo(NOW.toEpochMilli());
        assertThat(deadLetters())
                .hasSize(1)
                .element(0)
                .matches(letter -> letter.message().contains("occurred_at"));
    }

    /** What is stored moves what comes after it, however old it is. */
    @Test
    void whatIsStoredIsHandedOnForWhatComesAfterItHoweverOldItIsByNow() throws Exception {
        settings =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        100,
                        1_000_000,
                        Duration.ofHours(1),
                        Duration.ofHours(24),
                        TransformLimits.DEFAULT,
                        false);
        open();
        device("device", "org", "{'n': previous.?result.?n.orValue(0) + 1}");
        RawMessage message = received(1, NOW.minus(Duration.ofDays(2)));
        stored.put(1L, message.receivedAt());
        send(message);

        assertThat(rows()).isEmpty();
        assertThat(deadLetters()).isEmpty();
        assertThat(harness.getSideOutput(EnvelopeTransformOperator.AFTER_PREVIOUS))
                .hasSize(1)
                .allMatch(record -> record.getValue().isStored());
    }

    private static RawMessage received(long sequence, Instant at) {
        RawMessage message = message(sequence, envelope("org", "device", at).build());
        return new RawMessage(
                message.stream(), sequence, message.subject(), at.toEpochMilli(), message.data());
    }

    @Test
    void anEmptyListIsNeitherRowNorDeadLetter() throws Exception {
        open();
        device("device", "org", "[]");
        send(envelope("org", "device", NOW).build());

        assertThat(rows()).isEmpty();
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void oneRowThatCannotBeOneMakesTheEnvelopeADeadLetterThatNamesIt() throws Exception {
        open();
        device("a", "org", "[{'n': 1}, {'n': 2, 'occurred_at': timestamp(4294967296)}]");
        send(envelope("org", "a", NOW).build());
        device("b", "org", "[{'n': 1}, {'n': 2, 'occurred_at': occurred_at + duration('25h')}]");
        send(envelope("org", "b", NOW).build());
        device("c", "org", "{'n': 2, 'occurred_at': timestamp(-1)}");
        send(envelope("org", "c", NOW).build());
        device("d", "org", "[{'n': 1}, {'n': 2, 'occurred_at': 'noon'}]");
        send(envelope("org", "d", NOW).build());

        assertThat(rows()).isEmpty();
        assertThat(deadLetters())
                .extracting(DeadLetter::reason)
                .containsExactly(
                        DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                        DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                        DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                        DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT);
        assertThat(deadLetters().get(0).message())
                .startsWith("$[1].occurred_at is 2106-02-07T06:28:16Z, outside of");
        assertThat(deadLetters().get(1).message())
                .startsWith("$[1].occurred_at is 2026-11-22T11:00:00Z, more than the allowed");
        assertThat(deadLetters().get(2).message())
                .startsWith("$.occurred_at is 1969-12-31T23:59:59Z, outside of");
        assertThat(deadLetters().get(3).message()).startsWith("$[1].occurred_at: the key is");
    }

    @Test
    void ofAnEnvelopeThatIsStoredInPartTheMissingRowsAreStored() throws Exception {
        RawMessage message = message(1, envelope("org", "device", NOW).build());
        storedInPart.put(1L, Set.of(0, 2));
        open();
        device("device", "org", "[{'n': 0}, {'n': 1}, {'n': 2}, {'n': 3}]");
        send(message);

        EnvelopeRows rows = rows().get(0);
        assertThat(rows.rowCount()).isEqualTo(2);
        assertThat(rows.rowsOfEnvelope()).isEqualTo(4);
        assertThat(rows.index(0)).isEqualTo(1);
        assertThat(rows.index(1)).isEqualTo(3);
        assertThat(json(rows, 1)).isEqualTo("{\"n\":3}");
    }

    @Test
    void aTransformSeesWhatTheEnvelopeAndItsDeviceSay() throws Exception {
        open();
        change(
                DeviceChanges.device(
                        "device",
                        "org",
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
        open();
        change(new DeviceChange.OrganizationUpserted("gone", 10, true));
        device("of-gone", "gone", "{'a': 1}");
        device("of-nobody", "nobody", "{'a': 1}");
        device("no-transform", "org", "");
        device("no-compile", "org", "{'a': ");
        device("fails", "org", "{'a': input[1000]}");
        device("not-an-object", "org", "1 + 1");
        device("not-a-number", "org", "{'a': double('NaN')}");
        change(DeviceChanges.device("deleted", "org", "{'a': 1}", "", 100, true));

        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                "Not a RawEnvelope",
                new byte[] {0x0a});
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                "names no device",
                envelope("org", "", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                "is deleted",
                envelope("org", "deleted", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
                "'other', the device belongs to 'org'",
                envelope("other", "device", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE,
                "'gone'",
                envelope("gone", "of-gone", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE,
                "'nobody'",
                envelope("nobody", "of-nobody", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                "payload_conversion",
                envelope("org", "no-transform", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                "does not compile",
                envelope("org", "no-compile", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                "",
                envelope("org", "fails", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT,
                "",
                envelope("org", "not-a-number", NOW));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "missing",
                envelope("org", "device", NOW).clearOccurredAt());
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "1969-12-31T23:59:59Z",
                envelope("org", "device", Instant.ofEpochSecond(-1)));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "2106-02-07T06:28:16Z",
                envelope("org", "device", Instant.parse("2106-02-07T06:28:16Z")));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "9223372036854775807 seconds",
                envelope("org", "device", NOW)
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "-1 nanoseconds",
                envelope("org", "device", NOW)
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(1).setNanos(-1)));
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "1 d after the job's clock",
                envelope("org", "device", NOW.plus(Duration.ofHours(24)).plusMillis(1)));
        assertThat(rows()).isEmpty();
    }

    @Test
    void aResultThatIsNeverAnObjectIsRefused() throws Exception {
        open();
        device("not-an-object", "org", "1 + 1");
        send(envelope("org", "not-an-object", NOW).build());
        // Whether the compiler or the evaluation finds it, it is the transform's fault.
        assertThat(deadLetters())
                .singleElement()
                .extracting(DeadLetter::reason)
                .isIn(
                        DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                        DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT);
    }

    @Test
    void whatNamesAnotherDeviceThanItsSubjectIsADeadLetterIfTheyMustAgree() throws Exception {
        settings =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        100,
                        1_000_000,
                        null,
                        Duration.ofHours(24),
                        TransformLimits.DEFAULT,
                        true);
        open();
        // Also of a device that nobody knows: it does not wait.
        for (String named : List.of("device", "nobody")) {
            assertDeadLetter(
                    DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH,
                    "names the device '" + named + "', and was published on 'raw_envelopes.x'",
                    envelope("org", named, NOW));
        }
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH,
                "names the device 'A84041FFFF1822C4'",
                envelope("org", "", NOW).setExternalId("A84041FFFF1822C4"));
        byte[] data = envelope("org", "device", NOW).build().toByteArray();
        for (String subject :
                List.of(
                        "raw_envelopes.device",
                        "raw_envelopes.3.device",
                        "raw_envelopes.3.replay-17-1500")) {
            send(new RawMessage("raw_envelopes", ++sequence, subject, 1, data));
        }
        assertThat(rows()).hasSize(3);
    }

    @Test
    void whatIsOlderThanAllowedIsADeadLetter() throws Exception {
        settings =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        100,
                        1_000_000,
                        Duration.ofDays(365),
                        Duration.ofHours(24),
                        TransformLimits.DEFAULT,
                        false);
        open();
        device("device", "org", "{'v': 1}");
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                "more than the allowed 365 d before the job's clock",
                envelope("org", "device", NOW.minus(Duration.ofDays(365)).minusMillis(1)));
        send(envelope("org", "device", NOW.minus(Duration.ofDays(365))).build());
        assertThat(rows()).hasSize(1);
    }

    @Test
    void anEvaluationEndsAtTheLimitsThatAreSet() throws Exception {
        settings =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        100,
                        1_000_000,
                        null,
                        Duration.ofHours(24),
                        new TransformLimits(3, 1_000, 1_000, 2, 3, Duration.ofSeconds(2)),
                        false);
        open();
        device("loops", "org", "{'v': [1, 2, 3, 4].map(x, x)}");
        assertDeadLetter(
                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                "comprehensionIterations, 3",
                envelope("org", "loops", NOW));
    }

    @Test
    void timesAtTheEdgesAreStored() throws Exception {
        open();
        send(envelope("org", "device", Instant.EPOCH).build());
        send(envelope("org", "device", NOW.plus(Duration.ofHours(24))).build());
        assertThat(rows()).hasSize(2);

        harness.close();
        TransformSettings farFuture =
                new TransformSettings(
                        Duration.ofSeconds(10),
                        100,
                        1_000_000,
                        null,
                        Duration.ofDays(100_000),
                        TransformLimits.DEFAULT,
                        false);
        settings = farFuture;
        open();
        send(envelope("org", "device", Instant.parse("2106-02-07T06:28:15.999Z")).build());
        assertThat(rows()).hasSize(1);
    }

    @Test
    void anUpdateTakesEffectOnTheNextEnvelope() throws Exception {
        open();
        send(envelope("org", "device", NOW).build());
        assertThat(json(rows().get(0))).isEqualTo("{\"temperature_1\":27.2}");
        change(DeviceChanges.device("device", "org", "{'n': size(input)}", "", 3, false));
        send(envelope("org", "device", NOW).build());
        assertThat(json(rows().get(1))).isEqualTo("{\"n\":4}");
    }

    private void assertDeadLetter(
            DeadLetterReason reason, String message, RawEnvelope.Builder envelope)
            throws Exception {
        assertDeadLetter(reason, message, envelope.build().toByteArray());
    }

    private void assertDeadLetter(DeadLetterReason reason, String message, byte[] data)
            throws Exception {
        int before = deadLetters().size();
        send(new RawMessage("raw_envelopes", ++sequence, "raw_envelopes.x", 1, data));
        List<DeadLetter> letters = deadLetters();
        assertThat(letters).as(reason + " " + message).hasSize(before + 1);
        DeadLetter letter = letters.get(before);
        assertThat(letter.reason()).isEqualTo(reason);
        assertThat(letter.message()).contains(message);
        assertThat(letter.failedAt()).isEqualTo(NOW.toEpochMilli());
        assertThat(letter.origin().data()).isEqualTo(data);
        assertThat(letter.origin().sequence()).isEqualTo(sequence);
    }
}
