package io.ponix.cli.resource;

import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.EndDevices;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix devices export}: writes devices as CSV. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Write the devices of an organization to standard output as CSV, as 'devices import' takes them.",
            "The columns are external_id, name, device_id, definition_id, payload_conversion, gateway_id, description and labels."
        })
final class DevicesExportCommand implements Runnable {

    @Mixin private DeviceServiceOption service;

    @Option(
            names = "--organization",
            paramLabel = "ID",
            required = true,
            description = "The organization.")
    private String organization;

    @Override
    public void run() {
        ListEndDevicesRequest all =
                ListEndDevicesRequest.newBuilder().setOrganizationId(organization).build();
        StringBuilder text = new StringBuilder();
        try (DeviceServiceCalls calls = service.calls()) {
            EndDevices.export(new EndDevices(calls).list(all), text);
        } catch (IOException e) {
            throw new CommandException("the devices cannot be written: " + e.getMessage(), e);
        }
        System.out.print(text);
        System.out.flush();
    }
}
