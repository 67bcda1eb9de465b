package io.ponix.bench.measurement;

import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a JVM takes of this machine.
 *
 * @param residentBytes its memory, as of {@code /proc}
 * @param liveHeapBytes of objects that are left after a full garbage collection
 * @param threads of it
 */
public record ProcessMemory(long residentBytes, long liveHeapBytes, long threads) {

    private static final long KILOBYTE = 1_024;
    private static final String TOTAL = "Total";

    /** Looks at it, which has it collect its garbage first. */
    public static ProcessMemory of(long pid) {
        try {
            // Resident is what it has needed, garbage included.
            long live = liveHeapBytes(pid);
            List<String> status =
                    Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
            return new ProcessMemory(
                    number(status, "VmRSS:") * KILOBYTE, live, number(status, "Threads:"));
        } catch (IOException e) {
            throw new CommandException(
                    "the memory of process %d cannot be read: %s".formatted(pid, e.getMessage()),
                    e);
        }
    }

    private static long number(List<String> status, String field) {
        return status.stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    private static long liveHeapBytes(long pid) throws IOException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(pid),
                                "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output.lines()
                .filter(line -> line.startsWith(TOTAL))
                .map(line -> line.trim().split(" +"))
                .mapToLong(fields -> Long.parseLong(fields[fields.length - 1]))
                .findFirst()
                .orElseThrow(() -> new IOException("jcmd answered " + output));
    }
}
