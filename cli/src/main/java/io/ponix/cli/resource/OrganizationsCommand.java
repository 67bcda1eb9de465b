package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.Pages;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.CreateOrganizationResponse;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.ListOrganizationsResponse;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.proto.organization.v1.UndeleteOrganizationRequest;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix organizations}: the owners of devices. */
@Command(
        name = "organizations",
        description = {
            "Look at and change organizations, the owners of devices.",
            ResourceCommand.SERVICE,
            "Only an operator's key creates, deletes, undeletes and restores them."
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
            "  ./ponix organizations list",
            "  ./ponix organizations create --name 'Acme Ltd' --id acme",
            "  ./ponix organizations history acme"
        })
public final class OrganizationsCommand extends UndeletableCommand {

    @Override
    ResourceType type() {
        return ResourceType.RESOURCE_TYPE_ORGANIZATION;
    }

    @Override
    String noun() {
        return "organization";
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the organizations that the caller sees.")
    void list(
            @Mixin DeviceServiceOption service,
            @Mixin ListOptions listing,
            @Mixin OutputOption output) {
        ListOrganizationsRequest.Builder request =
                listing.on(ListOrganizationsRequest.newBuilder().setPageSize(Pages.SIZE));
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    all(calls, request),
                    new TextTable("ORGANIZATION", "NAME", "STATUS", "UPDATED AT", ">ETAG"),
                    organization ->
                            new Object[] {
                                organization.getId(),
                                MessageText.cell(organization.getName()),
                                organization
                                        .getStatus()
                                        .name()
                                        .replaceFirst("^ORGANIZATION_STATUS_", "")
                                        .toLowerCase(Locale.ROOT),
                                updated(
                                        organization.hasDeletedAt(),
                                        organization.getDeletedAt(),
                                        organization.getUpdatedAt()),
                                organization.getEtag()
                            });
        }
    }

    private static Pages<Organization> all(
            DeviceServiceCalls calls, ListOrganizationsRequest.Builder request) {
        return new Pages<>(
                token -> {
                    ListOrganizationsResponse page =
                            calls.call(
                                    OrganizationServiceGrpc::newBlockingStub,
                                    organizations ->
                                            organizations.listOrganizations(
                                                    request.setPageToken(token).build()));
                    return new Page<>(page.getOrganizationsList(), page.getNextPageToken());
                });
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Create an organization.")
    void create(
            @Mixin DeviceServiceOption service,
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
            @Mixin DescriptionOptions description,
            @Mixin TryableChangeOptions change,
            @Mixin OutputOption output) {
        CreateOrganizationRequest request =
                change.on(
                                description.on(
                                        CreateOrganizationRequest.newBuilder()
                                                .setName(name)
                                                .setOrganizationId(id)))
                        .build();
        CreateOrganizationResponse created;
        try (DeviceServiceCalls calls = service.calls()) {
            created =
                    calls.call(
                            OrganizationServiceGrpc::newBlockingStub,
                            organizations -> organizations.createOrganization(request));
        }
        output.print(
                created(change, created.getOrganizationId(), created.getEtag()),
                Organization.newBuilder()
                        .setId(created.getOrganizationId())
                        .setName(created.getName())
                        .setStatus(created.getStatus())
                        .setCreatedAt(created.getCreatedAt())
                        .setUpdatedAt(created.getCreatedAt())
                        .setEtag(created.getEtag())
                        .setDescription(created.getDescription())
                        .putAllLabels(created.getLabelsMap())
                        .build());
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Change what is given of an organization; all else stays as it is.")
    void update(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--name", paramLabel = "NAME", description = "What people call it.")
                    String name,
            @Mixin DescriptionChangeOptions description,
            @Mixin StateChangeOptions change,
            @Mixin OutputOption output) {
        UpdateOrganizationRequest.Builder request = UpdateOrganizationRequest.newBuilder();
        if (name != null) {
            request.setName(name);
        }
        description.on(request);
        requireChange(request);
        Organization updated;
        try (DeviceServiceCalls calls = service.calls()) {
            updated =
                    calls.call(
                                    OrganizationServiceGrpc::newBlockingStub,
                                    organizations ->
                                            organizations.updateOrganization(
                                                    change.on(request.setOrganizationId(id))
                                                            .build()))
                            .getOrganization();
        }
        output.print(done(change.told("Updated", "Would update"), id, updated.getEtag()), updated);
    }

    @Override
    Message undelete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        return calls.call(
                        OrganizationServiceGrpc::newBlockingStub,
                        organizations ->
                                organizations.undeleteOrganization(
                                        change.on(
                                                        UndeleteOrganizationRequest.newBuilder()
                                                                .setOrganizationId(id))
                                                .build()))
                .getOrganization();
    }

    @Override
    Message get(DeviceServiceCalls calls, String id) {
        return calls.call(
                        OrganizationServiceGrpc::newBlockingStub,
                        organizations ->
                                organizations.getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId(id)
                                                .build()))
                .getOrganization();
    }

    @Override
    void delete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        calls.call(
                OrganizationServiceGrpc::newBlockingStub,
                organizations ->
                        organizations.deleteOrganization(
                                change.on(
                                                DeleteOrganizationRequest.newBuilder()
                                                        .setOrganizationId(id))
                                        .build()));
    }
}
