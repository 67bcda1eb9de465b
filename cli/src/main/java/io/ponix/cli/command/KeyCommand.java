package io.ponix.cli.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ponix key}: makes, lists and revokes the keys for the device service. */
@Command(
        name = "key",
        description = {
            "Make, list and revoke the keys with which the device service is called.",
            "A service asks for one where PONIX_AUTH=required, as it does by default where others than this machine reach it."
                    + " The commands call the running stack's service, or the one that PONIX_DEVICE_SERVICE_ADDRESS names,"
                    + " with the key in PONIX_API_KEY or in the file that PONIX_API_KEY_FILE names, else with the stack's own."
        },
        subcommands = {KeyCreateCommand.class, KeyListCommand.class, KeyRevokeCommand.class},
        footer = {
            "",
            "Examples:",
            "  ./ponix key create --first --name me        the operator's, where there is no key yet",
            "  ./ponix key create --role viewer --organization acme --name dashboard",
            "  ./ponix key list",
            "  ./ponix key revoke d0qgmkbh5c3s73f5v5v0"
        })
public final class KeyCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "create, list or revoke is missing");
    }
}
