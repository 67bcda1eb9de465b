package io.ponix.embedded.install;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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

    private static final String PROGRAM = "usr/lib/chromium/chromium";

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
        UnpackedPackage chromium =
                UnpackedPackage.locate(
                        cache,
                        "chromium",
                        PROGRAM,
                        progress,
                        "No Chromium on the PATH, and it is not to be had with apt-get: install it"
                                + " (Debian: apt-get install chromium)");
        return new ChromiumProgram(chromium.file(PROGRAM), chromium.environment("pulseaudio"));
    }
}
