package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * Keeps two commands from starting or stopping the stack of one home at a time. The operating
 * system releases it when its holder ends, however it ends.
 */
public final class StackLock {

    /** The file in the stack's home that is locked. */
    public static final String FILE_NAME = "command.lock";

    private StackLock() {}

    /**
     * Does something while no other command changes the stack of a home, which only its owner may
     * enter from then on.
     *
     * @throws CommandException when another command is at work on it, or when the folder is not
     *     empty and no stack's
     * @throws Exception what the action throws
     */
    public static <T> T holding(Path home, Callable<T> action) throws Exception {
        try (FileChannel channel = open(home)) {
            if (!tryLock(channel)) {
                throw new CommandException(
                        "another ./ponix up, down, demo or chaos is at work on the stack in "
                                + home
                                + "; wait for it, or give this one a stack of its own: --home DIR --grpc-port 0 --http-port 0"
                                + " --dashboard-port 0 --nats-port 0 --postgres-port 0 --clickhouse-port 0");
            }
            return action.call();
        }
    }

    private static FileChannel open(Path home) {
        try {
            Files.createDirectories(home);
            refuseAnothersFolder(home);
            // What is in it is its owner's alone, whatever modes the programs give their files.
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
            return FileChannel.open(
                    home.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new CommandException(
                    "cannot use "
                            + home
                            + " as the stack's folder: "
                            + FileProblem.of(e)
                            + "; choose another with --home",
                    e);
        }
    }

    /** What a stack keeps in its folder goes with it: nothing else may be there. */
    private static void refuseAnothersFolder(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            if (!Files.exists(home.resolve(FILE_NAME)) && files.findAny().isPresent()) {
                throw new CommandException(
                        home
                                + " holds something that is not of a stack; choose another folder with --home");
            }
        }
    }

    /** Closing the channel releases the lock. */
    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisJvm) {
            return false;
        }
    }
}
