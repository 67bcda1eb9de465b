package io.ponix.embedded.install;

import io.ponix.embedded.process.ClassArchive;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.JavaProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A jar of the build that runs by itself, as a process of a stack executes it: from a copy, since a
 * build replaces the jar itself, and the JVM that runs from it could load no further class; and
 * with its {@linkplain ClassArchive classes as the JVM has them in memory}.
 *
 * <p>The copy is beside the jar, and so is the archive. It is never changed: what another build has
 * made is another copy, in whose favour older ones are deleted. A JVM that runs from one of those
 * has it open, and is none the worse for it.
 */
public final class RunnableJar {

    private static final Logger LOG = LoggerFactory.getLogger(RunnableJar.class);

    private static final String REMEDY = "build it with mvn package";

    private final Supplier<Path> original;
    private final Path home;
    private final String process;

    /**
     * @param jar relative to the project's root
     * @param home the stack's folder
     * @param process the name of the process, of which there is one in that folder
     */
    public RunnableJar(String jar, Path home, String process) {
        this(() -> ProjectFiles.require(jar, REMEDY), home, process);
    }

    RunnableJar(Supplier<Path> original, Path home, String process) {
        this.original = original;
        this.home = home;
        this.process = process;
    }

    /**
     * The command that executes it.
     *
     * @param jvmOptions of the JVM
     * @throws EmbeddedProcessException where it is not built
     */
    public List<String> command(String... jvmOptions) throws IOException {
        Path copy = copy();
        List<String> command = new ArrayList<>(List.of(JavaProgram.path()));
        command.addAll(classArchiveOptions());
        command.addAll(List.of(jvmOptions));
        command.addAll(List.of("-jar", copy.toString()));
        return command;
    }

    /**
     * What the JVM is to be started with besides, where somebody else makes the command, with the
     * {@link #copy}.
     */
    public List<String> classArchiveOptions() throws IOException {
        return classArchive().options();
    }

    /** Keeps the archive that a process which has ended has written. */
    public void keepClassArchive() {
        try {
            classArchive().keep();
        } catch (IOException | EmbeddedProcessException e) {
            // The jar is gone, or another one: a build is at work.
            LOG.debug("The class archive of {} is not kept", process, e);
        }
    }

    private ClassArchive classArchive() throws IOException {
        Path copy = place(original.get());
        return new ClassArchive(
                List.of(copy),
                copy.getParent(),
                home.resolve("class-archives").resolve(process),
                process);
    }

    /** The copy of the jar as it is now. */
    public Path copy() throws IOException {
        Path jar = original.get();
        Path copy = place(jar);
        if (!Files.exists(copy)) {
            Files.createDirectories(copy.getParent());
            Path fresh =
                    Files.createTempFile(copy.getParent(), jar.getFileName().toString(), ".new");
            Files.copy(
                    jar,
                    fresh,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
            Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE);
            deleteOthers(copy.getParent());
        }
        return copy;
    }

    private static Path place(Path jar) throws IOException {
        String version =
                Long.toHexString(Files.size(jar))
                        + "-"
                        + Long.toHexString(Files.getLastModifiedTime(jar).toMillis());
        return jar.resolveSibling("programs").resolve(version).resolve(jar.getFileName());
    }

    private static void deleteOthers(Path current) {
        try (Stream<Path> versions = Files.list(current.getParent())) {
            for (Path version : versions.filter(each -> !each.equals(current)).toList()) {
                try (Stream<Path> files = Files.walk(version)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("What earlier builds left beside {} is not deleted", current, e);
        }
    }
}
