package io.ponix.embedded;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A process and its descendants, as they were at one moment. */
final class ProcessTree {

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
