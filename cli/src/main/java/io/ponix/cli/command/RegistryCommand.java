package io.ponix.cli.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ponix registry}: looks after what is registered. */
@Command(
        name = "registry",
        description = {
            "Look after what is registered: organizations, devices, definitions, gateways and hosts.",
            "verify compares each with what the events of its history add up to."
        },
        subcommands = {RegistryVerifyCommand.class},
        footer = {"", "Examples:", "  ./ponix registry verify"})
public final class RegistryCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "verify is missing");
    }
}
