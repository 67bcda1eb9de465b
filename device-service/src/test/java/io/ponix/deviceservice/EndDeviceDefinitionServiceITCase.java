package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ApiProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.SourceContextProto;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionResponse;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsResponse;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules of the methods, as a caller sees them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class EndDeviceDefinitionServiceITCase {

    private static final PayloadContract TEMPERATURE =
            contract(
                    "f_port == 1",
                    "{'celsius': double(input.i16be(0)) / 10.0}",
                    "{\"properties\": {\"celsius\": {\"maximum\": 85}}}");
    private static final PayloadContract STATUS =
            contract("f_port == 2", "{'battery': input.u8(0), 'device': device.name}", "");

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void aNewDefinitionIsReturnedWholeAndFoundAgain() {
        String organization = service.organization("Acme");
        CreateEndDeviceDefinitionRequest request =
                request(organization, TEMPERATURE, STATUS)
                        .addExamples(
                                DefinitionExample.newBuilder()
                                        .setHex("01 0d")
                                        .setFPort(1)
                                        .setExpected(struct("celsius", 26.9)))
                        .addExamples(
                                DefinitionExample.newBuilder()
                                        .setPayload(ByteString.fromHex("64"))
                                        .setFPort(2)
                                        .setDeviceName("x")
                                        .putAttributes("rssi", "-80")
                                        .setOccurredAt(Timestamp.newBuilder().setSeconds(1))
                                        .setExpectedJson("{\"battery\":100,\"device\":\"x\"}"))
                        .addExamples(
                                DefinitionExample.newBuilder()
                                        .setHex("7fff")
                                        .setFPort(1)
                                        .setExpectedError("must have a maximum value of 85"))
                        .addExamples(
                                DefinitionExample.newBuilder().setFPort(3).setExpectedNoMatch(true))
                        .build();

        EndDeviceDefinition definition =
                service.definitions().createEndDeviceDefinition(request).getEndDeviceDefinition();

        assertThat(definition.getId()).matches("[0-9a-v]{20}");
        assertThat(definition.getOrganizationId()).isEqualTo(organization);
        assertThat(definition.getName()).isEqualTo("Meter");
        assertThat(definition.getContractsList()).containsExactly(TEMPERATURE, STATUS);
        assertThat(definition.getExamplesList()).isEqualTo(request.getExamplesList());
        assertThat(definition.getCreatedAt()).isEqualTo(definition.getUpdatedAt());
        assertThat(get(definition)).isEqualTo(definition);
    }

    @Test
    void contractsDecodeTheMessagesThatTheDefinitionDescribes() {
        PayloadContract named =
                contract("", "protobuf_decode(input, 'google.protobuf.SourceContext')", "");
        ByteString messages = messages(SourceContextProto.getDescriptor());
        DefinitionExample example =
                DefinitionExample.newBuilder()
                        .setHex("0a0178")
                        .setExpectedJson("{\"fileName\":\"x\"}")
                        .build();
        EndDeviceDefinition definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                request(service.organization("Acme"), named)
                                        .addExamples(example)
                                        .setFileDescriptorSet(messages)
                                        .build())
                        .getEndDeviceDefinition();
        assertThat(definition.getFileDescriptorSet()).isEqualTo(messages);
        assertThat(get(definition)).isEqualTo(definition);

        UpdateEndDeviceDefinitionRequest.Builder change =
                UpdateEndDeviceDefinitionRequest.newBuilder()
                        .setId(definition.getId())
                        .setOrganizationId(definition.getOrganizationId());
        assertThat(
                        service.definitions()
                                .updateEndDeviceDefinition(change.setName("New").build())
                                .getEndDeviceDefinition()
                                .getFileDescriptorSet())
                .isEqualTo(messages);
        assertThatCall(
                        () ->
                                service.definitions()
                                        .updateEndDeviceDefinition(
                                                change.setFileDescriptorSet(ByteString.EMPTY)
                                                        .build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "protobuf_decode: nobody has described the messages");
        assertThat(
                        service.definitions()
                                .updateEndDeviceDefinition(
                                        change.addContracts(contract("", "{}", ""))
                                                .setClearExamples(true)
                                                .build())
                                .getEndDeviceDefinition()
                                .getFileDescriptorSet())
                .isEmpty();
    }

    @Test
    void descriptorsThatCannotBeUsedAreRefusedWithWhatToDo() {
        CreateEndDeviceDefinitionRequest.Builder request =
                request(service.organization("Acme"), contract("", "{}", ""));
        for (ByteString refused :
                List.of(
                        ByteString.copyFromUtf8("syntax = \"proto3\";"),
                        // api.proto without the files that it imports.
                        messages(ApiProto.getDescriptor()))) {
            assertThatCall(
                            () ->
                                    service.definitions()
                                            .createEndDeviceDefinition(
                                                    request.setFileDescriptorSet(refused).build()))
                    .hasStatus(
                            Code.INVALID_ARGUMENT,
                            "protoc --include_imports --descriptor_set_out=FILE");
        }
        assertThatCall(
                        () ->
                                service.definitions()
                                        .createEndDeviceDefinition(
                                                request.setFileDescriptorSet(
                                                                ByteString.copyFrom(
                                                                        new byte[262_145]))
                                                        .build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT, "The file descriptor set has at most 262144 bytes");
    }

    private static ByteString messages(FileDescriptor file) {
        return FileDescriptorSet.newBuilder().addFile(file.toProto()).build().toByteString();
    }

    @Test
    void whatClickHouseDoesNotKeepOfTheExamplesIsAWarning() {
        PayloadContract nulls = contract("", "{'celsius': null, 'b': {}, 'n': input.u8(0)}", "");
        DefinitionExample.Builder example =
                DefinitionExample.newBuilder()
                        .setHex("01 0d")
                        .setFPort(1)
                        .setExpectedJson("{\"celsius\":null,\"b\":{},\"n\":1}");
        CreateEndDeviceDefinitionResponse created =
                service.definitions()
                        .createEndDeviceDefinition(
                                request(service.organization("Acme"), nulls)
                                        .addExamples(example)
                                        .build());

        assertThat(created.getWarningsList())
                .containsExactly(
                        "example 1 (port 1, 01 0d): $.celsius is null, and no key with null is"
                                + " stored: it will be missing",
                        "example 1 (port 1, 01 0d): $.b is an empty object, and no key with one is"
                                + " stored: it will be missing");
        EndDeviceDefinition definition = created.getEndDeviceDefinition();
        assertThat(get(definition)).isEqualTo(definition);

        UpdateEndDeviceDefinitionRequest.Builder update =
                UpdateEndDeviceDefinitionRequest.newBuilder()
                        .setId(definition.getId())
                        .setOrganizationId(definition.getOrganizationId());
        assertThat(
                        service.definitions()
                                .updateEndDeviceDefinition(update.setName("Other").build())
                                .getWarningsList())
                .isEqualTo(created.getWarningsList());
        assertThat(
                        service.definitions()
                                .updateEndDeviceDefinition(
                                        update.addContracts(contract("", "{'n': input.u8(0)}", ""))
                                                .addExamples(example.setExpectedJson("{\"n\":1}"))
                                                .build())
                                .getWarningsList())
                .isEmpty();
    }

    @Test
    void anExampleExpectsTheRowsOfAList() {
        PayloadContract list =
                PayloadContract.newBuilder()
                        .setTransformExpression("[{'n': input.u8(0)}, {'n': 2}]")
                        .setJsonSchema("{\"properties\": {\"n\": {\"maximum\": 9}}}")
                        .build();
        CreateEndDeviceDefinitionRequest.Builder request =
                request(service.organization("Acme"), list)
                        .addExamples(
                                DefinitionExample.newBuilder()
                                        .setHex("01")
                                        .setExpectedJson("[{\"n\": 1}, {\"n\": 2}]"))
                        .addExamples(
                                DefinitionExample.newBuilder()
                                        .setHex("0a")
                                        .setExpectedError("$[0].n: must have a maximum"));
        assertThat(get(create(request)).getExamplesCount()).isEqualTo(2);
    }

    @Test
    void anExampleExpectsWarnings() {
        PayloadContract low =
                PayloadContract.newBuilder()
                        .setTransformExpression("{'n': warning('low battery', input.u8(0))}")
                        .build();
        String organization = service.organization("Acme");
        DefinitionExample.Builder example =
                DefinitionExample.newBuilder().setHex("07").setExpectedJson("{\"n\": 7}");
        example.addExpectedWarnings("low battery");
        assertThat(get(create(request(organization, low).addExamples(example))).getExamples(0))
                .isEqualTo(example.build());

        DefinitionExample more = example.clone().addExpectedWarnings("no sensor").build();
        assertThatCall(() -> create(request(organization, low).addExamples(more)))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "expected the warnings [low battery, no sensor], are [low battery]");
        DefinitionExample failing = example.clone().setExpectedError("no").build();
        assertThatCall(() -> create(request(organization, low).addExamples(failing)))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "expected_warnings go with expected or expected_json");
    }

    @Test
    void theDefinitionInTheDocumentationCanBeSaved() throws IOException {
        String page =
                Files.readString(Path.of(System.getProperty("ponix.root"), "docs/transforms.md"));
        int start = page.indexOf("<<'JSON'\n") + 9;
        String json = page.substring(start, page.indexOf("\nJSON\n", start));
        CreateEndDeviceDefinitionRequest.Builder request =
                CreateEndDeviceDefinitionRequest.newBuilder();
        JsonFormat.parser().merge(json, request);

        EndDeviceDefinition definition =
                create(request.setOrganizationId(service.organization("Acme")));

        assertThat(get(definition).getExamplesList()).hasSize(3);
    }

    @Test
    void whatIsMissingIsRefused() {
        String organization = service.organization("Acme");

        assertThatCall(() -> create(request("", TEMPERATURE).setName("")))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty");
        assertThatCall(() -> create(request(organization, TEMPERATURE).setName("")))
                .hasStatus(Code.INVALID_ARGUMENT, "End device definition name cannot be empty");
        assertThatCall(() -> create(request(organization, TEMPERATURE).setName("n".repeat(257))))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "End device definition name has at most 256 characters");
        assertThatCall(() -> create(request(organization)))
                .hasStatus(Code.INVALID_ARGUMENT, "An end device definition has 1 to 64 contracts");
        assertThatCall(
                        () ->
                                create(
                                        request(organization)
                                                .addAllContracts(
                                                        Collections.nCopies(65, TEMPERATURE))))
                .hasStatus(Code.INVALID_ARGUMENT, "An end device definition has 1 to 64 contracts");
        assertThatCall(
                        () ->
                                create(
                                        request(organization, TEMPERATURE)
                                                .addExamples(
                                                        DefinitionExample.newBuilder()
                                                                .setHex("00"))))
                .hasStatus(Code.INVALID_ARGUMENT, "exactly one field is required in oneof");
    }

    @Test
    void onlyAnActiveOrganizationGetsDefinitions() {
        String organization = service.organization("Acme");
        EndDeviceDefinition before = create(request(organization, TEMPERATURE));
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        assertThatCall(() -> create(request("nobody", TEMPERATURE)))
                .hasStatus(Code.NOT_FOUND, "Organization not found: nobody");
        assertThatCall(() -> create(request(organization, TEMPERATURE)))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Cannot create end device definition for deleted organization: "
                                + organization);
        assertThat(get(before)).isEqualTo(before);
    }

    @Test
    void everythingThatDoesNotCompileIsNamed() {
        String organization = service.organization("Acme");

        assertThatCall(
                        () ->
                                create(
                                        request(
                                                organization,
                                                TEMPERATURE,
                                                contract("f_port", "{'a': }", "{\"type\": 1}"))))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "contract 2, match_expression:\n1:1 ",
                        "contract 2, transform_expression:\n1:7 ",
                        "contract 2, json_schema:\nnot a schema of draft 2020-12: $.type: ")
                .hasDetail(
                        BadRequest.class,
                        details ->
                                assertThat(details.getFieldViolationsList())
                                        .extracting(BadRequest.FieldViolation::getField)
                                        .containsExactly(
                                                "contracts[1].match_expression",
                                                "contracts[1].transform_expression",
                                                "contracts[1].json_schema"));
    }

    @Test
    void aReferenceToAnotherDocumentIsRefused() {
        String organization = service.organization("Acme");

        assertThatCall(
                        () ->
                                create(
                                        request(
                                                organization,
                                                contract(
                                                        "",
                                                        "{}",
                                                        "{\"$ref\": \"http://127.0.0.1:1/s\"}"))))
                .hasStatus(Code.INVALID_ARGUMENT, "is not allowed to be loaded");
    }

    @Test
    void examplesThatFailAreListedWithWhatIsDifferent() {
        String organization = service.organization("Acme");
        CreateEndDeviceDefinitionRequest.Builder request =
                request(organization, TEMPERATURE)
                        .addExamples(example("010d", 1, "celsius", 26.9))
                        .addExamples(example("010d", 1, "celsius", 27.0))
                        .addExamples(example("01", 1, "celsius", 26.9))
                        .addExamples(example("010d", 2, "celsius", 26.9))
                        .addExamples(example("01x", 1, "celsius", 26.9));

        assertThatCall(() -> create(request))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "4 of 5 examples fail:\n",
                        "example 2 (port 1, 010d): $.celsius: expected 27.0, is 26.9\n",
                        "example 3 (port 1, 01): contract 1, transform_expression: 1:",
                        "example 4 (port 2, 010d): no contract matches\n",
                        "example 5 (port 1, 01x): ")
                .hasDetail(
                        BadRequest.class,
                        details ->
                                assertThat(details.getFieldViolationsList())
                                        .extracting(BadRequest.FieldViolation::getField)
                                        .containsExactly(
                                                "examples[1]",
                                                "examples[2]",
                                                "examples[3]",
                                                "examples[4]"));
    }

    @Test
    void aRefusalFitsIntoTheHeadersThatClientsTake() {
        String organization = service.organization("Acme");
        CreateEndDeviceDefinitionRequest.Builder request = request(organization, TEMPERATURE);
        for (int i = 0; i < 100; i++) {
            request.addExamples(example("ü".repeat(1_000), 1, "celsius", i));
        }

        assertThatCall(() -> create(request))
                .hasStatus(Code.INVALID_ARGUMENT, "100 of 100 examples fail:\nexample 1 (port 1, ");
    }

    @Test
    void anUpdateChangesWhatItGives() {
        String organization = service.organization("Acme");
        EndDeviceDefinition old =
                create(
                        request(organization, TEMPERATURE)
                                .addExamples(example("010d", 1, "celsius", 26.9)));

        EndDeviceDefinition renamed = update(of(old).setName("Probe"));
        assertThat(renamed)
                .isEqualTo(
                        old.toBuilder()
                                .setName("Probe")
                                .setUpdatedAt(renamed.getUpdatedAt())
                                .setEtag("2")
                                .build());
        assertThat(renamed.getUpdatedAt()).isNotEqualTo(old.getUpdatedAt());
        assertThat(get(old)).isEqualTo(renamed);

        EndDeviceDefinition replaced =
                update(of(old).addContracts(STATUS).addContracts(TEMPERATURE));
        assertThat(replaced.getContractsList()).containsExactly(STATUS, TEMPERATURE);
        assertThat(replaced.getExamplesList()).isEqualTo(old.getExamplesList());

        // The example that stays is proved with the contracts that are new.
        assertThatCall(() -> update(of(old).addContracts(STATUS)))
                .hasStatus(Code.INVALID_ARGUMENT, "1 of 1 examples fail:\n", "no contract matches");
        assertThat(get(old)).isEqualTo(replaced);

        assertThat(update(of(old).addContracts(STATUS).setClearExamples(true)))
                .satisfies(
                        cleared -> {
                            assertThat(cleared.getContractsList()).containsExactly(STATUS);
                            assertThat(cleared.getExamplesList()).isEmpty();
                        });
        assertThatCall(() -> update(of(old).setName("")))
                .hasStatus(Code.INVALID_ARGUMENT, "End device definition name cannot be empty");
        assertThatCall(() -> update(of(old).setName("n".repeat(257))))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "End device definition name has at most 256 characters");
    }

    @Test
    void whoChangesADefinitionWaitsForWhoIsAtIt() throws Exception {
        EndDeviceDefinition old = create(request(service.organization("Acme"), TEMPERATURE));
        try (Connection other = service.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(
                    "UPDATE end_device_definitions SET description = 'of the cellar' WHERE id = '"
                            + old.getId()
                            + "'");
            CompletableFuture<EndDeviceDefinition> renamed =
                    CompletableFuture.supplyAsync(() -> update(of(old).setName("Probe")));
            service.awaitWhoWaitsForALock();
            other.commit();

            assertThat(renamed.get(30, TimeUnit.SECONDS))
                    .satisfies(
                            both -> {
                                assertThat(both.getName()).isEqualTo("Probe");
                                assertThat(both.getDescription()).isEqualTo("of the cellar");
                                assertThat(both.getEtag()).isEqualTo("3");
                            });
        }
    }

    @Test
    void definitionsAreFoundByTheirOrganizationOnly() {
        String organization = service.organization("Acme");
        String other = service.organization("Other");
        EndDeviceDefinition definition = create(request(organization, TEMPERATURE));
        EndDeviceDefinition asTheOthers = definition.toBuilder().setOrganizationId(other).build();
        String message = "End device definition not found: " + definition.getId();

        assertThatCall(() -> get(asTheOthers)).hasStatus(Code.NOT_FOUND, message);
        assertThatCall(() -> update(of(asTheOthers).setName("Mine")))
                .hasStatus(Code.NOT_FOUND, message);
        assertThatCall(() -> delete(asTheOthers)).hasStatus(Code.NOT_FOUND, message);
        assertThat(get(definition)).isEqualTo(definition);
        assertThatCall(() -> get(definition.toBuilder().clearOrganizationId().build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty");
        assertThatCall(() -> get(definition.toBuilder().clearId().build()))
                .hasStatus(Code.INVALID_ARGUMENT, "End device definition ID cannot be empty");
    }

    @Test
    void aListIsGivenNewestFirstInPages() {
        String organization = service.organization("Acme");
        List<EndDeviceDefinition> newestFirst = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            newestFirst.add(0, create(request(organization, TEMPERATURE)));
        }

        assertThat(list(organization, 0, "").getEndDeviceDefinitionsList()).isEqualTo(newestFirst);
        List<EndDeviceDefinition> paged = new ArrayList<>();
        String token = "";
        do {
            ListEndDeviceDefinitionsResponse page = list(organization, 2, token);
            assertThat(page.getEndDeviceDefinitionsCount()).isBetween(1, 2);
            paged.addAll(page.getEndDeviceDefinitionsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(paged).isEqualTo(newestFirst);
        assertThat(list("nobody", 0, "").getEndDeviceDefinitionsList()).isEmpty();
        assertThatCall(() -> list(organization, 0, "x"))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token");
    }

    @Test
    void aDefinitionInUseIsNotDeleted() {
        String organization = service.organization("Acme");
        EndDeviceDefinition definition = create(request(organization, TEMPERATURE));
        EndDevice device = device(organization, definition.getId());
        EndDevice second = device(organization, definition.getId());
        assertThat(device.getDefinitionId()).isEqualTo(definition.getId());

        assertThatCall(() -> delete(definition))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "End device definition is in use: " + definition.getId());

        assertThat(update(device, "").getDefinitionId()).isEmpty();
        assertThatCall(() -> delete(definition)).hasStatus(Code.FAILED_PRECONDITION, "in use");
        // A deleted device stays in the table, but holds no definition back.
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(second.getDeviceId())
                                .build());
        delete(definition);
        assertThatCall(() -> delete(definition)).hasStatus(Code.NOT_FOUND, definition.getId());
        assertThatCall(() -> get(definition)).hasStatus(Code.NOT_FOUND, definition.getId());
    }

    @Test
    void aDevicesDefinitionIsOfItsOrganization() {
        String organization = service.organization("Acme");
        EndDeviceDefinition others = create(request(service.organization("Other"), TEMPERATURE));
        EndDeviceDefinition own = create(request(organization, TEMPERATURE));
        String message = "End device definition not found: ";

        assertThatCall(() -> device(organization, others.getId()))
                .hasStatus(Code.NOT_FOUND, message + others.getId());
        assertThatCall(() -> device(organization, "nothing"))
                .hasStatus(Code.NOT_FOUND, message + "nothing");
        EndDevice device = device(organization, "");
        assertThat(device.getDefinitionId()).isEmpty();
        assertThatCall(() -> update(device, others.getId()))
                .hasStatus(Code.NOT_FOUND, message + others.getId());

        assertThat(update(device, own.getId()).getDefinitionId()).isEqualTo(own.getId());
        assertThat(
                        service.devices()
                                .updateEndDevice(
                                        UpdateEndDeviceRequest.newBuilder()
                                                .setDeviceId(device.getDeviceId())
                                                .setName("Renamed")
                                                .build())
                                .getEndDevice()
                                .getDefinitionId())
                .isEqualTo(own.getId());
        assertThat(
                        service.devices()
                                .getEndDevice(
                                        GetEndDeviceRequest.newBuilder()
                                                .setDeviceId(device.getDeviceId())
                                                .build())
                                .getEndDevice()
                                .getDefinitionId())
                .isEqualTo(own.getId());
    }

    private static PayloadContract contract(String match, String transform, String schema) {
        return PayloadContract.newBuilder()
                .setMatchExpression(match)
                .setTransformExpression(transform)
                .setJsonSchema(schema)
                .build();
    }

    private static DefinitionExample example(String hex, int port, String key, double value) {
        return DefinitionExample.newBuilder()
                .setHex(hex)
                .setFPort(port)
                .setExpected(struct(key, value))
                .build();
    }

    private static Struct struct(String key, double value) {
        return Struct.newBuilder()
                .putFields(key, Value.newBuilder().setNumberValue(value).build())
                .build();
    }

    private static CreateEndDeviceDefinitionRequest.Builder request(
            String organization, PayloadContract... contracts) {
        return CreateEndDeviceDefinitionRequest.newBuilder()
                .setOrganizationId(organization)
                .setName("Meter")
                .addAllContracts(List.of(contracts));
    }

    private static EndDeviceDefinition create(CreateEndDeviceDefinitionRequest.Builder request) {
        return service.definitions()
                .createEndDeviceDefinition(request.build())
                .getEndDeviceDefinition();
    }

    private static EndDeviceDefinition get(EndDeviceDefinition definition) {
        return service.definitions()
                .getEndDeviceDefinition(
                        GetEndDeviceDefinitionRequest.newBuilder()
                                .setId(definition.getId())
                                .setOrganizationId(definition.getOrganizationId())
                                .build())
                .getEndDeviceDefinition();
    }

    private static UpdateEndDeviceDefinitionRequest.Builder of(EndDeviceDefinition definition) {
        return UpdateEndDeviceDefinitionRequest.newBuilder()
                .setId(definition.getId())
                .setOrganizationId(definition.getOrganizationId());
    }

    private static EndDeviceDefinition update(UpdateEndDeviceDefinitionRequest.Builder request) {
        return service.definitions()
                .updateEndDeviceDefinition(request.build())
                .getEndDeviceDefinition();
    }

    private static void delete(EndDeviceDefinition definition) {
        service.definitions()
                .deleteEndDeviceDefinition(
                        DeleteEndDeviceDefinitionRequest.newBuilder()
                                .setId(definition.getId())
                                .setOrganizationId(definition.getOrganizationId())
                                .build());
    }

    private static ListEndDeviceDefinitionsResponse list(
            String organization, int pageSize, String token) {
        return service.definitions()
                .listEndDeviceDefinitions(
                        ListEndDeviceDefinitionsRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageSize(pageSize)
                                .setPageToken(token)
                                .build());
    }

    private static EndDevice device(String organization, String definition) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .setDefinitionId(definition)
                                .build())
                .getEndDevice();
    }

    private static EndDevice update(EndDevice device, String definition) {
        return service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setDefinitionId(definition)
                                .build())
                .getEndDevice();
    }
}
