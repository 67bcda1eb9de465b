package io.ponix.embedded.nats;

import io.ponix.embedded.install.AptGet;
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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds nats-server: on the PATH, else in the cache, else by downloading Debian's package into the
 * cache, which needs no privileges and changes nothing in the system.
 */
final class NatsServerProgram {

    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\.(\\d+)");

    /**
     * The oldest version tried: subject mappings with partition() and JetStream as the connectors
     * use it.
     */
    private static final int[] MINIMUM_VERSION = {2, 9, 10};

    // Where Debian puts it, and what an ordinary user's PATH lacks.
    private static final List<String> SYSTEM_FOLDERS =
            List.of("/usr/sbin", "/usr/local/sbin", "/usr/local/bin");

    private NatsServerProgram() {}

    static Path locate(Path cache, Consumer<String> progress) throws IOException {
        String path = System.getenv().getOrDefault("PATH", "");
        Stream<String> folders =
                Stream.concat(Stream.of(path.split(File.pathSeparator)), SYSTEM_FOLDERS.stream());
        Optional<Path> installed =
                folders.filter(folder -> !folder.isEmpty())
                        .map(folder -> Path.of(folder, "nats-server"))
                        .filter(NatsServerProgram::isUsable)
                        .findFirst();
        if (installed.isPresent()) {
            return installed.get();
        }
        return fromCache(cache, progress);
    }

    /** The cached program; downloads it where it is missing. */
    static Path fromCache(Path cache, Consumer<String> progress) throws IOException {
        Path folder = cache.resolve("nats-server");
        Path program = folder.resolve("usr/sbin/nats-server");
        if (Files.isExecutable(program)) {
            return program;
        }
        FileLock.<IOException>holding(
                cache.resolve("nats-server.lock"),
                () -> {
                    if (!Files.isExecutable(program)) {
                        progress.accept("installing nats-server (Debian package) into " + folder);
                        install(cache, folder);
                    }
                });
        if (!isUsable(program)) {
            throw new EmbeddedProcessException(
                    "The nats-server that Debian's package installed at "
                            + program
                            + " does not run or is older than 2.9.10. "
                            + remedy());
        }
        return program;
    }

    private static void install(Path cache, Path folder) throws IOException {
        Path work = Files.createTempDirectory(cache, "nats-server-");
        try {
            AptGet apt = new AptGet(work);
            CommandRunner.Result download = apt.download(List.of("nats-server"));
            if (!download.succeeded()) {
                throw new EmbeddedProcessException(
                        "nats-server is neither on the PATH nor to be had with apt-get. "
                                + remedy()
                                + "\n"
                                + download.output().strip().indent(2).stripTrailing());
            }
            Path unpacked = work.resolve("unpacked");
            CommandRunner.Result unpack = apt.unpackInto(unpacked);
            if (!unpack.succeeded()) {
                throw new EmbeddedProcessException(
                        "Cannot unpack nats-server's Debian package: "
                                + unpack.output().strip()
                                + "\n"
                                + remedy());
            }
            // Only a complete installation gets the final name. What is there without a program is
            // a leftover.
            Folders.delete(folder);
            Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(work);
        }
    }

    private static boolean isUsable(Path program) {
        if (!Files.isExecutable(program)) {
            return false;
        }
        CommandRunner.Result result =
                CommandRunner.run(Path.of("/"), List.of(program.toString(), "--version"));
        Matcher version = VERSION.matcher(result.output());
        if (!result.succeeded() || !version.find()) {
            return false;
        }
        for (int i = 0; i < MINIMUM_VERSION.length; i++) {
            int difference =
                    Integer.compare(Integer.parseInt(version.group(i + 1)), MINIMUM_VERSION[i]);
            if (difference != 0) {
                return difference > 0;
            }
        }
        return true;
    }

    private static String remedy() {
        return "Install nats-server 2.9.10 or newer (apt install nats-server) or point"
                + " PONIX_NATS_URL at a server that runs.";
    }
}
