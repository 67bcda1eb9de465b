package io.ponix.cli.command;

import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.CheckoutStacks;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.stack.StackSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The folder of the stack that a command is about. */
final class HomeOption {

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = {
                "The stack's folder: data, logs, addresses.",
                "Default: PONIX_HOME, else .ponix/home in the checkout; commands about a stack that runs find"
                        + " the one of this checkout."
            })
    private Path home;

    /** Found once: a person is told of it once. */
    private Path running;

    /** The folder, for commands that start and stop what is in it. */
    Path directory() {
        return chosen().orElseGet(HomeOption::defaultHome);
    }

    /**
     * The folder, for commands about a stack that runs: where none is chosen, that of the stack of
     * this checkout that runs.
     */
    Path runningDirectory() {
        if (running == null) {
            running =
                    chosen().orElseGet(
                                    () ->
                                            new CheckoutStacks(defaultHome())
                                                    .home(
                                                            notice ->
                                                                    System.err.println(
                                                                            "ponix: " + notice)));
        }
        return running;
    }

    /** A running stack of this checkout that the command was not told to mean. */
    Optional<Path> runningElsewhere() {
        return chosen().isPresent()
                ? Optional.empty()
                : new CheckoutStacks(defaultHome()).elsewhere();
    }

    /**
     * The addresses of servers that answer. One that the environment names (PONIX_NATS_URL,
     * PONIX_POSTGRES_HOST, PONIX_CLICKHOUSE_URL) comes before the stack's.
     *
     * @param needed what the command cannot do without
     * @throws io.ponix.cli.program.CommandException when one of them is stopped or does not answer
     */
    StackAddresses addresses(StackServer... needed) {
        Map<String, String> environment = CommandEnvironment.variables();
        StackAddresses named = StackAddresses.ofEnvironment(environment);
        if (needed.length > 0 && named.elsewhere().containsAll(List.of(needed))) {
            named.requireElsewhere(needed);
            return named;
        }
        Path directory = runningDirectory();
        StackAddresses addresses = StackAddresses.read(directory).orOf(environment);
        new LocalStack(StackSettings.asStarted(directory), line -> {}).require(addresses, needed);
        return addresses;
    }

    private Optional<Path> chosen() {
        Path chosen = home;
        if (chosen == null) {
            String environment = System.getenv("PONIX_HOME");
            chosen = environment == null || environment.isBlank() ? null : Path.of(environment);
        }
        if (chosen != null && chosen.toString().isBlank()) {
            // As of a variable of a shell that is not set. To Java it is the current folder.
            throw CommandException.calledWrongly("--home is empty; a folder is wanted");
        }
        return Optional.ofNullable(chosen).map(path -> path.toAbsolutePath().normalize());
    }

    private static Path defaultHome() {
        return Path.of(System.getProperty("ponix.root"), ".ponix", "home")
                .toAbsolutePath()
                .normalize();
    }
}
