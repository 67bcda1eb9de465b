package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.PipelineStack.ORGANIZATION;
import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.jobs.envelope.transform.EnvelopeMetrics;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The job on a real cluster, with real servers around it. */
@ExtendWith(SharedStack.class)
class EnvelopePipelineITCase {

    private static final String ROWS_OF_TWO_MONTHS =
            "lists.range(4).map(i, {'n': i, 'occurred_at': occurred_at - duration(string(i % 2 *"
                    + " 744) + 'h')})";

    private static final String LPP = "cayenne_lpp_decode(input)";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static PipelineStack stack;

    @BeforeAll
    static void start(PipelineStack shared) throws Exception {
        stack = shared;
        stack.organization(ORGANIZATION);
        stack.device("hydrated", ORGANIZATION, LPP);
        stack.submit();
    }

    @AfterEach
    void nothingIsDoubledAndEverythingIsAccountedFor() throws Exception {
        assertThat(
                        stack.query(
                                "SELECT count(), uniqExact(stream, stream_sequence, received_at, row_index) FROM processed_envelopes"))
                .satisfies(
                        result -> assertThat(result.get(0).get(0)).isEqualTo(result.get(0).get(1)));
        // No envelope is there in part.
        assertThat(
                        stack.query(
                                "SELECT stream_sequence FROM processed_envelopes GROUP BY stream,"
                                        + " stream_sequence, received_at HAVING uniqExact(row_index)"
                                        + " != max(row_count)"))
                .isEmpty();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.transformMetric(EnvelopeMetrics.CONSUMED))
                                        .isEqualTo(accountedFor()));
    }

    @Test
    void anEnvelopeOfADeviceThatExistedBeforeTheJobBecomesARow() throws Exception {
        Instant occurredAt = Instant.parse("2026-11-20T10:11:12.345Z");
        long sequence = stack.publish(envelope(ORGANIZATION, "hydrated", occurredAt).build());
        awaitRows("hydrated", 1);
        assertThat(
                        stack.query(
                                "SELECT organization_id, occurred_at, toString(data), stream,"
                                        + " stream_sequence, received_at <= processed_at FROM"
                                        + " processed_envelopes WHERE end_device_id = 'hydrated'"))
                .containsExactly(
                        List.of(
                                ORGANIZATION,
                                "2026-11-20 10:11:12.345",
                                "{\"temperature_1\":27.2}",
                                "raw_envelopes",
                                Long.toString(sequence),
                                "1"));
    }

    @Test
    void anEnvelopeBecomesTheRowsThatItsTransformLists() throws Exception {
        stack.device(
                "history",
                ORGANIZATION,
                "lists.range(f_port).map(i, {'n': i, 'occurred_at': occurred_at -"
                        + " duration(string(i * 20) + 'h')})");
        Instant newYear = Instant.parse("2026-01-01T10:00:00Z");
        long sequence =
                stack.publish(envelope(ORGANIZATION, "history", newYear).setFPort(3).build());
        stack.publish(envelope(ORGANIZATION, "history", newYear).setFPort(0).build());
        stack.publish(envelope(ORGANIZATION, "history", newYear).setFPort(200).build());
        awaitRows("history", 203);
        assertThat(
                        stack.query(
                                "SELECT row_index, row_count, occurred_at, toString(data) FROM"
                                        + " processed_envelopes WHERE end_device_id = 'history' AND"
                                        + " stream_sequence = "
                                        + sequence
                                        + " ORDER BY row_index"))
                .containsExactly(
                        List.of("0", "3", "2026-01-01 10:00:00.000", "{\"n\":0}"),
                        List.of("1", "3", "2025-12-31 14:00:00.000", "{\"n\":1}"),
                        List.of("2", "3", "2025-12-30 18:00:00.000", "{\"n\":2}"));
    }

    @Test
    void anEnvelopeOfWhichClickHouseRefusesARowIsOneDeadLetterAndHasNone() throws Exception {
        stack.device(
                "refused-rows",
                ORGANIZATION,
                "[{'n': 1}, {'n': 2, 'occurred_at': occurred_at - duration('1000h')},"
                        + " {'n': 3, 'refused': true}]");
        stack.refuseMarkedReadings();
        stack.device("accepted-rows", ORGANIZATION, "[{'n': 1}, {'n': 2}]");
        long refused = stack.publish(envelope(ORGANIZATION, "refused-rows", Instant.now()).build());
        for (int i = 0; i < 20; i++) {
            stack.publish(envelope(ORGANIZATION, "accepted-rows", Instant.now()).build());
        }
        awaitRows("accepted-rows", 40);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(reasons())
                                        .containsEntry(
                                                refused,
                                                DeadLetterReason
                                                        .DEAD_LETTER_REASON_REJECTED_BY_STORE));
        assertThat(stack.rows("refused-rows")).isZero();
        List<DeadLetter> letters = new ArrayList<>();
        for (MessageInfo message : stack.deadLetters()) {
            DeadLetter letter = DeadLetter.parseFrom(message.getData());
            if (letter.getStreamSequence() == refused) {
                letters.add(letter);
            }
        }
        assertThat(letters).hasSize(1);
        assertThat(letters.get(0).getMessage()).startsWith("ClickHouse refuses one of the 3 rows");
    }

    @Test
    void aDeviceThatIsUsedBeforeTheJobKnowsItLosesNothing() throws Exception {
        for (int i = 0; i < 5; i++) {
            stack.publish(envelope(ORGANIZATION, "parked", Instant.now()).build());
        }
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.transformMetric(EnvelopeMetrics.PARKED))
                                        .isEqualTo(5));
        stack.device("parked", ORGANIZATION, LPP);
        awaitRows("parked", 5);
    }

    @Test
    void aDeviceIsNamedAsItsSendersCallIt() throws Exception {
        // The longest that the service takes, and the longest subject.
        String longest = "😀".repeat(256);
        for (String name : List.of("A84041FFFF1822C4", "Zähler 7. > Süd *", longest)) {
            stack.publish(external(name));
        }
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.transformMetric(EnvelopeMetrics.PARKED))
                                        .isEqualTo(3));
        stack.device("eui", ORGANIZATION, LPP);
        stack.externalId("eui", "a84041ffff1822c4");
        stack.device("meter", ORGANIZATION, LPP);
        stack.externalId("meter", "Zähler 7. > Süd *");
        stack.device("longest", ORGANIZATION, LPP);
        stack.externalId("longest", longest);
        awaitRows("eui", 1);
        awaitRows("meter", 1);
        awaitRows("longest", 1);

        // The name goes to another device.
        stack.externalId("eui", null);
        stack.device("eui-next", ORGANIZATION, LPP);
        stack.externalId("eui-next", "a84041ffff1822c4");
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(
                        () -> {
                            stack.publish(external("a84041ffff1822c4"));
                            assertThat(stack.rows("eui-next")).isPositive();
                        });
    }

    @Test
    void aNameThatNoDeviceHasIsInTheDeadLetter() throws Exception {
        long sequence = stack.publish(external("nobody.calls.it.so"));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            List<MessageInfo> letters = new ArrayList<>();
                            for (MessageInfo each : stack.deadLetters()) {
                                if (DeadLetter.parseFrom(each.getData()).getStreamSequence()
                                        == sequence) {
                                    letters.add(each);
                                }
                            }
                            assertThat(letters).hasSize(1);
                            DeadLetter letter = DeadLetter.parseFrom(letters.get(0).getData());
                            assertThat(letter.getReason())
                                    .isEqualTo(
                                            DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND);
                            assertThat(letter.getExternalId()).isEqualTo("nobody.calls.it.so");
                            assertThat(letter.getEndDeviceId()).isEmpty();
                            assertThat(letter.getSubject()).endsWith(".nobody%2Ecalls%2Eit%2Eso");
                            assertThat(letters.get(0).getHeaders().getFirst("Ponix-External-Id"))
                                    .isEqualTo("nobody.calls.it.so");
                        });
    }

    private static RawEnvelope external(String name) {
        return envelope(ORGANIZATION, "", Instant.now()).setExternalId(name).build();
    }

    @Test
    void aFullStreamOfDeadLettersHoldsNoRowsUpAndNothingIsLost() throws Exception {
        long lastRestart = stack.lastRestart();
        stack.device("unmoved", ORGANIZATION, LPP);
        stack.publish(envelope(ORGANIZATION, "unmoved", Instant.now()).build());
        awaitRows("unmoved", 1);
        long before = stack.lastSequence("dead_letters");
        stack.setRoom("dead_letters", 2);
        byte[] malformed = {-1, 1, 2};
        for (int count = 0; count < 10; count++) {
            stack.publish("raw_envelopes.unmoved", malformed);
        }
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(stack.lastSequence("dead_letters")).isEqualTo(before + 2));
        for (int count = 0; count < 20; count++) {
            stack.publish(envelope(ORGANIZATION, "unmoved", Instant.now()).build());
        }
        awaitRows("unmoved", 21);
        assertThat(stack.lastSequence("dead_letters")).isEqualTo(before + 2);
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);

        // What waits is in the savepoint.
        String savepoint = stack.stopWithSavepoint();
        stack.setRoom("dead_letters", -1);
        stack.resume(savepoint);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.lastSequence("dead_letters"))
                                        .isEqualTo(before + 10));
        List<Long> sequences = new ArrayList<>();
        for (MessageInfo letter : stack.deadLetters()) {
            sequences.add(DeadLetter.parseFrom(letter.getData()).getStreamSequence());
        }
        assertThat(sequences).doesNotHaveDuplicates();
        assertThat(stack.lastRestart()).isZero();
    }

    @Test
    void aNewTransformTakesEffectWithoutARestart() throws Exception {
        long lastRestart = stack.lastRestart();
        stack.device("changing", ORGANIZATION, LPP);
        stack.publish(envelope(ORGANIZATION, "changing", Instant.now()).build());
        awaitRows("changing", 1);

        stack.sql(
                "UPDATE end_devices SET payload_conversion = ? WHERE device_id = ?",
                "{'bytes': size(input)}",
                "changing");
        String changed =
                "SELECT count() FROM processed_envelopes WHERE end_device_id = 'changing' AND"
                        + " data.bytes = 4";
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(
                        () -> {
                            stack.publish(
                                    envelope(ORGANIZATION, "changing", Instant.now()).build());
                            assertThat(stack.number(changed)).isPositive();
                        });
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);
    }

    @Test
    void aTableOfTheSameNameInAnotherSchemaIsNotTheRegistrys() throws Exception {
        stack.device("twin", ORGANIZATION, LPP);
        stack.publish(envelope(ORGANIZATION, "twin", Instant.now()).build());
        awaitRows("twin", 1);

        stack.sql("CREATE SCHEMA twins");
        stack.sql("CREATE TABLE twins.end_devices (LIKE end_devices INCLUDING ALL)");
        stack.sql("ALTER PUBLICATION ponix_cdc_publication ADD TABLE twins.end_devices");
        stack.sql(
                "INSERT INTO twins.end_devices (device_id, organization_id, name, version) VALUES"
                        + " ('twin', ?, '', ?)",
                ORGANIZATION,
                Long.MAX_VALUE);
        stack.sql("TRUNCATE twins.end_devices");
        // What is read behind these changes.
        stack.device("after-twin", ORGANIZATION, LPP);
        stack.publish(envelope(ORGANIZATION, "after-twin", Instant.now()).build());
        awaitRows("after-twin", 1);

        stack.publish(envelope(ORGANIZATION, "twin", Instant.now()).build());
        awaitRows("twin", 2);
        stack.sql("DROP SCHEMA twins CASCADE");
    }

    @Test
    void theContractsOfADefinitionDecideForAllItsDevices() throws Exception {
        long lastRestart = stack.lastRestart();
        PayloadContract numbered =
                new PayloadContract(
                        "f_port == 1",
                        "{'first': size(input)}",
                        "{\"properties\":{\"first\":{\"maximum\":4}}}");
        stack.definition(
                "meter",
                ORGANIZATION,
                numbered,
                new PayloadContract("f_port <= 2", "{'second': warning('on port 2', f_port)}", ""));
        stack.deviceOf("meter", "meter-a", ORGANIZATION, "");
        stack.deviceOf("meter", "meter-b", ORGANIZATION, "");
        stack.deviceOf("meter", "meter-own", ORGANIZATION, "{'own': f_port}");
        long unmatched = stack.transformMetric(EnvelopeMetrics.UNMATCHED);
        for (int port = 1; port <= 3; port++) {
            stack.publish(on(port, "meter-a").build());
            stack.publish(on(port, "meter-own").build());
        }
        long refused =
                stack.publish(
                        on(1, "meter-a").setPayload(ByteString.copyFrom(new byte[5])).build());

        awaitRows("meter-a", 2);
        awaitRows("meter-own", 3);
        assertThat(data("meter-a")).containsExactly("{\"first\":4}", "{\"second\":2}");
        assertThat(data("meter-own")).containsExactly("{\"own\":1}", "{\"own\":2}", "{\"own\":3}");
        String version =
                stack.value("SELECT version FROM end_device_definitions WHERE id = 'meter'");
        String ownVersion =
                stack.value("SELECT version FROM end_devices WHERE device_id = 'meter-own'");
        assertThat(
                        stack.query(
                                "SELECT DISTINCT end_device_id, definition_id, contract_index,"
                                        + " transform_version, toString(warnings) FROM"
                                        + " processed_envelopes WHERE end_device_id IN ('meter-a',"
                                        + " 'meter-own') ORDER BY 1, 3"))
                .containsExactly(
                        List.of("meter-a", "meter", "0", version, "[]"),
                        List.of("meter-a", "meter", "1", version, "['on port 2']"),
                        List.of("meter-own", "", "0", ownVersion, "[]"));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(stack.transformMetric(EnvelopeMetrics.UNMATCHED))
                                    .isEqualTo(unmatched + 1);
                            assertThat(reasons())
                                    .containsEntry(
                                            refused,
                                            DeadLetterReason.DEAD_LETTER_REASON_SCHEMA_VIOLATION);
                        });

        stack.sql(
                "UPDATE end_device_definitions SET contracts = ?::jsonb WHERE id = 'meter'",
                ContractDocument.write(List.of(PayloadContract.always("{'changed': f_port}"))));
        String changed =
                "SELECT uniqExact(end_device_id) FROM processed_envelopes WHERE end_device_id IN"
                        + " ('meter-a', 'meter-b') AND data.changed = 3";
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(
                        () -> {
                            stack.publish(on(3, "meter-a").build());
                            stack.publish(on(3, "meter-b").build());
                            assertThat(stack.number(changed)).isEqualTo(2);
                        });
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);
    }

    @Test
    void everyReasonEndsAsADeadLetterWithItsRawBytes() throws Exception {
        long lastRestart = stack.lastRestart();
        stack.organization("inactive");
        // In this order: the job learns of the device only after the organization's end.
        stack.sql("UPDATE organizations SET deleted_at = now() WHERE id = 'inactive'");
        stack.device("of-inactive", "inactive", LPP);
        stack.device("healthy", ORGANIZATION, LPP);
        stack.device("no-transform", ORGANIZATION, "");
        stack.device("failing", ORGANIZATION, "{'a': input[1000]}");
        stack.device("not-a-number", ORGANIZATION, "{'a': double('NaN')}");
        // One path twice is not JSON that ClickHouse stores.
        stack.device("refused", ORGANIZATION, "{'refused': true}");
        stack.refuseMarkedReadings();
        Map<Long, DeadLetterReason> expected = new HashMap<>();
        Map<Long, byte[]> raw = new HashMap<>();

        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                "not protobuf".getBytes(StandardCharsets.UTF_8));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                new byte[] {0x12, 0x7f});
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                envelope(ORGANIZATION, "nobody", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                envelope(ORGANIZATION, "", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                envelope(ORGANIZATION, "a.b *>\n\0ü", Instant.now()));
        poison(expected, raw, DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, new byte[0]);
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
                envelope("other", "healthy", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE,
                envelope("inactive", "of-inactive", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                envelope(ORGANIZATION, "no-transform", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                envelope(ORGANIZATION, "failing", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT,
                envelope(ORGANIZATION, "not-a-number", Instant.now()));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                envelope(ORGANIZATION, "healthy", Instant.now()).clearOccurredAt());
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                envelope(ORGANIZATION, "healthy", Instant.now().plus(Duration.ofDays(2))));
        poison(
                expected,
                raw,
                DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE,
                envelope(ORGANIZATION, "refused", Instant.now()));
        // As large as the server takes: the dead letter has no room for all of it.
        byte[] huge =
                envelope(ORGANIZATION, "nobody", Instant.now())
                        .setPayload(ByteString.copyFrom(new byte[8 * 1024 * 1024 - 200]))
                        .build()
                        .toByteArray();
        poison(expected, raw, DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, huge);
        stack.publish(envelope(ORGANIZATION, "healthy", Instant.now()).build());

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reasons().keySet()).containsAll(expected.keySet()));
        assertThat(reasons()).containsAllEntriesOf(expected);
        for (MessageInfo message : stack.deadLetters()) {
            DeadLetter letter = DeadLetter.parseFrom(message.getData());
            byte[] data = raw.get(letter.getStreamSequence());
            if (data == null) {
                continue;
            }
            assertThat(message.getSubject())
                    .isEqualTo(
                            DeadLetterReasons.subject(
                                    "dead_letters", expected.get(letter.getStreamSequence())));
            assertThat(message.getHeaders().getFirst("Ponix-Reason"))
                    .isEqualTo(DeadLetterReasons.name(expected.get(letter.getStreamSequence())));
            assertThat(message.getHeaders().getFirst("Nats-Msg-Id"))
                    .isEqualTo(
                            "raw_envelopes:"
                                    + letter.getStreamSequence()
                                    + ":"
                                    + Timestamps.toMillis(letter.getReceivedAt()));
            assertThat(letter.getStream()).isEqualTo("raw_envelopes");
            assertThat(letter.getSubject()).startsWith("raw_envelopes.");
            assertThat(letter.getMessage()).isNotEmpty();
            assertThat(letter.getRawEnvelopeSize()).isEqualTo(data.length);
            assertThat(letter.getRawEnvelopeTruncated()).isEqualTo(data == huge);
            if (data != huge) {
                assertThat(letter.getRawEnvelope().toByteArray()).isEqualTo(data);
            }
        }
        awaitRows("healthy", 1);
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);
    }

    @Test
    void stoppedWithASavepointAndResumedNothingIsLostOrDoubled() throws Exception {
        stack.device("saved", ORGANIZATION, LPP);
        stack.device("saved-rows", ORGANIZATION, ROWS_OF_TWO_MONTHS);
        publishMany("saved", 3_000);
        publishMany("saved-rows", 100);
        stack.publish(envelope(ORGANIZATION, "saved-late", Instant.now()).build());
        stack.gateway("north", ORGANIZATION);
        String savepoint = stack.stopWithSavepoint();
        publishMany("saved", 3_000);
        stack.device("saved-late", ORGANIZATION, LPP);
        stack.sql("UPDATE gateways SET status = 'error' WHERE gateway_id = 'north'");
        // A sink more than before does not disturb the state of the others.
        stack.resume(savepoint, "--publish-processed-envelopes");
        publishMany("saved", 3_000);
        stack.sql("UPDATE gateways SET deleted_at = now() WHERE gateway_id = 'north'");
        stack.sql("DELETE FROM gateways WHERE gateway_id = 'north'");
        publishMany("saved-rows", 100);
        awaitRows("saved", 9_000);
        awaitRows("saved-rows", 800);
        awaitRows("saved-late", 1);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.lastSequence("processed_envelopes"))
                                        .isGreaterThanOrEqualTo(6_001));
        ProcessedEnvelope published =
                ProcessedEnvelope.parseFrom(
                        stack.lastMessage("processed_envelopes", "processed_envelopes.saved")
                                .getData());
        assertThat(published.getEndDeviceId()).isEqualTo("saved");
        assertThat(published.getData().getFieldsOrThrow("temperature_1").getNumberValue())
                .isEqualTo(27.2);
        stack.awaitAnnouncements(
                "north",
                "gateways.create GATEWAY_STATUS_ACTIVE",
                "gateways.update GATEWAY_STATUS_ERROR",
                "gateways.update GATEWAY_STATUS_ERROR deleted",
                "gateways.delete GATEWAY_STATUS_ERROR deleted");
    }

    @Test
    void envelopesDoNotWaitForWhatBridgesAreTold() throws Exception {
        long lastRestart = stack.lastRestart();
        stack.device("indifferent", ORGANIZATION, LPP);
        stack.deleteStream("gateways");
        stack.gateway("unheard", ORGANIZATION);
        // Seen by the job, which reads the changes in their order: what follows was not in time.
        stack.device("later", ORGANIZATION, LPP);
        for (int rows = 1; rows <= 3; rows++) {
            stack.publish(envelope(ORGANIZATION, "indifferent", Instant.now()).build());
            stack.publish(envelope(ORGANIZATION, "later", Instant.now()).build());
            awaitRows("indifferent", rows);
            awaitRows("later", rows);
        }
        stack.createStream("gateways", List.of("gateways.*"));
        stack.awaitAnnouncements("unheard", "gateways.create GATEWAY_STATUS_ACTIVE");
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);
    }

    @Test
    void aKilledTaskManagerLosesAndDoublesNothing() throws Exception {
        stack.device("killed", ORGANIZATION, LPP);
        stack.device("killed-rows", ORGANIZATION, ROWS_OF_TWO_MONTHS);
        publishMany("killed", 5_000);
        await().atMost(PATIENCE).until(() -> stack.rows("killed") > 0);
        List<CompletableFuture<PublishAck>> published = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            published.add(
                    stack.publishAsync(envelope(ORGANIZATION, "killed", Instant.now()).build()));
            if (i % 10 == 0) {
                published.add(
                        stack.publishAsync(
                                envelope(ORGANIZATION, "killed-rows", Instant.now()).build()));
            }
            if (i == 2_500) {
                stack.gateway("south", ORGANIZATION);
                stack.awaitAnnouncements("south", "gateways.create GATEWAY_STATUS_ACTIVE");
                stack.flink().taskManager(1).kill();
            }
        }
        CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).get();
        stack.flink().taskManager(1).start();
        awaitRows("killed", 10_000);
        awaitRows("killed-rows", 2_000);
        stack.awaitRunning();
        // Read again from the last checkpoint, or held by it.
        stack.sql("UPDATE gateways SET status = 'pending' WHERE gateway_id = 'south'");
        stack.awaitAnnouncements(
                "south",
                "gateways.create GATEWAY_STATUS_ACTIVE",
                "gateways.update GATEWAY_STATUS_PENDING");
    }

    @Test
    void aWrongOptionIsAnswered() {
        FlinkCommandResult result = stack.run(stack.environment(), "--nats-ulr", "nats://x");
        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains("--nats-ulr", "--nats-url").doesNotContain("\tat ");
    }

    @Test
    void whatCannotBeReachedIsAnsweredBeforeAnythingIsSubmitted() throws Exception {
        int jobs = stack.rest("/jobs").get("jobs").size();
        assertRefused("PONIX_NATS_URL", "nats://localhost:1", "NATS", "--nats-url");
        assertRefused("PONIX_POSTGRES_PORT", "1", "Postgres", "--postgres-port");
        assertRefused("PONIX_POSTGRES_PASSWORD", "wrong", "Postgres", "--postgres-password");
        assertRefused("PONIX_CDC_PUBLICATION_NAME", "other", "publication 'other'", "migrations");
        assertRefused(
                "PONIX_CLICKHOUSE_URL", "http://localhost:1", "ClickHouse", "--clickhouse-url");
        assertRefused("PONIX_CLICKHOUSE_TABLE", "other", "ClickHouse", "migrations");
        assertRefused("PONIX_NATS_RAW_PARTITIONS", "4", "NATS", "--nats-raw-partitions");
        stack.createStream("taken", List.of("elsewhere"));
        assertRefused(
                "PONIX_NATS_GATEWAY_STREAM", "taken", "taken.create", "--nats-gateway-stream");
        assertThat(stack.rest("/jobs").get("jobs").size()).isEqualTo(jobs);
    }

    @Test
    void helpShowsTheOptions() {
        FlinkCommandResult result = stack.run(stack.environment(), "--help");
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).contains("--clickhouse-batch-rows", "PONIX_NATS_URL");
    }

    @Test
    void operatorsHaveNamesThatPeopleRead() throws Exception {
        List<String> names = new ArrayList<>();
        stack.job().get("vertices").forEach(vertex -> names.add(vertex.get("name").asText()));
        assertThat(names)
                .contains(
                        "Source: raw envelopes (JetStream)",
                        "Source: device changes (Postgres CDC) -> by use -> announced changes"
                                + " (JetStream): Writer",
                        "processed_envelopes (ClickHouse): Committer")
                .anySatisfy(
                        name ->
                                assertThat(name)
                                        .startsWith(
                                                "enrich and transform -> (processed_envelopes"
                                                        + " (ClickHouse): Writer, dead letters"
                                                        + " (JetStream): Writer"));
        assertThat(stack.transformMetric(EnvelopeMetrics.DEVICES)).isPositive();
    }

    private static void assertRefused(String variable, String value, String... message) {
        Map<String, String> environment = stack.environmentOfOperator();
        environment.put(variable, value);
        FlinkCommandResult result = stack.run(environment);
        assertThat(result.exitCode()).as(result.output()).isNotZero();
        assertThat(result.output()).contains(message).doesNotContain("\tat ");
    }

    private static void poison(
            Map<Long, DeadLetterReason> expected,
            Map<Long, byte[]> raw,
            DeadLetterReason reason,
            RawEnvelope.Builder envelope)
            throws Exception {
        poison(expected, raw, reason, envelope.build().toByteArray());
    }

    private static void poison(
            Map<Long, DeadLetterReason> expected,
            Map<Long, byte[]> raw,
            DeadLetterReason reason,
            byte[] data)
            throws Exception {
        long sequence = stack.publish("raw_envelopes.poison", data);
        expected.put(sequence, reason);
        raw.put(sequence, data);
    }

    private static Map<Long, DeadLetterReason> reasons() throws Exception {
        Map<Long, DeadLetterReason> reasons = new HashMap<>();
        for (MessageInfo message : stack.deadLetters()) {
            DeadLetter letter = DeadLetter.parseFrom(message.getData());
            assertThat(reasons.put(letter.getStreamSequence(), letter.getReason()))
                    .as("a dead letter published twice")
                    .isNull();
        }
        return reasons;
    }

    private static void publishMany(String device, int count) throws Exception {
        List<CompletableFuture<PublishAck>> published = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            published.add(
                    stack.publishAsync(envelope(ORGANIZATION, device, Instant.now()).build()));
        }
        CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).get();
    }

    private static RawEnvelope.Builder on(int port, String device) {
        return envelope(ORGANIZATION, device, Instant.now()).setFPort(port);
    }

    private static List<String> data(String device) throws Exception {
        return stack
                .query(
                        "SELECT toString(data) FROM processed_envelopes WHERE end_device_id = '"
                                + device
                                + "' ORDER BY stream_sequence")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }

    private static void awaitRows(String device, long count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stack.rows(device)).isEqualTo(count));
    }

    private static long accountedFor() throws Exception {
        long sum =
                stack.transformMetric(EnvelopeMetrics.CONVERTED)
                        + stack.transformMetric(EnvelopeMetrics.EMPTY)
                        + stack.transformMetric(EnvelopeMetrics.UNMATCHED)
                        + stack.transformMetric(EnvelopeMetrics.PARKED)
                        + stack.transformMetric(EnvelopeMetrics.ALREADY_STORED)
                        + stack.transformMetric(EnvelopeMetrics.AFTER_PREVIOUS);
        for (DeadLetterReason reason : DeadLetterReasons.all()) {
            if (reason != DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE) {
                sum +=
                        stack.transformMetric(
                                EnvelopeMetrics.DEAD_LETTERS
                                        + "."
                                        + DeadLetterReasons.name(reason));
            }
        }
        return sum;
    }
}
