package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.EndDevices;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.history.v1.ResourceType;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix devices}: the devices of an organization, one by one and as CSV files. */
@Command(
        name = "devices",
        description = {
            "Look at and change devices, and take them from and write them to CSV files.",
            ResourceCommand.SERVICE
        },
        subcommands = {
            GetCommand.class,
            DeleteCommand.class,
            UndeleteCommand.class,
            HistoryCommand.class,
            RestoreCommand.class,
            DevicesImportCommand.class,
            DevicesExportCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix devices list --organization acme",
            "  ./ponix devices list --organization acme --external-id a81758fffe03 --json",
            "  ./ponix devices list --organization acme --filter 'name.startsWith(\"pump\")'",
            "  ./ponix devices create --organization acme --name Roof --definition DEFINITION",
            "  ./ponix devices update DEVICE --transform-file roof.cel --reason 'new sensor'",
            "  ./ponix devices history DEVICE",
            "  ./ponix devices restore DEVICE --version 3 --validate-only",
            "  ./ponix devices export --organization acme > devices.csv",
            "  ./ponix devices import --organization acme devices.csv"
        })
public final class DevicesCommand extends UndeletableCommand {

    private static final String DEFINITION =
            "The definition whose contracts decode it where it has no transform of its own, one of the organization.";
    private static final String EXTERNAL_ID = "What its senders call it, such as its DevEUI.";
    private static final String GATEWAY =
            "The gateway by which it is heard, one of the organization.";
    private static final String TRANSFORM =
            "A file with a transform of its own, in CEL, which wins over the definition.";

    @Override
    ResourceType type() {
        return ResourceType.RESOURCE_TYPE_END_DEVICE;
    }

    @Override
    String noun() {
        return "device";
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the devices of an organization.")
    void list(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Option(
                            names = "--external-id",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = "Only the device that its senders call so.")
                    String externalId,
            @Option(names = "--enrolled", description = "Only those that a gateway enrolled.")
                    boolean enrolled,
            @Mixin ListOptions listing,
            @Mixin OutputOption output) {
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    new EndDevices(calls)
                            .list(
                                    listing.on(
                                                    ListEndDevicesRequest.newBuilder()
                                                            .setOrganizationId(organization)
                                                            .setExternalId(externalId)
                                                            .setOnlyEnrolled(enrolled))
                                            .build()),
                    new TextTable(
                            "DEVICE", "NAME", "EXTERNAL ID", "DECODED BY", "UPDATED AT", ">ETAG"),
                    device ->
                            new Object[] {
                                device.getDeviceId(),
                                MessageText.cell(device.getName()),
                                device.getExternalId().isEmpty()
                                        ? null
                                        : MessageText.cell(device.getExternalId()),
                                decoder(device),
                                updated(
                                        device.hasDeletedAt(),
                                        device.getDeletedAt(),
                                        device.getUpdatedAt()),
                                device.getEtag()
                            });
        }
    }

    private static String decoder(EndDevice device) {
        if (!device.getPayloadConversion().isEmpty()) {
            return "its own transform";
        }
        return device.getDefinitionId().isEmpty()
                ? null
                : "definition " + MessageText.cell(device.getDefinitionId());
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Create a device.")
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
                            required = true,
                            description = "What people call it.")
                    String name,
            @Option(
                            names = "--id",
                            paramLabel = "ID",
                            defaultValue = "",
                            description =
                                    "Its id: 1 to 64 letters, digits, '-' and '_'. Default: the service makes one.")
                    String id,
            @Option(
                            names = "--external-id",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = EXTERNAL_ID)
                    String externalId,
            @Option(
                            names = "--definition",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = DEFINITION)
                    String definition,
            @Option(
                            names = "--gateway",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = GATEWAY)
                    String gateway,
            @Option(names = "--transform-file", paramLabel = "FILE", description = TRANSFORM)
                    Path transform,
            @Mixin DescriptionOptions description,
            @Mixin TryableChangeOptions change,
            @Mixin OutputOption output) {
        CreateEndDeviceRequest.Builder request =
                CreateEndDeviceRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName(name)
                        .setDeviceId(id)
                        .setExternalId(externalId)
                        .setDefinitionId(definition)
                        .setGatewayId(gateway);
        if (transform != null) {
            request.setPayloadConversion(TextFile.read("--transform-file", transform));
        }
        description.on(request);
        EndDevice created;
        try (DeviceServiceCalls calls = service.calls()) {
            created =
                    calls.call(
                                    EndDeviceServiceGrpc::newBlockingStub,
                                    devices -> devices.createEndDevice(change.on(request).build()))
                            .getEndDevice();
        }
        output.print(created(change, created.getDeviceId(), created.getEtag()), created);
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Change what is given of a device; all else stays as it is.")
    void update(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--name", paramLabel = "NAME", description = "What people call it.")
                    String name,
            @Option(
                            names = "--external-id",
                            paramLabel = "ID",
                            description = EXTERNAL_ID + " '': none.")
                    String externalId,
            @Option(
                            names = "--definition",
                            paramLabel = "ID",
                            description = DEFINITION + " '': none.")
                    String definition,
            @Option(names = "--gateway", paramLabel = "ID", description = GATEWAY + " '': none.")
                    String gateway,
            @Option(names = "--transform-file", paramLabel = "FILE", description = TRANSFORM)
                    Path transform,
            @Option(
                            names = "--no-transform",
                            description = "Take its own transform away: the definition decides.")
                    boolean noTransform,
            @Mixin DescriptionChangeOptions description,
            @Mixin StateChangeOptions change,
            @Mixin OutputOption output) {
        if (noTransform && transform != null) {
            throw CommandException.calledWrongly(
                    "--transform-file and --no-transform: which of them is meant?");
        }
        UpdateEndDeviceRequest.Builder request = UpdateEndDeviceRequest.newBuilder();
        if (name != null) {
            request.setName(name);
        }
        if (externalId != null) {
            request.setExternalId(externalId);
        }
        if (definition != null) {
            request.setDefinitionId(definition);
        }
        if (gateway != null) {
            request.setGatewayId(gateway);
        }
        if (transform != null) {
            request.setPayloadConversion(TextFile.read("--transform-file", transform));
        }
        if (noTransform) {
            request.setPayloadConversion("");
        }
        description.on(request);
        requireChange(request);
        EndDevice updated;
        try (DeviceServiceCalls calls = service.calls()) {
            updated =
                    calls.call(
                                    EndDeviceServiceGrpc::newBlockingStub,
                                    devices ->
                                            devices.updateEndDevice(
                                                    change.on(request.setDeviceId(id)).build()))
                            .getEndDevice();
        }
        output.print(done(change.told("Updated", "Would update"), id, updated.getEtag()), updated);
    }

    @Override
    Message undelete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        return calls.call(
                        EndDeviceServiceGrpc::newBlockingStub,
                        devices ->
                                devices.undeleteEndDevice(
                                        change.on(
                                                        UndeleteEndDeviceRequest.newBuilder()
                                                                .setDeviceId(id))
                                                .build()))
                .getEndDevice();
    }

    @Override
    Message get(DeviceServiceCalls calls, String id) {
        return calls.call(
                        EndDeviceServiceGrpc::newBlockingStub,
                        devices ->
                                devices.getEndDevice(
                                        GetEndDeviceRequest.newBuilder().setDeviceId(id).build()))
                .getEndDevice();
    }

    @Override
    void delete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        calls.call(
                EndDeviceServiceGrpc::newBlockingStub,
                devices ->
                        devices.deleteEndDevice(
                                change.on(DeleteEndDeviceRequest.newBuilder().setDeviceId(id))
                                        .build()));
    }
}
