package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.EndDevices;
import io.ponix.proto.end_device.v1.EndDevice;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix devices export}: writes devices as CSV. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Write the devices of an organization to standard output as CSV, as 'devices import' takes them.",
            "The columns are external_id, name, device_id, definition_id and payload_conversion."
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
        List<EndDevice> devices;
        try (EndDevices client = service.devices()) {
            devices = client.list(organization, "");
        }
        StringBuilder text = new StringBuilder();
        try {
            EndDevices.export(devices, text);
        } catch (IOException e) {
            throw new CommandException("the devices cannot be written: " + e.getMessage(), e);
        }
        System.out.print(text);
        System.out.flush();
    }
}
