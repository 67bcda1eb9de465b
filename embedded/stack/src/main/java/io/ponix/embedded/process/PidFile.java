package io.ponix.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file by which another JVM finds a running process. Lines: pid, start in clock ticks since
 * boot, boot id, port. Written by {@link ProcessLauncher}'s script before the program is executed,
 * so that there is never a running program without its file.
 */
final class PidFile {

    /**
     * What a pid file says.
     *
     * @param identity the process
     * @param port the port the process was told to listen on, 0 for none
     */
    record Content(ProcessIdentity identity, int port) {}

    private final Path path;

    PidFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /**
     * What the file says, whether or not that process still runs; empty where there is no
     * (complete) file.
     */
    Optional<Content> read() {
        List<String> lines;
        try {
            lines = Files.readAllLines(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            return Optional.of(
                    new Content(
                            new ProcessIdentity(
                                    Long.parseLong(lines.get(0)),
                                    Long.parseLong(lines.get(1)),
                                    lines.get(2)),
                            Integer.parseInt(lines.get(3))));
        } catch (NumberFormatException | IndexOutOfBoundsException damaged) {
            return Optional.empty();
        }
    }

    /**
     * What the file says, if that very process runs: a recycled pid or a file left by kill -9
     * counts as nothing.
     */
    Optional<Content> running() {
        return read().filter(content -> content.identity().isAlive());
    }

    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
