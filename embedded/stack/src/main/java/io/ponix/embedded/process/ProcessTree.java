package io.ponix.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A process and its descendants, as they were at one moment. */
final class ProcessTree {

    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(10);

    /** States of proc_pid_stat(5): stopped, traced, zombie, dead. */
    private static final String STOPPED_OR_ENDED = "TtZXx";

    /** The process first. */
    private final List<ProcessHandle> processes;

    private ProcessTree(List<ProcessHandle> processes) {
        this.processes = processes;
    }

    /** The tree of the process; empty where it has ended. */
    static ProcessTree of(ProcessIdentity identity) {
        Optional<ProcessHandle> root = ProcessHandle.of(identity.pid());
        if (root.isEmpty() || !identity.isAlive()) {
            return new ProcessTree(List.of());
        }
        return new ProcessTree(Stream.concat(root.stream(), root.get().descendants()).toList());
    }

    /**
     * Sends a signal, by its name without SIG; to the parent first, which could start children
     * meanwhile.
     */
    void signal(String signal) {
        for (ProcessHandle process : processes) {
            ProcessLauncher.signal(signal, process.pid());
        }
    }

    /**
     * Stops them from executing. A signal is only asked for by then: on a machine that is busy the
     * threads of a process go on for a while, and answer what was to find it hanging. So this
     * returns when none of them executes any more.
     *
     * @throws EmbeddedProcessException if one still does after {@link #STOPPED_WITHIN}
     */
    void freeze() {
        signal("STOP");
        long deadline = System.nanoTime() + STOPPED_WITHIN.toNanos();
        for (ProcessHandle process : processes) {
            while (isExecuting(process.pid())) {
                if (System.nanoTime() - deadline > 0) {
                    throw new EmbeddedProcessException(
                            "Process " + process.pid() + " could not be frozen");
                }
                Thread.onSpinWait();
            }
        }
    }

    /** Whether any thread is in another state than stopped or ended. */
    private static boolean isExecuting(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.anyMatch(ProcessTree::isThreadExecuting);
        } catch (IOException | UncheckedIOException ended) {
            return false;
        }
    }

    private static boolean isThreadExecuting(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name before it may hold anything, parentheses too.
            return STOPPED_OR_ENDED.indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
        } catch (IOException ended) {
            return false;
        }
    }

    /** Whether any of the processes still exists, zombies not counted. */
    boolean isAlive() {
        // A handle calls zombies alive; a later process with the same pid has another handle.
        return processes.stream()
                .anyMatch(
                        process ->
                                process.isAlive()
                                        && ProcessIdentity.current(process.pid()).isPresent());
    }
}
