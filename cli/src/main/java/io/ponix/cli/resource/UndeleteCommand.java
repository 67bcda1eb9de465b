package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.registry.DeviceServiceCalls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code undelete}: brings back one of what is registered that was deleted. */
@Command(
        name = "undelete",
        mixinStandardHelpOptions = true,
        description = {
            "Bring back one that was deleted, as it was before.",
            "'list --show-deleted' has the deleted ones, for hosts the service's ListChanges, as docs/hosts.md shows."
                    + " 'restore' brings back an earlier version."
        })
final class UndeleteCommand implements Runnable {

    @ParentCommand private UndeletableCommand resource;

    @Mixin private DeviceServiceOption service;

    @Mixin private StateChangeOptions change;

    @Mixin private OutputOption output;

    @Parameters(paramLabel = "ID", description = "Its id, as it was before.")
    private String id;

    @Override
    public void run() {
        Message undeleted;
        try (DeviceServiceCalls calls = service.calls()) {
            undeleted = resource.undelete(calls, id, change);
        }
        String etag =
                (String)
                        undeleted.getField(
                                undeleted.getDescriptorForType().findFieldByName("etag"));
        output.print(
                resource.done(change.told("Undeleted", "Would undelete"), id, etag), undeleted);
    }
}
