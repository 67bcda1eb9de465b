package io.ponix.cli.resource;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What may be done to a kind of what is registered: the subcommands of its command. */
public final class Verbs {

    /** As a person learns them. */
    private static final List<String> ORDER =
            List.of(
                    "list",
                    "get",
                    "create",
                    "update",
                    "delete",
                    "undelete",
                    "history",
                    "restore",
                    "import",
                    "export");

    private Verbs() {}

    /** The command line of a command with such verbs, which the help has in an order. */
    public static CommandLine inOrder(Object command) {
        CommandLine commandLine = new CommandLine(command);
        CommandSpec spec = commandLine.getCommandSpec();
        for (String verb : ORDER) {
            if (spec.subcommands().containsKey(verb)) {
                spec.addSubcommand(verb, spec.removeSubcommand(verb));
            }
        }
        return commandLine;
    }

    /** The command was called alone. */
    static ParameterException missing(CommandSpec command) {
        List<String> verbs = new ArrayList<>(command.subcommands().keySet());
        String last = verbs.remove(verbs.size() - 1);
        return new ParameterException(
                command.commandLine(), String.join(", ", verbs) + " or " + last + " is missing");
    }
}
