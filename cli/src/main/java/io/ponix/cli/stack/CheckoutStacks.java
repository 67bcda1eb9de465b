package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.embedded.process.RunningHomes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The stacks of this checkout that run: which one a command means that was told no folder. */
public final class CheckoutStacks {

    private final Path defaultHome;

    /**
     * @param defaultHome where a stack is started unless told otherwise
     */
    public CheckoutStacks(Path defaultHome) {
        this.defaultHome = resolved(defaultHome);
    }

    /**
     * The folder of the stack that runs; the default one where none does.
     *
     * @param notice told when it is another than the default one
     * @throws CommandException when several run
     */
    public Path home(Consumer<String> notice) {
        List<Path> homes = running();
        if (homes.size() > 1) {
            throw new CommandException(
                    homes.size()
                            + " stacks of this checkout run; say which one is meant: "
                            + homes.stream()
                                    .map(home -> "--home " + home)
                                    .collect(Collectors.joining(", ")));
        }
        if (homes.isEmpty() || homes.get(0).equals(defaultHome)) {
            return defaultHome;
        }
        notice.accept("using the stack that runs in " + homes.get(0));
        return homes.get(0);
    }

    /** A running stack of this checkout in another folder than the default one. */
    public Optional<Path> elsewhere() {
        return running().stream().filter(home -> !home.equals(defaultHome)).findFirst();
    }

    /** As processes name it, which know of no symbolic links. */
    private static Path resolved(Path home) {
        try {
            return home.toRealPath();
        } catch (IOException notThere) {
            return home;
        }
    }

    /** Stacks that end with the command that runs them, as chaos' does, are not for others. */
    private List<Path> running() {
        return RunningHomes.find().stream()
                .filter(
                        home ->
                                home.equals(defaultHome)
                                        || StackAddresses.exist(home)
                                                && StackAddresses.read(home).isOfThisCheckout())
                .toList();
    }
}
