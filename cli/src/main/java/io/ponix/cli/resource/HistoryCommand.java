package io.ponix.cli.resource;

import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.Pages;
import io.ponix.cli.registry.Pages.Page;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ListChangesResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code history}: lists what happened to one of what is registered. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description = {
            "Show what happened to one, the oldest first.",
            "Each change has a version, also where it is deleted: when it was committed, who asked for it, what it changed,"
                    + " and why. WHO is the id of a key, or of a token; sql: and a role of Postgres where it was written by hand."
        })
final class HistoryCommand implements Runnable {

    @ParentCommand private ResourceCommand resource;

    @Mixin private DeviceServiceOption service;

    @Mixin private OutputOption output;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "At most the last N. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Parameters(paramLabel = "ID", description = ResourceCommand.ID)
    private String id;

    @Override
    public void run() {
        OptionRange.check("--limit", limit, 1, 1_000_000);
        List<Change> changes;
        try (DeviceServiceCalls calls = service.calls()) {
            changes = last(calls);
        }
        if (changes.isEmpty()) {
            throw new CommandException("there never was a " + resource.noun() + " " + id);
        }
        output.print(
                changes.iterator(),
                new TextTable(">VERSION", "WHEN", "WHO", "WHAT", "REASON"),
                change ->
                        new Object[] {
                            change.getVersion(),
                            MessageText.time(change.getCommitTime()),
                            orNull(change.getChangedBy()),
                            MessageText.cell(ChangeText.of(change)),
                            orNull(change.getReason())
                        });
    }

    private List<Change> last(DeviceServiceCalls calls) {
        ListChangesRequest request =
                ListChangesRequest.newBuilder()
                        .setResourceType(resource.type())
                        .setResourceId(id)
                        .setNewestFirst(true)
                        .setPageSize(Math.min(limit, Pages.SIZE))
                        .build();
        Pages<Change> all =
                new Pages<>(
                        token -> {
                            ListChangesResponse page =
                                    calls.call(
                                            HistoryServiceGrpc::newBlockingStub,
                                            history ->
                                                    history.listChanges(
                                                            request.toBuilder()
                                                                    .setPageToken(token)
                                                                    .build()));
                            return new Page<>(page.getChangesList(), page.getNextPageToken());
                        });
        List<Change> last = new ArrayList<>();
        while (last.size() < limit && all.hasNext()) {
            last.add(all.next());
        }
        Collections.reverse(last);
        return last;
    }

    private static String orNull(String text) {
        return text.isEmpty() ? null : MessageText.cell(text);
    }
}
