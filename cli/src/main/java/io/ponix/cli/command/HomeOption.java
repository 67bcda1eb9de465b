package io.ponix.cli.command;

import io.ponix.cli.stack.StackAddresses;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The folder of the stack that a command is about. */
final class HomeOption {

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = {
                "The stack's folder: data, logs, addresses.",
                "Default: PONIX_HOME, else .ponix/home in the checkout."
            })
    private Path home;

    Path directory() {
        Path chosen = home;
        if (chosen == null) {
            String environment = System.getenv("PONIX_HOME");
            chosen =
                    environment == null || environment.isBlank()
                            ? Path.of(System.getProperty("ponix.root"), ".ponix", "home")
                            : Path.of(environment);
        }
        return chosen.toAbsolutePath().normalize();
    }

    StackAddresses addresses() {
        return StackAddresses.read(directory());
    }
}
