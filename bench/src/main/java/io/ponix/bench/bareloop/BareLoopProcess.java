package io.ponix.bench.bareloop;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.environment.SecretFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** A {@link BareLoop} in a process of its own; it ends with this JVM. */
public final class BareLoopProcess implements AutoCloseable {

    private final Process process;
    private final Path log;

    /**
     * Starts it.
     *
     * @param home its log goes here
     * @param lastSequence the sequence after which it stops
     * @param table where its rows go
     */
    public BareLoopProcess(
            StackAddresses addresses, Path home, String stream, long lastSequence, String table) {
        log = home.resolve("logs").resolve("bare-loop.log");
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx1g",
                                "-XX:+UseParallelGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BareLoop.class.getName(),
                                stream,
                                Long.toString(lastSequence),
                                table));
        SecretFiles.addToChild(builder.environment(), addresses.environment());
        builder.redirectError(log.toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new CommandException("cannot start the bare loop: " + e.getMessage(), e);
        }
    }

    /** Its process id, while it runs. */
    public OptionalLong pid() {
        return process.isAlive() ? OptionalLong.of(process.pid()) : OptionalLong.empty();
    }

    /**
     * Checks that it has not failed. Once all is stored it goes on to run.
     *
     * @throws CommandException with what it said if it has
     */
    public void check() {
        if (!process.isAlive()) {
            try {
                throw new CommandException(
                        "the bare loop failed: " + Files.readString(log).strip());
            } catch (IOException e) {
                throw new CommandException("the bare loop failed", e);
            }
        }
    }

    /** Ends it. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
