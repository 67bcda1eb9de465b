package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The savepoint among the arguments of {@code flink run}. */
final class SavepointArgument {

    private static final List<String> NAMES = List.of("-s", "--fromSavepoint");
    private static final String WITH_VALUE = "--fromSavepoint=";

    /** What Flink's metadata begin with: {@code Checkpoints.HEADER_MAGIC_NUMBER}. */
    private static final int MAGIC_NUMBER = 0x4960672d;

    private SavepointArgument() {}

    /**
     * Makes the path of a savepoint on this machine a whole one. A path with a scheme, as {@code
     * s3://…}, stays as it is.
     *
     * @param arguments changed in place; what comes after the jar is the program's
     * @param home the stack's, for the message
     * @throws CommandException where there is no such savepoint. A JobManager that was asked for it
     *     would not start again.
     */
    static void complete(List<String> arguments, Path home) {
        for (int i = 1; i < arguments.size() && !arguments.get(i).endsWith(".jar"); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith(WITH_VALUE)) {
                String path = argument.substring(WITH_VALUE.length());
                arguments.set(i, WITH_VALUE + completed(path, home));
            } else if (NAMES.contains(argument) && i + 1 < arguments.size()) {
                i++;
                arguments.set(i, completed(arguments.get(i), home));
            }
        }
    }

    private static String completed(String argument, Path home) {
        if (argument.isBlank()) {
            // As of a variable of a shell that is not set.
            throw CommandException.calledWrongly("-s is empty; a savepoint's folder is wanted");
        }
        Optional<Path> local = FlinkPath.local("-s", argument);
        if (local.isEmpty()) {
            return argument;
        }
        Path path = local.get();
        Path metadata = Files.isRegularFile(path) ? path : path.resolve("_metadata");
        if (!Files.isRegularFile(metadata)) {
            throw new CommandException(
                    "-s: there is no savepoint "
                            + argument
                            + (Files.isDirectory(path) ? " (the folder holds no _metadata)" : "")
                            + "; ./ponix flink savepoint takes one, and earlier ones are in "
                            + home.resolve("flink/savepoints"));
        }
        requireMetadata(metadata);
        return EmbeddedFlinkCluster.location(path);
    }

    /** Else the job is submitted, fails, and its log says no more than "EOFException". */
    private static void requireMetadata(Path metadata) {
        try (DataInputStream content = new DataInputStream(Files.newInputStream(metadata))) {
            if (content.readInt() == MAGIC_NUMBER && content.readInt() > 0) {
                return;
            }
        } catch (EOFException e) {
            // Shorter than that.
        } catch (IOException e) {
            throw new CommandException("-s: " + metadata + " cannot be read: " + e.getMessage(), e);
        }
        throw new CommandException(
                "-s: " + metadata + " is not what Flink writes of a savepoint, or was cut short");
    }
}
