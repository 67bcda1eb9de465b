package io.ponix.embedded.clickhouse.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
    private Path file;
    private boolean complete;

    ResultBuffer(InputStream source) {
        this.source = source;
    }

    /** Reads the beginning; returns whether that is all. */
    boolean readBeginning() throws IOException {
        for (int read; memory.size() < IN_MEMORY; ) {
            read = source.read(chunk);
            if (read < 0) {
                complete = true;
                return true;
            }
            memory.write(chunk, 0, read);
        }
        return false;
    }

    /** Reads the rest into a temporary file. */
    void readRest() throws IOException {
        if (!complete) {
            file = Files.createTempFile("ponix-clickhouse-result", null);
            try (OutputStream output = Files.newOutputStream(file)) {
                source.transferTo(output);
            }
            complete = true;
        }
    }

    /** The result's size, or -1 while the rest is not read. */
    long size() throws IOException {
        if (!complete) {
            return -1;
        }
        return memory.size() + (file == null ? 0 : Files.size(file));
    }

    /** Writes the result, reading what is left of it. */
    void writeTo(OutputStream output) throws IOException {
        memory.writeTo(output);
        if (file != null) {
            Files.copy(file, output);
        } else if (!complete) {
            for (int read; (read = source.read(chunk)) >= 0; ) {
                output.write(chunk, 0, read);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }
}
