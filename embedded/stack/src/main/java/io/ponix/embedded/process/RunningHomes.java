package io.ponix.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The homes in which processes of a stack run on this machine now, whichever JVM and checkout
 * started them.
 *
 * <p>They are found by the processes themselves: each works in a folder below its home and is named
 * by a pid file there. Nothing is kept that could be out of date, and a home that was deleted under
 * its processes is not found. Processes of other users are not looked at.
 */
public final class RunningHomes {

    private static final String PID_FILE = ".pid";

    private RunningHomes() {}

    /** The homes with at least one running process, in the order of their names. */
    public static SortedSet<Path> find() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> of(process.pid()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The home whose process has this pid, or is an ancestor of what has it. */
    static Optional<Path> of(long pid) {
        Path folder;
        try {
            folder = Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd"));
        } catch (IOException goneOrForeign) {
            return Optional.empty();
        }
        Set<Long> lineage = null;
        for (; folder != null; folder = folder.getParent()) {
            if (!Files.isDirectory(folder.resolve("run"))) {
                continue;
            }
            if (lineage == null) {
                lineage = lineage(pid);
            }
            if (pidsIn(folder).anyMatch(lineage::contains)) {
                return Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    private static Set<Long> lineage(long pid) {
        Set<Long> lineage = new HashSet<>();
        for (Optional<ProcessHandle> process = ProcessHandle.of(pid);
                process.isPresent();
                process = process.get().parent()) {
            lineage.add(process.get().pid());
        }
        return lineage;
    }

    /** The pids of the home's processes that run. */
    private static Stream<Long> pidsIn(Path home) {
        try (Stream<Path> files = Files.list(home.resolve("run"))) {
            return files
                    .filter(file -> file.toString().endsWith(PID_FILE))
                    .flatMap(file -> new PidFile(file).running().stream())
                    .map(content -> content.identity().pid())
                    .toList()
                    .stream();
        } catch (IOException | UncheckedIOException goneOrForeign) {
            return Stream.empty();
        }
    }
}
