package io.ponix.embedded.mqtt;

import io.ponix.embedded.install.UnpackedPackage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds mosquitto: on the PATH, else in the cache, else by downloading Debian's package into the
 * cache, which needs no privileges and changes nothing in the system.
 *
 * @param program the executable
 * @param environment what has to be set for it
 */
record MosquittoProgram(Path program, Map<String, String> environment) {

    private static final String PROGRAM = "usr/sbin/mosquitto";

    /** Where Debian puts it is not on an ordinary user's PATH. */
    static MosquittoProgram locate(Path cache, Consumer<String> progress) throws IOException {
        Optional<MosquittoProgram> installed =
                Stream.concat(
                                Stream.of(
                                        System.getenv()
                                                .getOrDefault("PATH", "")
                                                .split(File.pathSeparator)),
                                Stream.of("/usr/sbin", "/usr/local/sbin"))
                        .filter(folder -> !folder.isEmpty())
                        .map(folder -> Path.of(folder, "mosquitto"))
                        .filter(Files::isExecutable)
                        .map(program -> new MosquittoProgram(program, Map.of()))
                        .findFirst();
        return installed.isPresent() ? installed.get() : fromCache(cache, progress);
    }

    /** The cached program; downloads it where it is missing. */
    static MosquittoProgram fromCache(Path cache, Consumer<String> progress) throws IOException {
        UnpackedPackage mosquitto =
                UnpackedPackage.locate(
                        cache,
                        "mosquitto",
                        PROGRAM,
                        progress,
                        "mosquitto is neither on the PATH nor to be had with apt-get: install it"
                                + " (Debian: apt-get install mosquitto)");
        return new MosquittoProgram(mosquitto.file(PROGRAM), mosquitto.environment());
    }
}
