package io.ponix.embedded.process;

import java.nio.file.Path;

/** What a process has written since it was started or asked, to be shown where that fails. */
final class LogTails {

    private final Path log;
    private final Path output;
    private final long logOffset;
    private final long outputOffset;

    private LogTails(Path log, Path output) {
        this.log = log;
        this.output = output;
        this.logOffset = LogTail.size(log);
        this.outputOffset = LogTail.size(output);
    }

    /**
     * From now on.
     *
     * @param log need not exist yet
     * @param output of what the program does not log by itself; may be the log
     */
    static LogTails since(Path log, Path output) {
        return new LogTails(log, output);
    }

    /** The ends of both files, each below the line before, with their names. */
    @Override
    public String toString() {
        String tails = tail(logOffset, log);
        if (!output.equals(log) && LogTail.size(output) > outputOffset) {
            tails += tail(outputOffset, output);
        }
        return tails;
    }

    private static String tail(long offset, Path file) {
        return "\n" + LogTail.since(offset, file) + "\n  Log: " + file;
    }
}
