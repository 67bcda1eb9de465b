package io.ponix.embedded.clickhouse.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A result that is not yet sent: its beginning in memory, and where the whole of it must wait the
 * rest in a temporary file.
 */
final class ResultBuffer implements AutoCloseable {

    /** As much as ClickHouse holds back before it sends the headers. */
    private static final int IN_MEMORY = 1 << 20;

    private final InputStream source;
    private final byte[] chunk = new byte[1 << 16];
    private final ByteArrayOutputStream memory = new ByteArrayOutputStream(chunk.length);
    private FileChannel file;
    private boolean complete;

    ResultBuffer(InputStream source) {
        this.source = source;
    }

    /** Reads the beginning; returns whether that is all. */
    boolean readBeginning() throws IOException {
        while (!complete && memory.size() < IN_MEMORY) {
            int read = source.read(chunk);
            if (read < 0) {
                complete = true;
            } else {
                memory.write(chunk, 0, read);
            }
        }
        return complete;
    }

    /** Reads the rest into a temporary file. */
    void readRest() throws IOException {
        if (complete) {
            return;
        }
        Path path = Files.createTempFile("ponix-clickhouse-result", null);
        file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        // Without a name the file goes with the process, however that ends.
        Files.delete(path);
        for (int read; (read = source.read(chunk)) >= 0; ) {
            ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }
        complete = true;
    }

    /** The result's size, or -1 while the rest is not read. */
    long size() throws IOException {
        if (!complete) {
            return -1;
        }
        return memory.size() + (file == null ? 0 : file.size());
    }

    /** Writes the result, reading what is left of it. */
    void writeTo(OutputStream output) throws IOException {
        memory.writeTo(output);
        InputStream rest = source;
        if (file != null) {
            rest = Channels.newInputStream(file.position(0));
        }
        for (int read; (read = rest.read(chunk)) >= 0; ) {
            output.write(chunk, 0, read);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
