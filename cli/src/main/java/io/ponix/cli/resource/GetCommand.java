package io.ponix.cli.resource;

import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.registry.DeviceServiceCalls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code get}: shows one of what is registered. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = "Show one, with every field that is set.")
final class GetCommand implements Runnable {

    @ParentCommand private ResourceCommand resource;

    @Mixin private DeviceServiceOption service;

    @Mixin private OutputOption output;

    @Parameters(paramLabel = "ID", description = ResourceCommand.ID)
    private String id;

    @Override
    public void run() {
        try (DeviceServiceCalls calls = service.calls()) {
            output.print(resource.get(calls, id));
        }
    }
}
