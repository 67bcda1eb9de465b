package io.ponix.cli.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.Pages;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionResponse;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsResponse;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionResponse;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.ResourceType;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix definitions}: what devices of one kind have in common. */
@Command(
        name = "definitions",
        description = {
            "Look at and change definitions, what devices of one kind have in common.",
            ResourceCommand.SERVICE,
            "The FILE of 'create' and 'update' is, where its name ends with .json, a definition as 'get --json' prints it"
                    + " (contracts, examples, name, file_descriptor_set; its id, times and etag are passed over)."
                    + " Else it is a transform in CEL, that of the only contract, which matches everything."
        },
        subcommands = {
            GetCommand.class,
            DeleteCommand.class,
            UndeleteCommand.class,
            HistoryCommand.class,
            RestoreCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix definitions list --organization acme",
            "  ./ponix definitions create --organization acme --name Meter --file meter.cel",
            "  ./ponix definitions get DEFINITION --json > meter.json",
            "  ./ponix definitions update DEFINITION --file meter.json --reason 'new firmware'"
        })
public final class DefinitionsCommand extends UndeletableCommand {

    private static final String FILE =
            "Its transform in CEL; or all of it in JSON, where the name ends with .json.";
    private static final String DESCRIPTORS =
            "The messages that protobuf_decode(bytes, name) decodes in its contracts: what protoc --include_imports"
                    + " --descriptor_set_out=FILE makes.";

    @Override
    ResourceType type() {
        return ResourceType.RESOURCE_TYPE_END_DEVICE_DEFINITION;
    }

    @Override
    String noun() {
        return "definition";
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the definitions of an organization.")
    void list(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Mixin ListOptions listing,
            @Mixin OutputOption output) {
        ListEndDeviceDefinitionsRequest.Builder request =
                listing.on(
                        ListEndDeviceDefinitionsRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageSize(Pages.SIZE));
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    all(calls, request),
                    new TextTable(
                            "DEFINITION", "NAME", ">CONTRACTS", ">EXAMPLES", "UPDATED AT", ">ETAG"),
                    definition ->
                            new Object[] {
                                definition.getId(),
                                MessageText.cell(definition.getName()),
                                definition.getContractsCount(),
                                definition.getExamplesCount(),
                                updated(
                                        definition.hasDeletedAt(),
                                        definition.getDeletedAt(),
                                        definition.getUpdatedAt()),
                                definition.getEtag()
                            });
        }
    }

    private static Pages<EndDeviceDefinition> all(
            DeviceServiceCalls calls, ListEndDeviceDefinitionsRequest.Builder request) {
        return new Pages<>(
                token -> {
                    ListEndDeviceDefinitionsResponse page =
                            calls.call(
                                    EndDeviceDefinitionServiceGrpc::newBlockingStub,
                                    definitions ->
                                            definitions.listEndDeviceDefinitions(
                                                    request.setPageToken(token).build()));
                    return new Page<>(page.getEndDeviceDefinitionsList(), page.getNextPageToken());
                });
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Create a definition: its expressions are compiled, and its examples are run.",
                "What ClickHouse would not keep of what the examples give is warned of on standard error."
            })
    void create(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            description = "What people call it. Default: the file's.")
                    String name,
            @Option(names = "--file", paramLabel = "FILE", required = true, description = FILE)
                    Path file,
            @Option(names = "--descriptors", paramLabel = "FILE", description = DESCRIPTORS)
                    Path descriptors,
            @Mixin DescriptionOptions description,
            @Mixin TryableChangeOptions change,
            @Mixin OutputOption output) {
        EndDeviceDefinition wanted = DefinitionFile.read(file);
        if (name == null && wanted.getName().isEmpty()) {
            throw CommandException.calledWrongly("--name is missing, and the file has none");
        }
        CreateEndDeviceDefinitionRequest.Builder request =
                CreateEndDeviceDefinitionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName(name == null ? wanted.getName() : name)
                        .addAllContracts(wanted.getContractsList())
                        .addAllExamples(wanted.getExamplesList())
                        .setFileDescriptorSet(
                                descriptors == null
                                        ? wanted.getFileDescriptorSet()
                                        : descriptors(descriptors));
        description.on(request);
        CreateEndDeviceDefinitionResponse created;
        try (DeviceServiceCalls calls = service.calls()) {
            created =
                    calls.call(
                            EndDeviceDefinitionServiceGrpc::newBlockingStub,
                            definitions ->
                                    definitions.createEndDeviceDefinition(
                                            change.on(request).build()));
        }
        warn(created.getWarningsList());
        EndDeviceDefinition definition = created.getEndDeviceDefinition();
        output.print(created(change, definition.getId(), definition.getEtag()), definition);
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = {
                "Change what is given of a definition; all else stays as it is.",
                "Contracts, and examples, of a file replace all that there are. The running pipeline decodes the next envelope by"
                        + " the new ones."
            })
    void update(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--name", paramLabel = "NAME", description = "What people call it.")
                    String name,
            @Option(names = "--file", paramLabel = "FILE", description = FILE) Path file,
            @Option(names = "--no-examples", description = "Take its examples away.")
                    boolean noExamples,
            @Option(names = "--descriptors", paramLabel = "FILE", description = DESCRIPTORS)
                    Path descriptors,
            @Option(
                            names = "--no-descriptors",
                            description = "Take its descriptions of messages away.")
                    boolean noDescriptors,
            @Mixin DescriptionChangeOptions description,
            @Mixin StateChangeOptions change,
            @Mixin OutputOption output) {
        if (noDescriptors && descriptors != null) {
            throw CommandException.calledWrongly(
                    "--descriptors and --no-descriptors: which of them is meant?");
        }
        EndDeviceDefinition wanted =
                file == null ? EndDeviceDefinition.getDefaultInstance() : DefinitionFile.read(file);
        if (noExamples && wanted.getExamplesCount() > 0) {
            throw CommandException.calledWrongly(
                    "--no-examples, and the file has some: which of them is meant?");
        }
        UpdateEndDeviceDefinitionRequest.Builder request =
                UpdateEndDeviceDefinitionRequest.newBuilder()
                        .addAllContracts(wanted.getContractsList())
                        .addAllExamples(wanted.getExamplesList())
                        .setClearExamples(noExamples);
        if (name != null || !wanted.getName().isEmpty()) {
            request.setName(name == null ? wanted.getName() : name);
        }
        if (descriptors != null) {
            request.setFileDescriptorSet(descriptors(descriptors));
        } else if (noDescriptors || !wanted.getFileDescriptorSet().isEmpty()) {
            request.setFileDescriptorSet(
                    noDescriptors ? ByteString.EMPTY : wanted.getFileDescriptorSet());
        }
        description.on(request);
        requireChange(request);
        UpdateEndDeviceDefinitionResponse updated;
        try (DeviceServiceCalls calls = service.calls()) {
            request.setId(id).setOrganizationId(organization(calls, id));
            updated =
                    calls.call(
                            EndDeviceDefinitionServiceGrpc::newBlockingStub,
                            definitions ->
                                    definitions.updateEndDeviceDefinition(
                                            change.on(request).build()));
        }
        warn(updated.getWarningsList());
        EndDeviceDefinition definition = updated.getEndDeviceDefinition();
        output.print(
                done(change.told("Updated", "Would update"), id, definition.getEtag()), definition);
    }

    private static ByteString descriptors(Path file) {
        return ByteString.copyFrom(TextFile.bytes("--descriptors", file));
    }

    private static void warn(List<String> warnings) {
        warnings.forEach(
                warning -> System.err.println("warning: " + TerminalText.escaped(warning)));
    }

    @Override
    Message undelete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        String organization = organization(calls, id);
        return calls.call(
                        EndDeviceDefinitionServiceGrpc::newBlockingStub,
                        definitions ->
                                definitions.undeleteEndDeviceDefinition(
                                        change.on(
                                                        UndeleteEndDeviceDefinitionRequest
                                                                .newBuilder()
                                                                .setId(id)
                                                                .setOrganizationId(organization))
                                                .build()))
                .getEndDeviceDefinition();
    }

    @Override
    Message get(DeviceServiceCalls calls, String id) {
        String organization = organization(calls, id);
        return calls.call(
                        EndDeviceDefinitionServiceGrpc::newBlockingStub,
                        definitions ->
                                definitions.getEndDeviceDefinition(
                                        GetEndDeviceDefinitionRequest.newBuilder()
                                                .setId(id)
                                                .setOrganizationId(organization)
                                                .build()))
                .getEndDeviceDefinition();
    }

    @Override
    void delete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        String organization = organization(calls, id);
        calls.call(
                EndDeviceDefinitionServiceGrpc::newBlockingStub,
                definitions ->
                        definitions.deleteEndDeviceDefinition(
                                change.on(
                                                DeleteEndDeviceDefinitionRequest.newBuilder()
                                                        .setId(id)
                                                        .setOrganizationId(organization))
                                        .build()));
    }

    /** Whose one is: the service wants to be told, and a person need not know. */
    private static String organization(DeviceServiceCalls calls, String id) {
        return calls.call(
                        HistoryServiceGrpc::newBlockingStub,
                        history ->
                                history.getAt(
                                        GetAtRequest.newBuilder()
                                                .setResourceType(
                                                        ResourceType
                                                                .RESOURCE_TYPE_END_DEVICE_DEFINITION)
                                                .setResourceId(id)
                                                .setTime(RestoreCommand.NOW)
                                                .setShowDeleted(true)
                                                .build()))
                .getResource()
                .getEndDeviceDefinition()
                .getOrganizationId();
    }
}
