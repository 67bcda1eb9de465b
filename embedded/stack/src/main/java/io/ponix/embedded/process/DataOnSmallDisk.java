package io.ponix.embedded.process;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * The data of a server for as long as it lies on a disk that is soon full. The server is stopped,
 * its data copied there, and it is started again; at the end the other way round. Between the two
 * it may be stopped, killed and started as always. For NATS, Postgres and ClickHouse.
 */
public final class DataOnSmallDisk implements AutoCloseable {

    private static final int MEBIBYTE = 1 << 20;

    /** What a file takes at least. */
    private static final long PAGE = 4096;

    private final EmbeddedProcess process;
    private final SmallDisk disk;

    /**
     * @param process a server that runs
     * @param freeMebibytes what is free on the disk beside its data
     * @throws IOException if there can be no such disk here, or the data cannot be copied; the
     *     server runs as before then
     */
    public DataOnSmallDisk(EmbeddedProcess process, int freeMebibytes) throws IOException {
        this.process = process;
        Path data = process.dataFolder();
        process.stop();
        SmallDisk made = null;
        try {
            made = new SmallDisk(data, (int) (bytes(data) / MEBIBYTE) + 1 + freeMebibytes);
            copy(data, made.seenFromHere(data));
            process.runOn(made);
            process.start();
        } catch (IOException | RuntimeException e) {
            process.runOn(null);
            if (made != null) {
                made.close();
            }
            process.start();
            throw e;
        }
        this.disk = made;
    }

    /** To be filled. */
    public SmallDisk disk() {
        return disk;
    }

    /**
     * The server goes on on the machine's disk, with what it has written meanwhile.
     *
     * @throws IOException if its data cannot be copied back; it stays stopped then
     */
    @Override
    public void close() throws IOException {
        disk.makeRoom();
        process.stop();
        process.runOn(null);
        Path data = process.dataFolder();
        Path copy = data.resolveSibling(data.getFileName() + ".returned");
        try {
            copy(disk.seenFromHere(data), Files.createDirectory(copy));
        } finally {
            disk.close();
        }
        Folders.delete(data);
        Files.move(copy, data, StandardCopyOption.ATOMIC_MOVE);
        process.start();
    }

    private static void copy(Path folder, Path copy) throws IOException {
        // With owners and permissions, which Postgres looks at.
        CommandRunner.Result result =
                CommandRunner.run(
                        Path.of("/"), List.of("cp", "-a", folder + "/.", copy.toString()));
        if (!result.succeeded()) {
            throw new IOException(
                    "Cannot copy " + folder + " to " + copy + ": " + result.output().strip());
        }
    }

    private static long bytes(Path folder) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        sum[0] += attributes.size() / PAGE * PAGE + PAGE;
                        return FileVisitResult.CONTINUE;
                    }
                });
        return sum[0];
    }
}
