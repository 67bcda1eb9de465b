package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.cli.stack.StackLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The folder of a run's own stack. It is marked, so that no other folder is ever emptied. */
final class ChaosHome {

    private static final String MARK = "of-a-chaos-run";

    private ChaosHome() {}

    /**
     * Makes the folder ready; what an earlier run left in it is deleted.
     *
     * @throws CommandException when something else is in it
     */
    static void prepare(Path home) {
        try {
            if (Files.isDirectory(home) && !isEmpty(home)) {
                if (!Files.exists(home.resolve(MARK))) {
                    throw new CommandException(
                            home
                                    + " holds something that is not of a chaos run; choose another folder with --home");
                }
                delete(home);
            }
            Files.createDirectories(home);
            Files.createFile(home.resolve(MARK));
        } catch (IOException e) {
            throw new CommandException("cannot use " + home + ": " + FileProblem.of(e), e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.allMatch(ChaosHome::isLock);
        }
    }

    private static void delete(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(home) && !isLock(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The lock of the command that works on the folder: this one. */
    private static boolean isLock(Path file) {
        return file.endsWith(StackLock.FILE_NAME);
    }
}
