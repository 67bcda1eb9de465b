package io.ponix.cli.command;

import io.grpc.ManagedChannel;
import io.ponix.cli.access.AccessKeys;
import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.stack.StackServer;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import picocli.CommandLine.Mixin;

/** Which device service a command calls. */
public final class DeviceServiceOption {

    @Mixin private HomeOption home;

    HomeOption home() {
        return home;
    }

    AccessKeys open() {
        return new AccessKeys(channel());
    }

    /**
     * Calls of the service, which the caller closes.
     *
     * @throws CommandException when the stack's service does not run, or the environment does not
     *     name another as it should
     */
    public DeviceServiceCalls calls() {
        return new DeviceServiceCalls(channel());
    }

    private ManagedChannel channel() {
        if (!DeviceServiceAddress.isNamedIn(CommandEnvironment.variables())) {
            return home.addresses(StackServer.DEVICE_SERVICE).deviceService();
        }
        try {
            return DeviceServiceChannel.open(
                    DeviceServiceAddress.fromEnvironment(CommandEnvironment.variables()),
                    ApiKey.fromEnvironment(CommandEnvironment.variables()));
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }
}
