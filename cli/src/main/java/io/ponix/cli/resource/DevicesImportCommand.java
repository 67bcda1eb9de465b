package io.ponix.cli.resource;

import io.ponix.cli.command.DeviceServiceOption;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.registry.EndDevices;
import io.ponix.cli.terminal.ProgressLine;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix devices import}: creates and changes devices as a CSV file has them. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Create the devices of a CSV file that are not there, and change those that differ from it.",
            "The first line names the columns: external_id, name, device_id, definition_id, payload_conversion, gateway_id, description, labels, in any order;"
                    + " one of external_id and device_id is needed. What the file has no column for stays as it is,"
                    + " and no device is deleted: it may be repeated. Labels are KEY=VALUE, with ; between them.",
            "A device that the service refuses has a line on standard error that says which and why; the others are done."
                    + " So has a second line of one device."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the organization has the devices of the file",
            "1:the file cannot be read, there is no such organization, the service does not answer, or some were refused",
            "2:wrong usage"
        })
final class DevicesImportCommand implements Callable<Integer> {

    @Mixin private DeviceServiceOption service;

    @Option(
            names = "--organization",
            paramLabel = "ID",
            required = true,
            description = "The organization.")
    private String organization;

    @Parameters(paramLabel = "FILE", description = "The CSV file, in UTF-8.")
    private Path file;

    @Override
    public Integer call() {
        AtomicInteger all = new AtomicInteger();
        EndDevices.Imported imported;
        try (DeviceServiceCalls calls = service.calls();
                ProgressLine progress = new ProgressLine()) {
            imported =
                    new EndDevices(calls)
                            .importFrom(
                                    file,
                                    organization,
                                    all::set,
                                    progress::note,
                                    done -> progress.show(done + " of " + all + " devices"));
        }
        System.out.printf(
                "%d created, %d changed, %d as they were, %d refused%n",
                imported.created(), imported.changed(), imported.unchanged(), imported.refused());
        return imported.refused() == 0 ? 0 : 1;
    }
}
