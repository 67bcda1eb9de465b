package io.ponix.cli.program;

import io.ponix.environment.SecretFiles;
import java.util.Map;

/** The environment that commands are told of servers and keys by, with the secrets in files. */
public final class CommandEnvironment {

    private CommandEnvironment() {}

    /**
     * The variables of this process.
     *
     * @throws CommandException when one names a file with a secret that cannot be used
     */
    public static Map<String, String> variables() {
        try {
            return SecretFiles.resolve(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }
}
