package io.ponix.embedded.install;

import io.ponix.embedded.process.CommandRunner;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.FileLock;
import io.ponix.embedded.process.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A Debian package, with what it needs and the system lacks, unpacked into a folder of the cache.
 */
public final class UnpackedPackage {

    /** What {@code apt-get --simulate install} says of a package that it would install. */
    private static final Pattern INSTALLED = Pattern.compile("(?m)^Inst (\\S+)");

    private final Path folder;

    private UnpackedPackage(Path folder) {
        this.folder = folder;
    }

    /**
     * Finds it in the cache; downloads it where it is missing.
     *
     * @param name the package's
     * @param program the file of it that shows that it is there, relative to the system's root
     * @param progress told what happens, if that takes longer
     * @param remedy what a person can do where it is not to be had
     * @throws EmbeddedProcessException if it is not to be had; the message ends with what apt-get
     *     says
     */
    public static UnpackedPackage locate(
            Path cache, String name, String program, Consumer<String> progress, String remedy)
            throws IOException {
        Path folder = cache.resolve(name);
        if (!Files.isExecutable(folder.resolve(program))) {
            Files.createDirectories(cache);
            FileLock.<IOException>holding(
                    cache.resolve(name + ".lock"),
                    () -> {
                        if (!Files.isExecutable(folder.resolve(program))) {
                            progress.accept(
                                    "installing " + name + " (Debian packages) into " + folder);
                            install(cache, folder, name, remedy);
                        }
                    });
        }
        return new UnpackedPackage(folder);
    }

    private static void install(Path cache, Path folder, String name, String remedy)
            throws IOException {
        Path work = Files.createTempDirectory(cache, name + "-");
        try {
            AptGet apt = new AptGet(work);
            CommandRunner.Result simulation = apt.simulateInstall(name);
            require(simulation, remedy);
            List<String> missing =
                    INSTALLED
                            .matcher(simulation.output())
                            .results()
                            .map(MatchResult::group)
                            .map(line -> line.substring("Inst ".length()))
                            .toList();
            require(apt.download(missing), remedy);
            Path unpacked = work.resolve("unpacked");
            require(apt.unpackInto(unpacked), remedy);
            // Only a complete installation gets the final name. What is there without a program is
            // a leftover.
            Folders.delete(folder);
            Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(work);
        }
    }

    private static void require(CommandRunner.Result result, String remedy) {
        if (!result.succeeded()) {
            throw new EmbeddedProcessException(
                    remedy + "\n" + result.output().strip().indent(2).stripTrailing());
        }
    }

    /** A file of the package. */
    public Path file(String relativeToRoot) {
        return folder.resolve(relativeToRoot);
    }

    /**
     * What has to be set for its programs to find their libraries.
     *
     * @param subfolders further folders, below that of the libraries
     */
    public Map<String, String> environment(String... subfolders) {
        Path libraries = folder.resolve("usr/lib/x86_64-linux-gnu");
        StringBuilder path = new StringBuilder(libraries.toString());
        for (String each : subfolders) {
            path.append(':').append(libraries.resolve(each));
        }
        return Map.of("LD_LIBRARY_PATH", path.toString());
    }
}
