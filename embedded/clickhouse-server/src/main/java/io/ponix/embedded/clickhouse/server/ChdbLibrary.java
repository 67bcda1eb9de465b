package io.ponix.embedded.clickhouse.server;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The native library that holds the ClickHouse engine: an npm package, kept in a cache directory
 * and installed there on first use.
 *
 * <p>The cache directory is the environment's {@code PONIX_CACHE_DIR}, else {@code .ponix/cache}
 * below the system property {@code ponix.root}. An installation appears in it whole or not at all:
 * one that is killed, or two at once, do no harm.
 */
public final class ChdbLibrary {

    /** The npm package. */
    public static final String PACKAGE = "@chdb/lib-linux-x64-gnu";

    /**
     * The package's version, ClickHouse 26.7; npm installs it by the lockfile, which has its hash.
     */
    public static final String VERSION = "26.7.3-stable.1";

    private static final String LIBRARY_IN_PACKAGE =
            "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so";
    private static final String PREFIX_OF_UNFINISHED = "installing-";
    private static final long PROGRESS_INTERVAL_SECONDS = 5;

    private static final String OTHER_WAY =
            " Or use a ClickHouse server of your own: set PONIX_CLICKHOUSE_URL to its address.";

    private final Path cacheDirectory;
    private final String npm;

    private ChdbLibrary(Path cacheDirectory, String npm) {
        this.cacheDirectory = cacheDirectory;
        this.npm = npm;
    }

    /** The library in the cache directory that the environment names. */
    public static ChdbLibrary ofEnvironment() throws IOException {
        String directory = System.getenv("PONIX_CACHE_DIR");
        if (directory != null && !directory.isBlank()) {
            return in(Path.of(directory));
        }
        String root = System.getProperty("ponix.root");
        if (root == null || root.isBlank()) {
            throw new IOException(
                    "It is not known where the ClickHouse library is kept: set the environment"
                            + " variable PONIX_CACHE_DIR, or the system property ponix.root to the"
                            + " folder of the ponix script.");
        }
        return in(Path.of(root, ".ponix", "cache"));
    }

    /** The library in a cache directory. */
    public static ChdbLibrary in(Path cacheDirectory) {
        return new ChdbLibrary(cacheDirectory, "npm");
    }

    /** The same with another npm program. */
    ChdbLibrary withNpm(String program) {
        return new ChdbLibrary(cacheDirectory, program);
    }

    /** Where the library is, once it is installed. */
    public Path path() {
        return installation().resolve(LIBRARY_IN_PACKAGE).toAbsolutePath();
    }

    /** Whether the library is installed. */
    public boolean isInstalled() {
        return Files.isRegularFile(path());
    }

    /**
     * Installs the library where it is not yet, by npm, saying so on standard error.
     *
     * @return the path of the library
     * @throws IOException when this machine cannot run the library, npm is missing or fails; the
     *     message says what to do
     */
    public Path install() throws IOException, InterruptedException {
        requirePlatform(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2")));
        if (isInstalled()) {
            return path();
        }
        Path directory = Files.createDirectories(installation().getParent());
        try (FileChannel channel =
                        FileChannel.open(
                                directory.resolve("install.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            // Another process may have installed it while this one waited for the lock.
            if (!isInstalled() && lock.isValid()) {
                deleteUnfinished(directory);
                Path unfinished = Files.createTempDirectory(directory, PREFIX_OF_UNFINISHED);
                try {
                    runNpm(unfinished);
                    moveIntoPlace(unfinished);
                } finally {
                    delete(unfinished);
                }
            }
        }
        return path();
    }

    static void requirePlatform(String system, String architecture, boolean glibc)
            throws IOException {
        if (!system.equals("Linux") || !architecture.equals("amd64") || !glibc) {
            throw new IOException(
                    "The embedded ClickHouse runs on Linux x86-64 with glibc, this is "
                            + system
                            + " "
                            + architecture
                            + (system.equals("Linux") && !glibc ? " without glibc" : "")
                            + ". Use a ClickHouse server of your own: set PONIX_CLICKHOUSE_URL to"
                            + " its address.");
        }
    }

    private Path installation() {
        return cacheDirectory.resolve("chdb").resolve(VERSION);
    }

    private void runNpm(Path target) throws IOException, InterruptedException {
        System.err.println(
                "Installing the ClickHouse engine, once (" + PACKAGE + " " + VERSION + ") …");
        for (String file : List.of("package.json", "package-lock.json")) {
            try (InputStream resource = ChdbLibrary.class.getResourceAsStream(file)) {
                Files.copy(resource, target.resolve(file));
            }
        }
        Path log = target.resolve("npm.log");
        ProcessBuilder builder =
                new ProcessBuilder(
                                npm,
                                "ci",
                                "--prefix",
                                target.toString(),
                                "--ignore-scripts",
                                "--no-audit",
                                "--no-fund",
                                "--no-update-notifier",
                                "--loglevel=error")
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .redirectOutput(log.toFile());
        // The library that is preloaded into a server's JVM has no business in npm's.
        builder.environment().remove("LD_PRELOAD");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IOException(
                    "The ClickHouse engine is an npm package, and npm is not installed: install"
                            + " Node.js with npm (Debian: apt-get install npm) and start again."
                            + OTHER_WAY,
                    e);
        }
        try {
            long start = System.nanoTime();
            while (!process.waitFor(PROGRESS_INTERVAL_SECONDS, TimeUnit.SECONDS)) {
                System.err.println(
                        "  … " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s");
            }
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0 || !Files.exists(target.resolve(LIBRARY_IN_PACKAGE))) {
            throw new IOException(
                    "npm could not install "
                            + PACKAGE
                            + "@"
                            + VERSION
                            + " (exit code "
                            + process.exitValue()
                            + "): "
                            + lastLines(log)
                            + OTHER_WAY);
        }
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()))
                + "\n";
    }

    private void moveIntoPlace(Path unfinished) throws IOException {
        Path target = installation();
        // What stands there has no library in it, or it would be used.
        delete(target);
        try {
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("Cannot rename " + unfinished + " to " + target, e);
        }
    }

    /** Under the lock, no installation is under way: what looks like one was killed. */
    private static void deleteUnfinished(Path directory) throws IOException {
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(directory, PREFIX_OF_UNFINISHED + "*")) {
            for (Path path : left) {
                delete(path);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
