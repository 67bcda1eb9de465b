package io.ponix.embedded.install;

import io.ponix.embedded.process.CommandRunner;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.FileLock;
import io.ponix.embedded.process.Folders;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds a browser for tests of web pages: Chromium or Chrome on the PATH, else in the cache, else
 * Debian's package with what it needs and the system lacks, unpacked into the cache.
 *
 * @param program the executable
 * @param environment what has to be set for it
 */
public record ChromiumProgram(Path program, Map<String, String> environment) {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");

    /** What {@code apt-get --simulate install} says of a package that it would install. */
    private static final Pattern INSTALLED = Pattern.compile("(?m)^Inst (\\S+)");

    /**
     * Finds it; downloads it where it is missing (115 MB).
     *
     * @param progress told what happens, if that takes longer
     * @throws EmbeddedProcessException if there is none and it is not to be had; the message says
     *     what to install
     */
    public static ChromiumProgram locate(Consumer<String> progress) {
        Optional<ChromiumProgram> installed =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .filter(folder -> !folder.isEmpty())
                        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                        .filter(Files::isExecutable)
                        .map(program -> new ChromiumProgram(program, Map.of()))
                        .findFirst();
        try {
            return installed.isPresent()
                    ? installed.get()
                    : fromCache(CacheDirectory.resolve(), progress);
        } catch (IOException e) {
            throw new EmbeddedProcessException("Cannot unpack Chromium: " + e, e);
        }
    }

    private static ChromiumProgram fromCache(Path cache, Consumer<String> progress)
            throws IOException {
        Path folder = cache.resolve("chromium");
        Path program = folder.resolve("usr/lib/chromium/chromium");
        if (!Files.isExecutable(program)) {
            Files.createDirectories(cache);
            FileLock.<IOException>holding(
                    cache.resolve("chromium.lock"),
                    () -> {
                        if (!Files.isExecutable(program)) {
                            progress.accept(
                                    "installing Chromium (Debian packages, 115 MB) into " + folder);
                            install(cache, folder);
                        }
                    });
        }
        Path libraries = folder.resolve("usr/lib/x86_64-linux-gnu");
        return new ChromiumProgram(
                program,
                Map.of("LD_LIBRARY_PATH", libraries + ":" + libraries.resolve("pulseaudio")));
    }

    private static void install(Path cache, Path folder) throws IOException {
        Path work = Files.createTempDirectory(cache, "chromium-");
        try {
            AptGet apt = new AptGet(work);
            CommandRunner.Result simulation = apt.simulateInstall("chromium");
            require(simulation);
            List<String> missing =
                    INSTALLED
                            .matcher(simulation.output())
                            .results()
                            .map(MatchResult::group)
                            .map(line -> line.substring("Inst ".length()))
                            .toList();
            require(apt.download(missing));
            Path unpacked = work.resolve("unpacked");
            require(apt.unpackInto(unpacked));
            // Only a complete installation gets the final name. What is there without a program is
            // a leftover.
            Folders.delete(folder);
            Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(work);
        }
    }

    private static void require(CommandRunner.Result result) {
        if (!result.succeeded()) {
            throw new EmbeddedProcessException(
                    "No Chromium on the PATH, and it is not to be had with apt-get: install it"
                            + " (Debian: apt-get install chromium)\n"
                            + result.output().strip().indent(2).stripTrailing());
        }
    }
}
