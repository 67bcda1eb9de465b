package io.ponix.embedded.clickhouse.server.engine;

import com.sun.jna.LastErrorException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A pipe of the operating system from the engine to this process: what a query writes to {@link
 * #writePath()} is read from {@link #input()}. A full pipe holds the query back, so that a large
 * result takes no more memory than a small one; closing the input makes the query's next write
 * fail.
 */
public final class OutputPipe implements AutoCloseable {

    private static final int CAPACITY = 1 << 20;

    private final int writeDescriptor;
    private final InputStream input;
    private boolean writeEndOpen = true;

    /** Makes a pipe. */
    public OutputPipe() throws IOException {
        int[] descriptors = new int[2];
        try {
            LibC.INSTANCE.pipe2(descriptors, LibC.O_CLOEXEC);
        } catch (LastErrorException e) {
            throw new IOException("No pipe for the query's result: " + e.getMessage(), e);
        }
        writeDescriptor = descriptors[1];
        try {
            // Opening the path makes a descriptor that Java owns.
            input = new FileInputStream("/proc/self/fd/" + descriptors[0]);
        } catch (IOException e) {
            closeWriteEnd();
            throw e;
        } finally {
            LibC.INSTANCE.close(descriptors[0]);
        }
        // Refused beyond the user's limit on pipe memory: the usual 64 KiB do as well, only slower.
        LibC.INSTANCE.fcntl(writeDescriptor, LibC.F_SETPIPE_SZ, CAPACITY);
    }

    /** The path that opens the pipe for writing, within this process. */
    String writePath() {
        return "/proc/self/fd/" + writeDescriptor;
    }

    /** What is written to the pipe; ends when the query has ended. */
    public InputStream input() {
        return input;
    }

    /** Lets the reader see the end, once the query has closed the pipe too. */
    synchronized void closeWriteEnd() {
        if (writeEndOpen) {
            writeEndOpen = false;
            LibC.INSTANCE.close(writeDescriptor);
        }
    }

    /** Ends the reading: a query that still writes fails at its next write. */
    public void abandon() throws IOException {
        input.close();
    }

    @Override
    public void close() throws IOException {
        closeWriteEnd();
        input.close();
    }
}
