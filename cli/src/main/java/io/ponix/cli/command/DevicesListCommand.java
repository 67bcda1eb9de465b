package io.ponix.cli.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.cli.registry.EndDevices;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.end_device.v1.EndDevice;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix devices list}: lists devices. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the devices of an organization, newest first.")
final class DevicesListCommand implements Runnable {

    private static final JsonFormat.Printer JSON =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

    @Mixin private DeviceServiceOption service;

    @Option(
            names = "--organization",
            paramLabel = "ID",
            required = true,
            description = "The organization.")
    private String organization;

    @Option(
            names = "--external-id",
            paramLabel = "ID",
            description = "Only the device that its senders call so.")
    private String externalId = "";

    @Option(names = "--json", description = "Print a JSON object a line, with every field.")
    private boolean json;

    @Override
    public void run() {
        List<EndDevice> devices;
        try (EndDevices client = service.devices()) {
            devices = client.list(organization, externalId);
        }
        if (json) {
            devices.forEach(device -> System.out.println(json(device)));
            return;
        }
        TextTable table =
                new TextTable("DEVICE", "NAME", "EXTERNAL ID", "DECODED BY", "UPDATED AT", ">ETAG");
        devices.forEach(
                device ->
                        table.row(
                                device.getDeviceId(),
                                MessageText.cell(device.getName()),
                                device.getExternalId().isEmpty()
                                        ? null
                                        : MessageText.cell(device.getExternalId()),
                                decoder(device),
                                MessageText.time(device.getUpdatedAt()),
                                device.getEtag()));
        table.print(System.out, "");
    }

    private static String decoder(EndDevice device) {
        if (!device.getPayloadConversion().isEmpty()) {
            return "its own transform";
        }
        return device.getDefinitionId().isEmpty()
                ? null
                : "definition " + MessageText.cell(device.getDefinitionId());
    }

    private static String json(EndDevice device) {
        try {
            return JSON.print(device);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a device has no Any", e);
        }
    }
}
