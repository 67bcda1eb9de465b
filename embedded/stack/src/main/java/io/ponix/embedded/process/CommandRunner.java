package io.ponix.embedded.process;

import io.ponix.environment.SecretFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs a program to its end. */
public final class CommandRunner {

    /**
     * How a program ended.
     *
     * @param exitCode its exit code; 127 where there is no such program
     * @param output what it printed, standard output and error together
     */
    public record Result(int exitCode, String output) {
        public boolean succeeded() {
            return exitCode == 0;
        }
    }

    private static final int NO_SUCH_PROGRAM = 127;

    private CommandRunner() {}

    /** Runs a program without input. */
    public static Result run(Path directory, List<String> command) {
        return run(directory, command, Map.of(), "");
    }

    /** Runs a program; the input is short (it is written before the output is read). */
    public static Result run(
            Path directory, List<String> command, Map<String, String> environment, String input) {
        Process process;
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectErrorStream(true);
            SecretFiles.addToChild(builder.environment(), environment);
            process = builder.start();
        } catch (IOException e) {
            return new Result(NO_SUCH_PROGRAM, String.valueOf(e.getMessage()));
        }
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException closed) {
                // It ended without reading its input; its exit code and output say why.
            }
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot read the output of " + command.get(0) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedProcessException("Interrupted while running " + command.get(0), e);
        } finally {
            process.destroyForcibly();
        }
    }
}
