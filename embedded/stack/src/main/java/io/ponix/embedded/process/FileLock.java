package io.ponix.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Mutual exclusion between JVMs and between the threads of one. The kernel drops the lock when its
 * holder dies, so a file left behind by kill -9 means nothing.
 */
public final class FileLock {

    // The kernel's lock belongs to the whole JVM: a second thread that asks would get
    // OverlappingFileLockException.
    private static final ConcurrentMap<Path, ReentrantLock> WITHIN_THIS_JVM =
            new ConcurrentHashMap<>();

    private FileLock() {}

    /**
     * What is done under the lock.
     *
     * @param <E> what it may throw
     */
    @FunctionalInterface
    public interface Action<E extends Exception> {
        void run() throws E;
    }

    /**
     * Waits for the lock that the file stands for (created where it is missing), and holds it
     * during the action.
     */
    public static <E extends Exception> void holding(Path file, Action<E> action) throws E {
        Path absolute = file.toAbsolutePath().normalize();
        ReentrantLock local =
                WITHIN_THIS_JVM.computeIfAbsent(absolute, path -> new ReentrantLock());
        local.lock();
        try {
            FileChannel channel = lock(absolute);
            try {
                action.run();
            } finally {
                release(channel);
            }
        } finally {
            local.unlock();
        }
    }

    private static FileChannel lock(Path file) {
        try {
            Files.createDirectories(file.getParent());
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.lock();
            return channel;
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot write "
                            + file
                            + " ("
                            + e.getMessage()
                            + "): this user must be able to write below "
                            + file.getParent(),
                    e);
        }
    }

    private static void release(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
