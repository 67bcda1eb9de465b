package io.ponix.bench.measurement;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The CPU time of a process and its descendants, of those that have ended and were waited for too,
 * from {@code /proc/<pid>/stat}: fields 14 to 17, in ticks of 10 ms.
 */
final class ProcessCpu {

    private static final long MICROS_PER_TICK = 10_000;
    private static final int FIRST_FIELD_AFTER_NAME = 3;
    private static final int FIRST_TIME = 14;
    private static final int LAST_TIME = 17;

    private ProcessCpu() {}

    /** Microseconds since the process started; 0 where there is none. */
    static long micros(long pid) {
        Stream<Long> descendants =
                ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid);
        return Stream.concat(Stream.of(pid), descendants).mapToLong(ProcessCpu::ticks).sum()
                * MICROS_PER_TICK;
    }

    private static long ticks(long pid) {
        try {
            return ticks(
                    Files.readString(
                            Path.of("/proc", Long.toString(pid), "stat"),
                            StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    static long ticks(String stat) {
        // The name is in parentheses, and may hold spaces and parentheses itself.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int field = FIRST_TIME; field <= LAST_TIME; field++) {
            ticks += Long.parseLong(fields[field - FIRST_FIELD_AFTER_NAME]);
        }
        return ticks;
    }
}
