package io.ponix.embedded.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The end of a log file, for error messages. */
final class LogTail {

    private static final int LINES = 20;
    private static final int BYTES = 16 * 1024;

    private LogTail() {}

    /** The size of the file in bytes, 0 where it does not exist. */
    static long size(Path log) {
        try {
            return Files.size(log);
        } catch (IOException missing) {
            return 0;
        }
    }

    /**
     * The last lines written after the given offset, each indented, or a note that there are none.
     */
    static String since(long offset, Path log) {
        long size = size(log);
        // A file smaller than before was rolled over.
        long from = Math.max(offset <= size ? offset : 0, size - BYTES);
        byte[] bytes = new byte[(int) (size - from)];
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(from);
            file.readFully(bytes);
        } catch (IOException unreadable) {
            return "  (no log)";
        }
        String[] lines = new String(bytes, StandardCharsets.UTF_8).stripTrailing().split("\n");
        StringBuilder tail = new StringBuilder();
        for (int i = Math.max(0, lines.length - LINES); i < lines.length; i++) {
            tail.append(tail.isEmpty() ? "  " : "\n  ").append(lines[i]);
        }
        return tail.toString().isBlank() ? "  (nothing logged)" : tail.toString();
    }
}
