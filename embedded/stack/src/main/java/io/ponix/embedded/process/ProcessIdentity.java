package io.ponix.embedded.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process, told apart from any later one that gets the same pid: by the time it was started (in
 * clock ticks since boot, field 22 of {@code /proc/<pid>/stat}, see proc(5)) and by the boot during
 * which it was started.
 *
 * @param pid the process id
 * @param startTicks clock ticks between boot and the start of the process
 * @param bootId the kernel's random id of the current boot
 */
record ProcessIdentity(long pid, long startTicks, String bootId) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /**
     * Field 3 of /proc/pid/stat, counted from the state that follows the command's closing
     * parenthesis.
     */
    private static final int STATE_FIELD = 0;

    /** Field 22 of /proc/pid/stat, counted likewise. */
    private static final int START_TICKS_FIELD = 19;

    /**
     * The identity of the process that has this pid now; empty where there is none, or only a
     * zombie.
     */
    static Optional<ProcessIdentity> current(long pid) {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return Optional.empty();
        }
        // The command's name stands in parentheses and may itself hold spaces and parentheses:
        // count from the last one.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
        String state = fields[STATE_FIELD];
        // A zombie is a process that ended and that its parent has not asked for: where process 1
        // of a container does not reap, it stays forever.
        if ((state.equals("Z") || state.equals("X")) && !hasOtherThreads(pid)) {
            return Optional.empty();
        }
        return Optional.of(
                new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS_FIELD]), readBootId()));
    }

    /** Whether this very process still runs. */
    boolean isAlive() {
        return current(pid).filter(this::equals).isPresent();
    }

    /**
     * Of a killed process the first thread is a zombie already while others still hold its sockets
     * open.
     */
    private static boolean hasOtherThreads(long pid) {
        String[] threads = new File("/proc/" + pid + "/task").list();
        return threads != null && threads.length > 1;
    }

    private static String readBootId() {
        try {
            return Files.readString(BOOT_ID).trim();
        } catch (IOException e) {
            // Not shown to every container. The start time alone still tells a recycled pid.
            return "unknown";
        }
    }
}
