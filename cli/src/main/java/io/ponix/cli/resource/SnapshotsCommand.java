package io.ponix.cli.resource;

import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.Pages;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.DeleteSnapshotRequest;
import io.ponix.proto.history.v1.ExportSnapshotRequest;
import io.ponix.proto.history.v1.ExportSnapshotResponse;
import io.ponix.proto.history.v1.GetSnapshotRequest;
import io.ponix.proto.history.v1.ImportSnapshotRequest;
import io.ponix.proto.history.v1.ListSnapshotsRequest;
import io.ponix.proto.history.v1.ListSnapshotsResponse;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.RestoreSnapshotResponse;
import io.ponix.proto.history.v1.RestoredResource;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ponix snapshots}: what is registered as it was at a moment, kept and put back. */
@Command(
        name = "snapshots",
        description = {
            "Keep what is registered as it is now, and put it back.",
            ResourceCommand.SERVICE,
            "A snapshot has organizations, devices, definitions and gateways, without the keys of gateways' senders."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix snapshots create --organization acme --name 'before the new decoder'",
            "  ./ponix snapshots list --organization acme",
            "  ./ponix snapshots restore SNAPSHOT --validate-only",
            "  ./ponix snapshots restore SNAPSHOT --yes --reason 'the new decoder was wrong'",
            "  ./ponix snapshots export SNAPSHOT > acme.jsonl",
            "  ./ponix snapshots import acme.jsonl"
        })
public final class SnapshotsCommand implements Runnable {

    private static final String OF_ORGANIZATION =
            "Only what an organization has. Default: all that the caller sees.";

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw Verbs.missing(spec);
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List snapshots, newest first.")
    void list(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            defaultValue = "",
                            description =
                                    "Only those of an organization. Default: all that the caller sees.")
                    String organization,
            @Mixin OutputOption output) {
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    all(calls, organization),
                    new TextTable(
                            "SNAPSHOT",
                            "NAME",
                            "ORGANIZATION",
                            "MADE",
                            "CREATED AT",
                            "BY",
                            ">ENTRIES"),
                    snapshot ->
                            new Object[] {
                                snapshot.getSnapshotId(),
                                MessageText.cell(snapshot.getName()),
                                snapshot.getOrganizationId().isEmpty()
                                        ? "(all)"
                                        : MessageText.cell(snapshot.getOrganizationId()),
                                made(snapshot),
                                MessageText.time(snapshot.getCreatedAt()),
                                snapshot.getCreatedBy().isEmpty()
                                        ? null
                                        : MessageText.cell(snapshot.getCreatedBy()),
                                snapshot.getEntryCount()
                            });
        }
    }

    private static String made(Snapshot snapshot) {
        return snapshot.getOrigin()
                        .name()
                        .replaceFirst("^SNAPSHOT_ORIGIN_", "")
                        .toLowerCase(Locale.ROOT)
                        .replace('_', ' ')
                + (snapshot.getIncomplete() ? ", incomplete" : "");
    }

    private static Pages<Snapshot> all(DeviceServiceCalls calls, String organization) {
        return new Pages<>(
                token -> {
                    ListSnapshotsResponse page =
                            calls.call(
                                    SnapshotServiceGrpc::newBlockingStub,
                                    snapshots ->
                                            snapshots.listSnapshots(
                                                    ListSnapshotsRequest.newBuilder()
                                                            .setOrganizationId(organization)
                                                            .setPageSize(Pages.SIZE)
                                                            .setPageToken(token)
                                                            .build()));
                    return new Page<>(page.getSnapshotsList(), page.getNextPageToken());
                });
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Keep what is registered now. It stays until somebody deletes it.")
    void create(
            @Mixin DeviceServiceOption service,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = OF_ORGANIZATION)
                    String organization,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            defaultValue = "",
                            description = "What people call it. Default: its date and time.")
                    String name,
            @Mixin RequestIdOption requestId,
            @Mixin OutputOption output) {
        CreateSnapshotRequest request =
                requestId
                        .on(
                                CreateSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName(name))
                        .build();
        Snapshot created;
        try (DeviceServiceCalls calls = service.calls()) {
            created =
                    calls.callLong(
                                    "Making the snapshot",
                                    SnapshotServiceGrpc::newBlockingStub,
                                    snapshots -> snapshots.createSnapshot(request))
                            .getSnapshot();
        }
        output.print(done("Created", created), created);
    }

    private static String done(String what, Snapshot snapshot) {
        return "%s the snapshot %s (%d entries)."
                .formatted(what, snapshot.getSnapshotId(), snapshot.getEntryCount());
    }

    @Command(
            name = "get",
            mixinStandardHelpOptions = true,
            description = "Show what one is of; 'export' shows what is in it.")
    void get(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ResourceCommand.ID) String id,
            @Mixin OutputOption output) {
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(
                    calls.call(
                                    SnapshotServiceGrpc::newBlockingStub,
                                    snapshots ->
                                            snapshots.getSnapshot(
                                                    GetSnapshotRequest.newBuilder()
                                                            .setSnapshotId(id)
                                                            .build()))
                            .getSnapshot());
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Delete one, for good. What is registered stays as it is.")
    void delete(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ResourceCommand.ID) String id,
            @Mixin RequestIdOption requestId) {
        try (DeviceServiceCalls calls = service.calls()) {
            calls.callLong(
                    "Deleting",
                    SnapshotServiceGrpc::newBlockingStub,
                    snapshots ->
                            snapshots.deleteSnapshot(
                                    requestId
                                            .on(
                                                    DeleteSnapshotRequest.newBuilder()
                                                            .setSnapshotId(id))
                                            .build()));
        }
        System.out.println("Deleted the snapshot " + id + ".");
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = {
                "Make what is registered what it was: what was changed is as it was, what was deleted is there again, and what was"
                        + " created since is deleted. All of it, or nothing.",
                "It asks nothing, so that a program may call it: --validate-only shows what would change, and nothing is changed"
                        + " without --yes. What there was before is kept as a snapshot, by which it is undone."
            })
    void restore(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ResourceCommand.ID) String id,
            @Option(
                            names = "--organization",
                            paramLabel = "ID",
                            defaultValue = "",
                            description =
                                    "Of a snapshot of all, only what this organization has. Default: all that is in it.")
                    String organization,
            @Option(
                            names = "--validate-only",
                            description = "Show what would change, and change nothing.")
                    boolean validateOnly,
            @Option(names = "--yes", description = "Change it.") boolean yes,
            @Mixin ChangeOptions change,
            @Mixin OutputOption output) {
        if (yes == validateOnly) {
            throw CommandException.calledWrongly(
                    "restoring changes whatever is not as it was: --validate-only shows what, --yes"
                            + " does it; give one of them");
        }
        RestoreSnapshotRequest request =
                change.on(
                                RestoreSnapshotRequest.newBuilder()
                                        .setSnapshotId(id)
                                        .setOrganizationId(organization)
                                        .setValidateOnly(validateOnly))
                        .build();
        RestoreSnapshotResponse restored;
        try (DeviceServiceCalls calls = service.calls()) {
            restored =
                    calls.callLong(
                            validateOnly ? "Comparing" : "Restoring",
                            SnapshotServiceGrpc::newBlockingStub,
                            snapshots -> snapshots.restoreSnapshot(request));
        }
        if (output.isJson()) {
            output.print(restored);
        } else {
            show(restored, validateOnly);
        }
    }

    private static void show(RestoreSnapshotResponse restored, boolean validateOnly) {
        if (restored.getResourceCount() == 0) {
            System.out.println("All is as it is in the snapshot: nothing changes.");
            return;
        }
        TextTable table = new TextTable("TYPE", "ID", "ORGANIZATION", "CHANGE", "FIELDS");
        for (RestoredResource resource : restored.getResourcesList()) {
            table.row(
                    resource.getResourceType(),
                    MessageText.cell(resource.getResourceId()),
                    MessageText.cell(resource.getOrganizationId()),
                    resource.getEventType(),
                    resource.getChangedFieldsCount() == 0
                            ? null
                            : String.join(", ", resource.getChangedFieldsList()));
        }
        table.print(System.out, "");
        long more = restored.getResourceCount() - restored.getResourcesCount();
        if (more > 0) {
            System.out.printf("and %,d more%n", more);
        }
        if (validateOnly) {
            System.out.printf(
                    "%,d would change; with --yes they do.%n", restored.getResourceCount());
        } else {
            System.out.printf(
                    "%,d changed. ./ponix snapshots restore %s --yes undoes it.%n",
                    restored.getResourceCount(), restored.getBefore().getSnapshotId());
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write what is in one to standard output, as 'import' takes it, here or elsewhere.",
                "Each line is JSON: the first says what it is of, each of the others is one of what was registered."
            })
    void export(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "ID", description = ResourceCommand.ID) String id) {
        ExportSnapshotRequest.Builder request =
                ExportSnapshotRequest.newBuilder().setSnapshotId(id).setPageSize(Pages.SIZE);
        long written = 0;
        try (DeviceServiceCalls calls = service.calls();
                ProgressLine progress = new ProgressLine()) {
            do {
                ExportSnapshotResponse page =
                        calls.call(
                                SnapshotServiceGrpc::newBlockingStub,
                                snapshots -> snapshots.exportSnapshot(request.build()));
                if (request.getPageToken().isEmpty()) {
                    System.out.println(MessageJson.line(page.getSnapshot()));
                }
                page.getEntriesList().forEach(entry -> System.out.println(MessageJson.line(entry)));
                written += page.getEntriesCount();
                progress.show(written + " of " + page.getSnapshot().getEntryCount() + " entries");
                request.setPageToken(page.getNextPageToken());
            } while (!request.getPageToken().isEmpty());
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Make a snapshot of what 'export' has written; 'restore' puts it in force.",
                "A file that was cut off is refused. What fails half-way leaves a snapshot that cannot be restored, to be deleted;"
                        + " run with the same --request-id again it goes on with it."
            })
    void importFile(
            @Mixin DeviceServiceOption service,
            @Parameters(paramLabel = "FILE", description = "What was exported.") Path path,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            description = "What people call it. Default: its name in the file.")
                    String name,
            @Mixin RequestIdOption requestId,
            @Mixin OutputOption output) {
        SnapshotFile file = SnapshotFile.read(path);
        Snapshot[] imported = {Snapshot.getDefaultInstance()};
        int[] part = {0};
        try (DeviceServiceCalls calls = service.calls();
                ProgressLine progress = new ProgressLine()) {
            file.parts(
                    (entries, moreFollow) -> {
                        ImportSnapshotRequest request =
                                ImportSnapshotRequest.newBuilder()
                                        .setOrganizationId(file.snapshot().getOrganizationId())
                                        .setName(name == null ? file.snapshot().getName() : name)
                                        .setSnapshotId(imported[0].getSnapshotId())
                                        .addAllEntries(entries)
                                        .setMoreFollow(moreFollow)
                                        .setRequestId(requestId.ofPart(part[0]++))
                                        .build();
                        imported[0] =
                                calls.call(
                                                SnapshotServiceGrpc::newBlockingStub,
                                                snapshots -> snapshots.importSnapshot(request))
                                        .getSnapshot();
                        progress.show(
                                imported[0].getEntryCount()
                                        + " of "
                                        + file.snapshot().getEntryCount()
                                        + " entries");
                    });
        }
        output.print(done("Imported", imported[0]), imported[0]);
    }
}
