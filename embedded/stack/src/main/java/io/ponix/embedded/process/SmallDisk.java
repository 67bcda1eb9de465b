package io.ponix.embedded.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few megabytes, in memory, for what happens when a disk is full. Only processes
 * that are started on it ({@link EmbeddedProcessBuilder#disk}) see it, at the place of a folder; it
 * stays across their restarts, until it is closed.
 *
 * <p>It is mounted in a namespace of its own, which takes no root: a process holds the namespace
 * open, and others enter it. Where user namespaces are forbidden the constructor throws.
 */
public final class SmallDisk implements AutoCloseable {

    private static final int BLOCK = 64 * 1024;
    private static final String FILLER = "ponix-filler";

    // "mounted" tells that it is; then the process waits for the end of its input, that is of us.
    private static final String SCRIPT =
            "mount -t tmpfs -o size=\"$1\"m,mode=0700 tmpfs \"$2\" && echo mounted && exec cat";

    private final Path folder;
    private final Process holder;

    /**
     * @param folder where the processes see it; created where it is missing
     * @param mebibytes its size
     * @throws IOException if it cannot be mounted here
     */
    public SmallDisk(Path folder, int mebibytes) throws IOException {
        this.folder = Files.createDirectories(folder.toAbsolutePath());
        this.holder =
                new ProcessBuilder(
                                "unshare",
                                "--user",
                                "--map-root-user",
                                "--mount",
                                "sh",
                                "-c",
                                SCRIPT,
                                "ponix-small-disk",
                                Integer.toString(mebibytes),
                                this.folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String answer = holder.inputReader().readLine();
        if (!"mounted".equals(answer)) {
            close();
            throw new IOException("A disk of its own cannot be mounted here: " + answer);
        }
    }

    /**
     * Why there can be no such disk on this machine; empty where there can.
     *
     * @param folder to try it with; created where it is missing
     */
    public static Optional<String> unavailable(Path folder) {
        try (SmallDisk disk = new SmallDisk(folder, 1)) {
            disk.fill();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The program where it sees the disk. Its process keeps its pid. */
    ProcessSpecification on(ProcessSpecification program) {
        List<String> whole =
                new ArrayList<>(
                        List.of(
                                "nsenter",
                                "--user",
                                "--mount",
                                "--preserve-credentials",
                                "--target=" + holder.pid(),
                                "--wdns=" + program.workingDirectory()));
        whole.addAll(program.command());
        return new ProcessSpecification(whole, program.environment(), program.workingDirectory());
    }

    /** Writes until nothing more can be written. */
    public void fill() throws IOException {
        byte[] zeros = new byte[BLOCK];
        for (int size = BLOCK; size > 0; size /= 2) {
            try (OutputStream output =
                    Files.newOutputStream(
                            seenFromHere().resolve(FILLER),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND)) {
                while (true) {
                    output.write(zeros, 0, size);
                }
            } catch (IOException full) {
                if (free() >= BLOCK) {
                    throw full;
                }
            }
        }
    }

    /** Takes back what {@link #fill} wrote. */
    public void makeRoom() throws IOException {
        Files.deleteIfExists(seenFromHere().resolve(FILLER));
    }

    /** Bytes that can be written. */
    public long free() throws IOException {
        return Files.getFileStore(seenFromHere()).getUsableSpace();
    }

    /** A place on the disk, or anywhere else, as the processes on it see it. */
    Path seenFromHere(Path path) {
        return Path.of("/proc/" + holder.pid() + "/root" + path.toAbsolutePath());
    }

    private Path seenFromHere() {
        return seenFromHere(folder);
    }

    /** Ends it; processes that still run on it keep what they have open. */
    @Override
    public void close() {
        holder.destroy();
        try {
            holder.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
