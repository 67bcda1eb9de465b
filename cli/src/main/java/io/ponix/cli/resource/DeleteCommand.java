package io.ponix.cli.resource;

import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.registry.DeviceServiceCalls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code delete}: deletes one of what is registered. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = {
            "Delete one.",
            "Its history stays, and it can be made what it was again, under its id."
        })
final class DeleteCommand implements Runnable {

    @ParentCommand private ResourceCommand resource;

    @Mixin private DeviceServiceOption service;

    @Mixin private StateChangeOptions change;

    @Parameters(paramLabel = "ID", description = ResourceCommand.ID)
    private String id;

    @Override
    public void run() {
        try (DeviceServiceCalls calls = service.calls()) {
            resource.delete(calls, id, change);
        }
        System.out.println(
                change.told("Deleted", "Would delete")
                        + " the "
                        + resource.noun()
                        + " "
                        + id
                        + ".");
    }
}
