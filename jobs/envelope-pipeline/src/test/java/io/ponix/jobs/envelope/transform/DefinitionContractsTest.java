package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.SourceContextProto;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChanges;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator makes of envelopes of devices that have a definition. */
class DefinitionContractsTest extends TransformOperatorTestBase {

    private static final PayloadContract PORT_1 =
            new PayloadContract("f_port == 1", "{'n': size(input)}", "");
    private static final PayloadContract PORTS_BELOW_3 =
            new PayloadContract(
                    "f_port < 3",
                    "{'port': f_port}",
                    "{\"properties\":{\"port\":{\"minimum\":1}}}");

    @BeforeEach
    void openWithADefinition() throws Exception {
        tables.rows.clear();
        tables.rows.add(new DeviceChange.OrganizationUpserted("org", 1, false));
        tables.rows.add(definition(2, PORT_1, PORTS_BELOW_3));
        tables.rows.add(DeviceChanges.device("device", "org", "", "def", 3, false));
        open();
    }

    @Test
    void theFirstContractThatMatchesGivesTheRow() throws Exception {
        send("device", 1);
        send("device", 2);

        assertThat(json()).containsExactly("{\"n\":4}", "{\"port\":2}");
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
                            assertThat(letter.reason())
                                    .isEqualTo(
                                            DeadLetterReason.DEAD_LETTER_REASON_SCHEMA_VIOLATION);
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
                .containsOnly(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED);
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
    void aLetterOfAPayloadThatTheDecoderRefusesCarriesItsWordsAndNoOthers() throws Exception {
        change(
                definition(
                        10,
                        new PayloadContract(
                                "f_port == 1 || error('no port ' + string(f_port))",
                                "error('Unexpected payload length')",
                                "")));
        send("device", 1);
        send("device", 2);

        assertThat(deadLetters())
                .extracting(DeadLetter::reason)
                .containsOnly(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED);
        assertThat(deadLetters())
                .extracting(DeadLetter::message)
                .containsExactly("Unexpected payload length", "no port 2");
    }

    @Test
    void aChangeOfADefinitionTakesEffectOnEveryDeviceOfIt() throws Exception {
        change(DeviceChanges.device("second", "org", "", "def", 4, false));
        change(definition(5, PayloadContract.always("{'new': f_port}")));
        send("device", 7);
        send("second", 8);

        assertThat(json()).containsExactly("{\"new\":7}", "{\"new\":8}");
    }

    @Test
    void aTransformOfItsOwnWinsOverTheDefinition() throws Exception {
        change(DeviceChanges.device("device", "org", "{'o': 1}", "def", 4, false));
        send("device", 1);
        change(DeviceChanges.device("device", "org", "", "def", 5, false));
        send("device", 1);

        assertThat(json()).containsExactly("{\"o\":1}", "{\"n\":4}");
    }

    @Test
    void envelopesWaitForADefinitionThatIsNotKnownYet() throws Exception {
        change(DeviceChanges.device("early", "org", "", "late", 4, false));
        change(DeviceChanges.device("lost", "org", "", "never", 5, false));
        send("early", 1);
        send("lost", 1);
        assertThat(rows()).isEmpty();

        change(
                new DeviceChange.DefinitionUpserted(
                        "late", "a name", ContractDocument.write(List.of(PORT_1)), "", 6));
        assertThat(json()).containsExactly("{\"n\":4}");

        tables.rows.add(DeviceChanges.device("lost", "org", "", "never", 5, false));
        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        takeAnswer();
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason())
                                    .isEqualTo(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION);
                            assertThat(letter.message())
                                    .isEqualTo(
                                            "The device's definition 'never' is still unknown after"
                                                    + " the grace period of 10 s");
                        });
    }

    @Test
    void aDefinitionThatTheChangesHaveNotToldOfIsFoundInPostgres() throws Exception {
        change(DeviceChanges.device("early", "org", "", "late", 4, false));
        change(DeviceChanges.device("other", "org", "", "late", 5, false));
        send("early", 1);
        harness.setProcessingTime(NOW.toEpochMilli() + 5_000);
        send("other", 1);
        tables.rows.add(
                new DeviceChange.DefinitionUpserted(
                        "late", "a name", ContractDocument.write(List.of(PORT_1)), "", 6));
        harness.setProcessingTime(NOW.toEpochMilli() + 10_000);
        takeAnswer();

        assertThat(json()).containsExactly("{\"n\":4}", "{\"n\":4}");
        assertThat(deadLetters()).isEmpty();
    }

    /** A row of the registry has another version after every change of it. */
    @Test
    void rowsSayWhatMadeThem() throws Exception {
        send("device", 1);
        send("device", 2);
        change(definition(10, PORT_1, PORTS_BELOW_3));
        send("device", 2);
        change(DeviceChanges.device("device", "org", "{'o': 1}", "def", 11, false));
        send("device", 2);
        change(DeviceChanges.device("device", "org", "", "def", 12, false));
        send("device", 1);

        assertThat(rows())
                .extracting(
                        EnvelopeRows::definitionId,
                        EnvelopeRows::contractIndex,
                        EnvelopeRows::transformVersion)
                .containsExactly(
                        tuple("def", 0, 2L),
                        tuple("def", 1, 2L),
                        tuple("def", 1, 10L),
                        tuple("", 0, 11L),
                        tuple("def", 0, 10L));
    }

    @Test
    void allRowsOfAnEnvelopeHaveItsWarningsAndNoOthersDo() throws Exception {
        change(
                definition(
                        10,
                        PayloadContract.always(
                                "f_port == 1 ? [{'n': warning('first', 1)}, {'n': 2}] : [{'n': 3}]")));
        send("device", 1);
        send("device", 2);

        assertThat(rows()).extracting(EnvelopeRows::rowCount).containsExactly(2, 1);
        assertThat(rows())
                .extracting(EnvelopeRows::warnings)
                .containsExactly(List.of("first"), List.of());
        assertThat(rows().get(0).only(1).warnings()).containsExactly("first");
    }

    @Test
    void contractsDecodeTheMessagesThatTheirDefinitionDescribes() throws Exception {
        String contracts =
                ContractDocument.write(
                        List.of(
                                PayloadContract.always(
                                        "protobuf_decode(b'\\x0a\\x01x',"
                                                + " 'google.protobuf.SourceContext')")));
        String messages =
                Base64.getEncoder()
                        .encodeToString(
                                FileDescriptorSet.newBuilder()
                                        .addFile(SourceContextProto.getDescriptor().toProto())
                                        .build()
                                        .toByteArray());
        change(new DeviceChange.DefinitionUpserted("def", "a name", contracts, messages, 10));
        send("device", 1);
        change(new DeviceChange.DefinitionUpserted("def", "a name", contracts, "", 11));
        send("device", 2);
        change(new DeviceChange.DefinitionUpserted("def", "a name", contracts, "AA==", 12));
        send("device", 3);

        assertThat(json()).containsExactly("{\"fileName\":\"x\"}");
        assertThat(deadLetters())
                .extracting(DeadLetter::message)
                .satisfiesExactly(
                        message ->
                                assertThat(message)
                                        .contains(
                                                "protobuf_decode: nobody has described the"
                                                        + " messages"),
                        message ->
                                assertThat(message)
                                        .startsWith(
                                                "Definition 'a name' (def): The transform does not"
                                                        + " compile:\nthe bytes are no"
                                                        + " FileDescriptorSet"));
    }

    private static DeviceChange definition(long version, PayloadContract... contracts) {
        return new DeviceChange.DefinitionUpserted(
                "def", "a name", ContractDocument.write(List.of(contracts)), "", version);
    }

    private void send(String device, int port) throws Exception {
        send(envelope("org", device, NOW).setFPort(port).build());
    }

    private List<String> json() {
        return rows().stream().map(TransformOperatorTestBase::json).toList();
    }
}
