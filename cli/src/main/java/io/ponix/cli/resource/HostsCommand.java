package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.Pages;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.host.v1.AddHostRequest;
import io.ponix.proto.host.v1.DeleteHostRequest;
import io.ponix.proto.host.v1.ExportHostsRequest;
import io.ponix.proto.host.v1.GetHostRequest;
import io.ponix.proto.host.v1.Host;
import io.ponix.proto.host.v1.HostFormat;
import io.ponix.proto.host.v1.HostServiceGrpc;
import io.ponix.proto.host.v1.ImportHostsRequest;
import io.ponix.proto.host.v1.ImportHostsResponse;
import io.ponix.proto.host.v1.ImportOutcome;
import io.ponix.proto.host.v1.ImportedLine;
import io.ponix.proto.host.v1.ListHostsRequest;
import io.ponix.proto.host.v1.ListHostsResponse;
import io.ponix.proto.host.v1.UndeleteHostRequest;
import io.ponix.proto.host.v1.UpdateHostRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix hosts}: the addresses and names of an organization's machines. */
@Command(
        name = "hosts",
        description = {
            "Look at and change hosts: addresses and names of gateways, devices and other machines.",
            ResourceCommand.SERVICE
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
            "  ./ponix hosts create --organization acme --address 10.0.0.7 --name roof-gateway --tag lorawan",
            "  ./ponix hosts list --organization acme --name-part gateway --tag lorawan",
            "  ./ponix hosts export --organization acme > hosts",
            "  ./ponix hosts import --organization acme hosts --validate-only",
            "  ./ponix hosts undelete HOST --reason 'a mistake'"
        })
public final class HostsCommand extends UndeletableCommand {

    private static final String FORMAT =
            "hosts (as /etc/hosts, with # [tag, tag] comment), json or csv. Default: ${DEFAULT-VALUE}.";

    /** The form of a file. */
    private enum Format {
        hosts,
        json,
        csv;

        private HostFormat format() {
            return HostFormat.valueOf("HOST_FORMAT_" + name().toUpperCase(Locale.ROOT));
        }
    }

    @Override
    ResourceType type() {
        return ResourceType.RESOURCE_TYPE_HOST;
    }

    @Override
    String noun() {
        return "host";
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "List the hosts of an organization, by address, then by name.",
                "Only those of which all that is given holds."
            })
    void list(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Option(
                            names = "--address-part",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "What is in the address.")
                    String addressPart,
            @Option(
                            names = "--name-part",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "What is in the name or an alias, in either case.")
                    String namePart,
            @Option(
                            names = "--tag",
                            paramLabel = "TAG",
                            description = "A tag that it has; of several, one of them.")
                    List<String> tags,
            @Option(
                            names = "--label",
                            paramLabel = "KEY=VALUE",
                            description = "A label that it has; of several, all of them.")
                    List<String> labels,
            @Mixin OutputOption output) {
        ListHostsRequest.Builder request =
                ListHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setPageSize(Pages.SIZE)
                        .setIpFragment(addressPart)
                        .setNameFragment(namePart)
                        .addAllTags(tags == null ? List.of() : tags)
                        .putAllLabels(LabelOptions.parsed(labels == null ? List.of() : labels));
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    new Pages<>(token -> page(calls, request.setPageToken(token).build())),
                    new TextTable("HOST", "ADDRESS", "NAME", "ALIASES", "TAGS", "COMMENT", ">ETAG"),
                    host ->
                            new Object[] {
                                host.getHostId(),
                                host.getIpAddress(),
                                host.getHostname(),
                                joined(host.getAliasesList()),
                                joined(host.getTagsList()),
                                cell(host.getComment()),
                                host.getEtag()
                            });
        }
    }

    private static Page<Host> page(DeviceServiceCalls calls, ListHostsRequest request) {
        ListHostsResponse page =
                calls.call(HostServiceGrpc::newBlockingStub, hosts -> hosts.listHosts(request));
        return new Page<>(page.getHostsList(), page.getNextPageToken());
    }

    private static String joined(List<String> texts) {
        return cell(String.join(", ", texts));
    }

    private static String cell(String text) {
        return text.isEmpty() ? null : MessageText.cell(text);
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Add a host.")
    void create(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Mixin HostOptions options,
            @Mixin TryableChangeOptions change,
            @Mixin OutputOption output) {
        UpdateHostRequest wanted = options.changes();
        if (!wanted.hasIpAddress() || !wanted.hasHostname()) {
            throw CommandException.calledWrongly("--address and --name are needed");
        }
        AddHostRequest.Builder request =
                AddHostRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setIpAddress(wanted.getIpAddress())
                        .setHostname(wanted.getHostname())
                        .addAllAliases(wanted.getAliasesList())
                        .setComment(wanted.getComment())
                        .addAllTags(wanted.getTagsList())
                        .setGatewayId(wanted.getGatewayId())
                        .setDeviceId(wanted.getDeviceId())
                        .putAllLabels(wanted.getLabelsMap());
        Host created;
        try (DeviceServiceCalls calls = service.calls()) {
            created =
                    calls.call(
                                    HostServiceGrpc::newBlockingStub,
                                    hosts -> hosts.addHost(change.on(request).build()))
                            .getHost();
        }
        output.print(created(change, created.getHostId(), created.getEtag()), created);
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description =
                    "Change what is given of a host; all else stays as it is. An empty text clears.")
    void update(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Mixin HostOptions options,
            @Mixin StateChangeOptions change,
            @Mixin OutputOption output) {
        UpdateHostRequest.Builder request = options.changes().toBuilder();
        requireChange(request);
        Host updated;
        try (DeviceServiceCalls calls = service.calls()) {
            updated =
                    calls.call(
                                    HostServiceGrpc::newBlockingStub,
                                    hosts ->
                                            hosts.updateHost(
                                                    change.on(request.setHostId(id)).build()))
                            .getHost();
        }
        output.print(done(change.told("Updated", "Would update"), id, updated.getEtag()), updated);
    }

    @Override
    Message undelete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        return calls.call(
                        HostServiceGrpc::newBlockingStub,
                        hosts ->
                                hosts.undeleteHost(
                                        change.on(UndeleteHostRequest.newBuilder().setHostId(id))
                                                .build()))
                .getHost();
    }

    @Override
    Host get(DeviceServiceCalls calls, String id) {
        return calls.call(
                        HostServiceGrpc::newBlockingStub,
                        hosts -> hosts.getHost(GetHostRequest.newBuilder().setHostId(id).build()))
                .getHost();
    }

    @Override
    void delete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        calls.call(
                HostServiceGrpc::newBlockingStub,
                hosts ->
                        hosts.deleteHost(
                                change.on(DeleteHostRequest.newBuilder().setHostId(id)).build()));
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write the hosts of an organization to standard output, as 'import' takes them.",
                "The same hosts are always the same text."
            })
    void export(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "hosts",
                            description = FORMAT)
                    Format format) {
        try (DeviceServiceCalls calls = service.calls()) {
            System.out.print(
                    calls.call(
                                    HostServiceGrpc::newBlockingStub,
                                    hosts ->
                                            hosts.exportHosts(
                                                    ExportHostsRequest.newBuilder()
                                                            .setOrganizationId(organization)
                                                            .setFormat(format.format())
                                                            .build()))
                            .getContent());
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Add the hosts of a file, and make those that are there, by address and name, what it says.",
                "All or nothing: where a line is refused, nothing is changed, the first 1,000 such lines are told, and the exit status is 1. No host is deleted."
            })
    Integer importFile(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "FILE", description = "The file, in UTF-8.") Path file,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "hosts",
                            description = FORMAT)
                    Format format,
            @Option(
                            names = "--validate-only",
                            description = "Say what would be done, and change nothing.")
                    boolean validateOnly,
            @Mixin ChangeOptions change,
            @Mixin OutputOption output) {
        ImportHostsRequest.Builder request =
                ImportHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFormat(format.format())
                        .setContent(TextFile.read("FILE", file))
                        .setValidateOnly(validateOnly);
        ImportHostsResponse imported;
        try (DeviceServiceCalls calls = service.calls()) {
            imported =
                    calls.call(
                            HostServiceGrpc::newBlockingStub,
                            hosts -> hosts.importHosts(change.on(request).build()));
        }
        int told = 0;
        for (ImportedLine line : imported.getLinesList()) {
            if (line.getOutcome() == ImportOutcome.IMPORT_OUTCOME_REFUSED) {
                System.err.println(
                        TerminalText.escaped(
                                (format == Format.json ? "host " : "line ")
                                        + line.getLine()
                                        + ": "
                                        + line.getProblem()));
                told++;
            }
        }
        if (told < imported.getRefusedCount()) {
            System.err.printf("and %,d more%n", imported.getRefusedCount() - told);
        }
        output.print(done(imported, validateOnly), imported);
        return imported.getRefusedCount() == 0 ? 0 : 1;
    }

    private static String done(ImportHostsResponse imported, boolean validateOnly) {
        return "%s%,d added, %,d changed, %,d as they were, %,d refused%s"
                .formatted(
                        validateOnly ? "Would be: " : "",
                        imported.getAddedCount(),
                        imported.getChangedCount(),
                        imported.getUnchangedCount(),
                        imported.getRefusedCount(),
                        imported.getRefusedCount() > 0 ? ": nothing is changed." : ".");
    }
}
