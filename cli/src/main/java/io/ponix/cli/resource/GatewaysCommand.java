package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.Pages;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.ListGatewaysResponse;
import io.ponix.proto.gateway.v1.UndeleteGatewayRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.history.v1.ResourceType;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix gateways}: where messages of an organization's devices come in. */
@Command(
        name = "gateways",
        description = {
            "Look at and change gateways, where messages of devices come in.",
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
            "  ./ponix gateways list --organization acme",
            "  ./ponix gateways create --organization acme --name Roof \\",
            "      --broker-url mqtts://mqtt.example.com --intake-preset chirpstack",
            "  ./ponix gateways update GATEWAY --topic-filter 'application/+/device/+/event/up'",
            "  ./ponix gateways update GATEWAY --enrol-with DEFINITION --enrol-per-hour 20"
        })
public final class GatewaysCommand extends UndeletableCommand {

    /** What a person says of a gateway's state. */
    private enum Status {
        active,
        error,
        pending
    }

    @Override
    ResourceType type() {
        return ResourceType.RESOURCE_TYPE_GATEWAY;
    }

    @Override
    String noun() {
        return "gateway";
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the gateways of an organization.")
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
        ListGatewaysRequest.Builder request =
                listing.on(
                        ListGatewaysRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageSize(Pages.SIZE));
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    all(calls, request),
                    new TextTable(
                            "GATEWAY", "NAME", "STATUS", "BROKER", "INTAKE", "UPDATED AT", ">ETAG"),
                    gateway ->
                            new Object[] {
                                gateway.getGatewayId(),
                                MessageText.cell(gateway.getName()),
                                status(gateway.getStatus()),
                                gateway.hasEmqxConfig()
                                        ? MessageText.cell(gateway.getEmqxConfig().getBrokerUrl())
                                        : null,
                                intake(gateway),
                                updated(
                                        gateway.hasDeletedAt(),
                                        gateway.getDeletedAt(),
                                        gateway.getUpdatedAt()),
                                gateway.getEtag()
                            });
        }
    }

    private static String status(GatewayStatus status) {
        return status == GatewayStatus.GATEWAY_STATUS_UNSPECIFIED
                ? null
                : status.name().replaceFirst("^GATEWAY_STATUS_", "").toLowerCase(Locale.ROOT);
    }

    private static String intake(Gateway gateway) {
        return switch (gateway.getIntakeCase()) {
            case INTAKE_PRESET -> MessageText.cell(gateway.getIntakePreset());
            case INTAKE_EXPRESSION -> "its own expression";
            case INTAKE_NOT_SET -> null;
        };
    }

    private static Pages<Gateway> all(
            DeviceServiceCalls calls, ListGatewaysRequest.Builder request) {
        return new Pages<>(
                token -> {
                    ListGatewaysResponse page =
                            calls.call(
                                    GatewayServiceGrpc::newBlockingStub,
                                    gateways ->
                                            gateways.listGateways(
                                                    request.setPageToken(token).build()));
                    return new Page<>(page.getGatewaysList(), page.getNextPageToken());
                });
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Create a gateway: the record of an MQTT broker, or of senders that post over HTTP."
            })
    void create(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            required = true,
                            description = ORGANIZATION)
                    String organization,
            @Mixin GatewayOptions options,
            @Mixin DescriptionOptions description,
            @Mixin TryableChangeOptions change,
            @Mixin OutputOption output) {
        options.check();
        Gateway wanted = options.changes(Gateway.getDefaultInstance());
        CreateGatewayRequest.Builder request =
                CreateGatewayRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName(wanted.getName());
        if (wanted.hasEmqxConfig()) {
            request.setEmqxConfig(wanted.getEmqxConfig());
        }
        if (wanted.hasIntakePreset()) {
            request.setIntakePreset(wanted.getIntakePreset());
        }
        if (wanted.hasIntakeExpression()) {
            request.setIntakeExpression(wanted.getIntakeExpression());
        }
        if (wanted.hasEnrolment()) {
            request.setEnrolment(wanted.getEnrolment());
        }
        description.on(request);
        Gateway created;
        try (DeviceServiceCalls calls = service.calls()) {
            created =
                    calls.call(
                                    GatewayServiceGrpc::newBlockingStub,
                                    gateways -> gateways.createGateway(change.on(request).build()))
                            .getGateway();
        }
        output.print(created(change, created.getGatewayId(), created.getEtag()), created);
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = {
                "Change what is given of a gateway; all else stays as it is. Bridges learn of it.",
                "Where only a part of its broker's settings, or of the enrolment, is given the others are read before: if somebody"
                        + " changes them in between nothing is changed, and it says so."
            })
    void update(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Mixin GatewayOptions options,
            @Option(
                            names = "--status",
                            paramLabel = "STATUS",
                            description = "What its owner says of it: ${COMPLETION-CANDIDATES}.")
                    Status status,
            @Option(
                            names = "--status-reason",
                            paramLabel = "TEXT",
                            description = "Why its status is that.")
                    String statusReason,
            @Mixin DescriptionChangeOptions description,
            @Mixin StateChangeOptions change,
            @Mixin OutputOption output) {
        options.check();
        if (statusReason != null && status == null) {
            throw CommandException.calledWrongly("--status-reason goes with --status");
        }
        if (options.areOfAWhole() && change.hasRequestId() && !change.hasEtag()) {
            throw CommandException.calledWrongly(
                    "--request-id goes with --etag where a part of the broker's settings or of the"
                            + " enrolment is given: the others are those of that state");
        }
        UpdateGatewayRequest.Builder request = UpdateGatewayRequest.newBuilder();
        if (status != null) {
            request.setStatus(
                    GatewayStatus.valueOf(
                            "GATEWAY_STATUS_" + status.name().toUpperCase(Locale.ROOT)));
            request.setStatusReason(statusReason == null ? "" : statusReason);
        }
        if (!options.areOfAWhole()) {
            add(options.changes(Gateway.getDefaultInstance()), request);
            description.on(request);
            requireChange(request);
        }
        Gateway updated;
        try (DeviceServiceCalls calls = service.calls()) {
            if (options.areOfAWhole()) {
                Gateway before = get(calls, id);
                add(options.changes(before), request);
                description.on(request);
                request.setEtag(before.getEtag());
            }
            updated =
                    calls.call(
                                    GatewayServiceGrpc::newBlockingStub,
                                    gateways ->
                                            gateways.updateGateway(
                                                    change.on(request.setGatewayId(id)).build()))
                            .getGateway();
        }
        output.print(done(change.told("Updated", "Would update"), id, updated.getEtag()), updated);
    }

    private static void add(Gateway changes, UpdateGatewayRequest.Builder request) {
        request.setName(changes.getName());
        if (changes.hasEmqxConfig()) {
            request.setEmqxConfig(changes.getEmqxConfig());
        }
        if (changes.hasIntakePreset()) {
            request.setIntakePreset(changes.getIntakePreset());
        }
        if (changes.hasIntakeExpression()) {
            request.setIntakeExpression(changes.getIntakeExpression());
        }
        if (changes.hasEnrolment()) {
            request.setEnrolment(changes.getEnrolment());
        }
    }

    @Override
    Message undelete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        return calls.call(
                        GatewayServiceGrpc::newBlockingStub,
                        gateways ->
                                gateways.undeleteGateway(
                                        change.on(
                                                        UndeleteGatewayRequest.newBuilder()
                                                                .setGatewayId(id))
                                                .build()))
                .getGateway();
    }

    @Override
    Gateway get(DeviceServiceCalls calls, String id) {
        return calls.call(
                        GatewayServiceGrpc::newBlockingStub,
                        gateways ->
                                gateways.getGateway(
                                        GetGatewayRequest.newBuilder().setGatewayId(id).build()))
                .getGateway();
    }

    @Override
    void delete(DeviceServiceCalls calls, String id, StateChangeOptions change) {
        calls.call(
                GatewayServiceGrpc::newBlockingStub,
                gateways ->
                        gateways.deleteGateway(
                                change.on(DeleteGatewayRequest.newBuilder().setGatewayId(id))
                                        .build()));
    }
}
