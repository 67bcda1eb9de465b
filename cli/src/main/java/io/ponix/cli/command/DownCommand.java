package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix down}: stops the stack. */
@Command(
        name = "down",
        description = {
            "Stop the job with a savepoint and then the stack.",
            "Data stays, and ./ponix up goes on from there."
        })
public final class DownCommand implements Callable<Integer> {

    @Mixin private StackOptions options;

    @Option(
            names = "--delete-data",
            description =
                    "Delete the stack's folder afterwards: rows, devices, savepoints, all of it.")
    private boolean deleteData;

    @Override
    public Integer call() throws Exception {
        StackSettings settings = options.settings();
        LocalStack stack = new LocalStack(settings, System.err::println);
        if (!stack.isRunning() && options.runningElsewhere().isPresent()) {
            throw new CommandException(
                    "no stack runs in "
                            + settings.home()
                            + ", but one does in "
                            + options.runningElsewhere().get()
                            + "; say which one is meant: ./ponix down --home "
                            + options.runningElsewhere().get());
        }
        // A start that failed halfway has left parts, and no addresses.
        if (!StackAddresses.exist(settings.home()) && !stack.isRunning()) {
            System.out.println("nothing to stop: no stack in " + settings.home());
            // Of one that was refused before anything was started there is the lock.
            if (deleteData && Files.exists(settings.home().resolve(StackLock.FILE_NAME))) {
                StackLock.holding(
                        settings.home(),
                        () -> {
                            stack.deleteData();
                            return null;
                        });
            }
            return 0;
        }
        return StackLock.holding(settings.home(), () -> stop(stack));
    }

    private int stop(LocalStack stack) {
        stack.down();
        if (deleteData) {
            stack.deleteData();
        }
        return 0;
    }
}
