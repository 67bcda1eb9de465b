package io.ponix.cli.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ponix devices}: lists, imports and exports the devices of an organization. */
@Command(
        name = "devices",
        description = {
            "List the devices of an organization, and take them from and write them to CSV files.",
            "The commands call the running stack's device service, or the one that PONIX_DEVICE_SERVICE_ADDRESS names,"
                    + " with the key in PONIX_API_KEY or in the file that PONIX_API_KEY_FILE names, else with the stack's own."
        },
        subcommands = {
            DevicesListCommand.class,
            DevicesImportCommand.class,
            DevicesExportCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix devices list --organization acme",
            "  ./ponix devices list --organization acme --external-id a81758fffe03 --json",
            "  ./ponix devices export --organization acme > devices.csv",
            "  ./ponix devices import --organization acme devices.csv"
        })
public final class DevicesCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "list, import or export is missing");
    }
}
