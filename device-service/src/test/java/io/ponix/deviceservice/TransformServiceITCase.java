package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.SourceContextProto;
import com.google.protobuf.Timestamp;
import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.PreviousResult;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.transform.v1.ContractPart;
import io.ponix.proto.transform.v1.Contracts;
import io.ponix.proto.transform.v1.DeviceContext;
import io.ponix.proto.transform.v1.EvaluateRequest;
import io.ponix.proto.transform.v1.EvaluateResponse;
import io.ponix.proto.transform.v1.EvaluatedRow;
import io.ponix.proto.transform.v1.EvaluationError;
import io.ponix.proto.transform.v1.EvaluationStage;
import io.ponix.proto.transform.v1.Issue;
import io.ponix.proto.transform.v1.TransformServiceGrpc;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What people see who try a transform: the JSON, or what is wrong and where. */
@ExtendWith(ServiceUnderTest.Shared.class)
class TransformServiceITCase {

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void anExpressionGivesTheJsonAndWhatItCost() {
        EvaluateResponse response = evaluate("cayenne_lpp_decode(input)", "01 67 01 10 02 68 64");

        assertThat(response.getJson()).isEqualTo("{\"temperature_1\":27.2,\"humidity_2\":50.0}");
        assertThat(response.hasError()).isFalse();
        assertThat(response.getWarningsList()).isEmpty();
        assertThat(response.getCost().getFunctionWork()).isPositive();
        assertThat(response.getCost().getFunctionWorkLimit()).isEqualTo(10_000_000);
        assertThat(response.getCost().getOutputBytes()).isEqualTo(response.getJson().length());
        assertThat(response.getCost().getOutputBytesLimit()).isEqualTo(1 << 20);
    }

    @Test
    void whatTheTransformNotesIsToldApartFromWhatIsToBeSaidOfIt() {
        EvaluateResponse response =
                evaluate("{'v': input.u8(0) < 20 ? warning('low battery', 1) : 1}", "07");
        assertThat(response.getRowWarningsList()).containsExactly("low battery");
        assertThat(response.getWarningsList()).isEmpty();
        assertThat(response.getJson()).isEqualTo("{\"v\":1}");
        assertThat(evaluate("{'v': warning('x', input.u8(9))}", "07").getRowWarningsList())
                .isEmpty();
    }

    @Test
    void aListGivesRowsWithTheTimesThatItSays() {
        EvaluateResponse response =
                evaluate("[{'n': input.u8(0)}, {'n': 2, 'occurred_at': timestamp(60)}]", "07");

        assertThat(response.getJson())
                .isEqualTo("[{\"n\":7},{\"occurred_at\":\"1970-01-01T00:01:00Z\",\"n\":2}]");
        assertThat(response.getRowsList())
                .containsExactly(
                        EvaluatedRow.newBuilder().setJson("{\"n\":7}").build(),
                        EvaluatedRow.newBuilder()
                                .setJson("{\"n\":2}")
                                .setOccurredAt(Timestamp.newBuilder().setSeconds(60))
                                .build());
        assertThat(evaluate("[]", "07").getRowsList()).isEmpty();
        assertThat(evaluate("{'n': 1}", "07").getRowsList()).hasSize(1);
        assertThat(evaluate("dyn([1])", "07").getError().getPath()).isEqualTo("$[0]");
    }

    @Test
    void anExpressionSeesAllOfTheEnvelope() {
        EvaluateResponse response =
                stub().evaluate(
                                EvaluateRequest.newBuilder()
                                        .setExpression(
                                                "{'hex': input.hex(), 'port': f_port, 'rssi':"
                                                        + " attributes.rssi, 'at': occurred_at,"
                                                        + " 'device': device}")
                                        .setPayload(ByteString.copyFrom(new byte[] {1, -1}))
                                        .setFPort(7)
                                        .putAttributes("rssi", "-90")
                                        .setOccurredAt(
                                                Timestamp.newBuilder()
                                                        .setSeconds(1)
                                                        .setNanos(500_000_000))
                                        .setDevice(
                                                DeviceContext.newBuilder()
                                                        .setId("d1")
                                                        .setOrganizationId("o1"))
                                        .build());

        assertThat(response.getJson())
                .isEqualTo(
                        "{\"hex\":\"01ff\",\"port\":7,\"rssi\":\"-90\",\"at\":\"1970-01-01T00:00:01.500Z\","
                                + "\"device\":{\"id\":\"d1\",\"organization\":\"o1\"}}");
    }

    @Test
    void aDeviceIsTriedWithItsOwnTransformAndName() {
        String organization = service.organization("Acme");
        EndDevice device = device(organization, "{'name': device.name, 'first': input.u8(0)}");

        EvaluateResponse response =
                stub().evaluate(
                                EvaluateRequest.newBuilder()
                                        .setDeviceId(device.getDeviceId())
                                        .setPayloadHex("0x2A")
                                        .build());

        assertThat(response.getJson()).isEqualTo("{\"name\":\"Sensor\",\"first\":42}");
    }

    @Test
    void whatDoesNotCompileHasAPlaceASourceLineACaretAndAHint() {
        EvaluateResponse response =
                evaluate("{\n  'celsius': input.i16be(0) / 10.0,\n  'x': nope\n}", "010d");

        EvaluationError error = response.getError();
        assertThat(error.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_COMPILE);
        assertThat(error.getIssuesList()).hasSize(2);
        Issue first = error.getIssues(0);
        assertThat(first.getLine()).isEqualTo(2);
        assertThat(first.getColumn()).isEqualTo(29);
        assertThat(first.getMessage()).contains("no matching overload for '_/_'");
        assertThat(first.getSourceLine()).isEqualTo("  'celsius': input.i16be(0) / 10.0,");
        assertThat(first.getCaret()).isEqualTo(" ".repeat(28) + "^");
        assertThat(error.getMessage())
                .contains("3:8 undeclared reference to 'nope'")
                .contains("\n    'x': nope\n         ^");
        assertThat(response.getWarningsList())
                .singleElement()
                .satisfies(
                        warning -> {
                            assertThat(warning.getMessage())
                                    .contains("an int divided by a double does not compile")
                                    .contains("write double(x)");
                            assertThat(warning.getLine()).isEqualTo(2);
                        });
        assertThat(response.hasCost()).isFalse();
    }

    @Test
    void syntaxErrorsAndExpressionsThatGiveNoObjectDoNotCompileEither() {
        assertThat(evaluate("{'a': ", "00").getError().getIssues(0).getLine()).isEqualTo(1);
        assertThat(evaluate("", "00").getError().getStage())
                .isEqualTo(EvaluationStage.EVALUATION_STAGE_COMPILE);
        assertThat(evaluate("input.u8(0)", "00").getError().getMessage())
                .contains("a transform gives a JSON object")
                .contains("this expression gives int");
    }

    @Test
    void whatFailsOnThePayloadHasAPlaceAndACaret() {
        EvaluateResponse response = evaluate("{\n 'a': 1,\n 'b': input.u16be(1)\n}", "0102");

        EvaluationError error = response.getError();
        assertThat(error.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_EVALUATE);
        assertThat(error.getIssuesList())
                .singleElement()
                .satisfies(
                        issue -> {
                            assertThat(issue.getLine()).isEqualTo(3);
                            assertThat(issue.getSourceLine()).isEqualTo(" 'b': input.u16be(1)");
                            assertThat(issue.getCaret()).hasSize(issue.getColumn());
                        });
        assertThat(error.getMessage()).endsWith("^");
        assertThat(response.hasCost()).isTrue();
    }

    @Test
    void whatTheEnvelopeBeforeBecameCanBeGiven() {
        EvaluateRequest.Builder request =
                EvaluateRequest.newBuilder()
                        .setExpression(
                                "{'step': input.u8(0) - previous.result.n, 'at':"
                                        + " previous.occurred_at, 'port': previous.f_port}")
                        .setPayloadHex("07")
                        .setPrevious(
                                PreviousResult.newBuilder()
                                        .setJson("{\"n\": 3}")
                                        .setOccurredAt(Timestamp.newBuilder().setSeconds(60))
                                        .setFPort(9));

        assertThat(stub().evaluate(request.build()).getJson())
                .isEqualTo("{\"step\":4,\"at\":\"1970-01-01T00:01:00Z\",\"port\":9}");
        assertThat(stub().evaluate(request.clearPrevious().build()).getError().getMessage())
                .contains("result");
        request.setPrevious(PreviousResult.newBuilder().setJson("[1]"));
        assertThatCall(() -> stub().evaluate(request.build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "previous.json: it is not a JSON object or a list of objects");
    }

    @Test
    void whetherItDependsOnWhatTheEnvelopeBeforeBecameIsSaid() {
        assertThat(evaluate("{'n': previous.?result.?n.orValue(1)}", "00").getUsesPrevious())
                .isTrue();
        assertThat(evaluate("{'n': previous.result.n}", "00").getUsesPrevious())
                .as("where it fails, too")
                .isTrue();
        assertThat(evaluate("{'n': 1}", "00").getUsesPrevious()).isFalse();
    }

    @Test
    void aTimeThatIsNotGivenIsAnError() {
        assertThat(evaluate("{'at': occurred_at, 'b': input}", "00").getError().getMessage())
                .contains("occurred_at is not set");
    }

    @Test
    void aWrongResultHasItsPath() {
        EvaluationError error =
                evaluate("{'r': [1.0, {'c': double(input.u8(0)) / 0.0}]}", "01").getError();

        assertThat(error.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_OUTPUT);
        assertThat(error.getPath()).isEqualTo("$.r[1].c");
        assertThat(error.getMessage()).startsWith("$.r[1].c: ");
    }

    @Test
    void aBudgetThatIsUsedUpIsNamed() {
        assertThat(
                        evaluate(
                                        "{'n': lists.range(500).map(x, lists.range(500).map(y,"
                                                + " input.u8(0)))}",
                                        "01")
                                .getError()
                                .getMessage())
                .contains("comprehensionIterations, 10000");
    }

    @Test
    void ofContractsTheFirstThatMatchesDecides() {
        PayloadContract ninth = contract("f_port == 9", "{'nine': input}", "");
        PayloadContract other =
                contract(
                        "",
                        "{'celsius': double(input.u8(0))}",
                        "{\"properties\": {\"celsius\": {\"maximum\": 100}}}");

        EvaluateResponse matched = evaluate("20", ninth, other);
        assertThat(matched.getJson()).isEqualTo("{\"celsius\":32.0}");
        assertThat(matched.getMatchedContract()).isEqualTo(1);

        assertThat(evaluate("20", ninth).hasNoMatch()).isTrue();
        assertThat(evaluate("20", ninth).hasMatchedContract()).isFalse();

        EvaluationError refused = evaluate("ff", ninth, other).getError();
        assertThat(refused.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_SCHEMA);
        assertThat(refused.getContract()).isEqualTo(1);
        assertThat(refused.getPath()).isEqualTo("$.celsius");
        assertThat(refused.getRefusedJson()).isEqualTo("{\"celsius\":255.0}");

        EvaluationError wrong =
                evaluate("ff", ninth, contract("nope", "{}", "{\"type\": 1}")).getError();
        assertThat(wrong.getMessage())
                .contains("contract 2, match_expression:\n1:1 undeclared reference to 'nope'")
                .contains("contract 2, json_schema:\n");
        assertThat(wrong.getIssues(0).getContract()).isEqualTo(1);
        assertThat(wrong.getIssues(0).getPart())
                .isEqualTo(ContractPart.CONTRACT_PART_MATCH_EXPRESSION);

        assertThatCall(() -> evaluate("00"))
                .hasStatus(Code.INVALID_ARGUMENT, "There must be 1 to 64 contracts");
    }

    @Test
    void contractsDecodeTheMessagesThatComeWithThem() {
        Contracts.Builder contracts =
                Contracts.newBuilder()
                        .addContracts(
                                contract(
                                        "",
                                        "protobuf_decode(input, 'google.protobuf.SourceContext')",
                                        ""));
        EvaluateRequest.Builder request =
                EvaluateRequest.newBuilder().setPayloadHex("0a0178").setContracts(contracts);
        assertThat(stub().evaluate(request.build()).getError().getMessage())
                .contains("protobuf_decode: nobody has described the messages");

        contracts.setFileDescriptorSet(
                FileDescriptorSet.newBuilder()
                        .addFile(SourceContextProto.getDescriptor().toProto())
                        .build()
                        .toByteString());
        assertThat(stub().evaluate(request.setContracts(contracts).build()).getJson())
                .isEqualTo("{\"fileName\":\"x\"}");

        contracts.setFileDescriptorSet(ByteString.copyFromUtf8("x"));
        assertThatCall(() -> stub().evaluate(request.setContracts(contracts).build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "file_descriptor_set: the bytes are no FileDescriptorSet");
    }

    @Test
    void aDefinitionIsTriedByItsIdAndByADeviceThatHasIt() {
        String organization = service.organization("Acme");
        EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceBlockingStub definitions =
                EndDeviceDefinitionServiceGrpc.newBlockingStub(service.channel());
        String definition =
                definitions
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Thermometer")
                                        .addContracts(contract("f_port == 9", "{'a': input}", ""))
                                        .addContracts(contract("", "{'b': device}", ""))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
        EndDevice device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Sensor")
                                        .setDefinitionId(definition)
                                        .build())
                        .getEndDevice();

        EvaluateResponse byId =
                stub().evaluate(
                                EvaluateRequest.newBuilder()
                                        .setDefinitionId(definition)
                                        .setDevice(
                                                DeviceContext.newBuilder()
                                                        .setOrganizationId(organization))
                                        .setFPort(9)
                                        .build());
        assertThat(byId.getJson()).isEqualTo("{\"a\":\"\"}");
        assertThat(byId.getMatchedContract()).isZero();
        assertThat(evaluateDevice(device.getDeviceId()).getJson()).contains("\"name\":\"Sensor\"");
        assertThat(evaluateDevice(device.getDeviceId()).getMatchedContract()).isEqualTo(1);

        assertThatCall(
                        () ->
                                stub().evaluate(
                                                EvaluateRequest.newBuilder()
                                                        .setDefinitionId(definition)
                                                        .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "set device.organization_id");
        assertThatCall(
                        () ->
                                stub().evaluate(
                                                EvaluateRequest.newBuilder()
                                                        .setDefinitionId("nope")
                                                        .setDevice(
                                                                DeviceContext.newBuilder()
                                                                        .setOrganizationId(
                                                                                organization))
                                                        .build()))
                .hasStatus(Code.NOT_FOUND, "End device definition not found");
    }

    @Test
    void aDevicesOwnTransformWinsOverItsDefinitionAsInTheJob() throws SQLException {
        String organization = service.organization("Acme");
        String definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Thermometer")
                                        .addContracts(
                                                contract(
                                                        "f_port == 1",
                                                        "{'celsius': input.u8(0)}",
                                                        "{\"properties\": {\"celsius\":"
                                                                + " {\"maximum\": 85}}}"))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
        String device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Sensor")
                                        .setPayloadConversion("{'own': input.u8(0)}")
                                        .setDefinitionId(definition)
                                        .build())
                        .getEndDevice()
                        .getDeviceId();

        EvaluateResponse own = evaluateDevice(device, "ff", 1);
        assertThat(own.getJson()).isEqualTo("{\"own\":255}");
        assertThat(own.hasMatchedContract()).isFalse();

        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device)
                                .setPayloadConversion("")
                                .build());
        assertThat(evaluateDevice(device, "14", 1).getJson()).isEqualTo("{\"celsius\":20}");
        assertThat(evaluateDevice(device, "14", 2).hasNoMatch()).isTrue();
        EvaluationError refused = evaluateDevice(device, "ff", 1).getError();
        assertThat(refused.getStage()).isEqualTo(EvaluationStage.EVALUATION_STAGE_SCHEMA);
        assertThat(refused.getRefusedJson()).isEqualTo("{\"celsius\":255}");

        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE end_devices SET payload_conversion = ' ' WHERE device_id = '"
                            + device
                            + "'");
        }
        assertThat(evaluateDevice(device, "14", 1).getJson())
                .as("what is blank is no transform")
                .isEqualTo("{\"celsius\":20}");
    }

    @Test
    void aRequestThatCannotBeUnderstoodIsRefused() {
        assertThatCall(() -> evaluate("{}", "0g"))
                .hasStatus(Code.INVALID_ARGUMENT, "payload_hex holds 'g' at position 2");
        assertThatCall(() -> evaluate("{}", "010"))
                .hasStatus(Code.INVALID_ARGUMENT, "payload_hex has 3 digits");
        assertThatCall(() -> stub().evaluate(EvaluateRequest.getDefaultInstance()))
                .hasStatus(Code.INVALID_ARGUMENT, "One of expression");
        assertThatCall(
                        () ->
                                stub().evaluate(
                                                EvaluateRequest.newBuilder()
                                                        .setExpression("{}")
                                                        .setFPort(256)
                                                        .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "f_port must be 0 to 255");
        assertThatCall(() -> evaluate("{}", "00".repeat((1 << 20) + 1)))
                .hasStatus(Code.INVALID_ARGUMENT, "1048577 bytes; at most 1048576");
    }

    @Test
    void aDeviceMustExistAndHaveATransform() {
        assertThatCall(() -> evaluateDevice("nobody"))
                .hasStatus(Code.NOT_FOUND, "Device not found: nobody")
                .hasReason("DEVICE_NOT_FOUND", Map.of("device_id", "nobody"));
        EndDevice device = device(service.organization("Acme"), "");
        assertThatCall(() -> evaluateDevice(device.getDeviceId()))
                .hasStatus(
                        Code.FAILED_PRECONDITION, "neither a payload_conversion nor a definition")
                .hasReason("NO_TRANSFORM", Map.of("device_id", device.getDeviceId()));
    }

    @Test
    void itAnswersInJson() throws Exception {
        HttpResponse<String> good =
                post("{\"expression\": \"{'a': input.u8(0)}\", \"payload\": \"Kg==\"}");
        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(good.body()).contains("\"json\"").contains("{\\\"a\\\":42}");

        HttpResponse<String> wrong = post("{\"expression\": \"nope\", \"payloadHex\": \"2a\"}");
        assertThat(wrong.statusCode()).isEqualTo(200);
        assertThat(wrong.body())
                .contains("EVALUATION_STAGE_COMPILE")
                .contains("undeclared reference");

        assertThat(post("{\"expression\": \"{}\", \"deviceId\": \"x\"}").statusCode())
                .as("two transforms")
                .isEqualTo(400);
        HttpResponse<String> noBase64 = post("{\"expression\": \"{}\", \"payload\": \"%%%\"}");
        assertThat(noBase64.statusCode()).isEqualTo(400);
        assertThat(noBase64.body()).contains("The request cannot be read");
        HttpResponse<String> cut = post("{\"expression\": \"{}\"");
        assertThat(cut.statusCode()).isEqualTo(400);
        assertThat(cut.body()).contains("The request cannot be read").doesNotContain("java.");
    }

    private static EvaluateResponse evaluate(String expression, String hex) {
        return stub().evaluate(
                        EvaluateRequest.newBuilder()
                                .setExpression(expression)
                                .setPayloadHex(hex)
                                .build());
    }

    private static EvaluateResponse evaluate(String hex, PayloadContract... contracts) {
        return stub().evaluate(
                        EvaluateRequest.newBuilder()
                                .setContracts(
                                        Contracts.newBuilder().addAllContracts(List.of(contracts)))
                                .setPayloadHex(hex)
                                .build());
    }

    private static PayloadContract contract(String match, String transform, String schema) {
        return PayloadContract.newBuilder()
                .setMatchExpression(match)
                .setTransformExpression(transform)
                .setJsonSchema(schema)
                .build();
    }

    private static EvaluateResponse evaluateDevice(String id) {
        return stub().evaluate(EvaluateRequest.newBuilder().setDeviceId(id).build());
    }

    private static EvaluateResponse evaluateDevice(String id, String hex, int fPort) {
        return stub().evaluate(
                        EvaluateRequest.newBuilder()
                                .setDeviceId(id)
                                .setPayloadHex(hex)
                                .setFPort(fPort)
                                .build());
    }

    private static EndDevice device(String organization, String transform) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .setPayloadConversion(transform)
                                .build())
                .getEndDevice();
    }

    private static TransformServiceGrpc.TransformServiceBlockingStub stub() {
        return TransformServiceGrpc.newBlockingStub(service.channel());
    }

    private static HttpResponse<String> post(String json) throws Exception {
        return CleartextHttp.CLIENT.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + service.service().httpPort()
                                                + "/ponix.transform.v1.TransformService/Evaluate"))
                        .header("Content-Type", "application/json; charset=utf-8")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
