package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installer, with a program in npm's place that counts its runs. */
class ChdbLibraryTest {

    @TempDir Path directory;
    private Path cache;
    private Path runs;

    @BeforeEach
    void makeCache() {
        cache = directory.resolve("cache");
        runs = directory.resolve("runs");
    }

    @Test
    void installsOnceAndInWhole() throws Exception {
        ChdbLibrary library = ChdbLibrary.in(cache).withNpm(npm(INSTALLS));
        assertThat(library.isInstalled()).isFalse();
        assertThat(library.install()).isEqualTo(library.path()).hasContent("library");
        assertThat(library.isInstalled()).isTrue();
        library.install();
        assertThat(runs).hasContent("run");
        assertThat(filesInCache()).containsExactlyInAnyOrder(ChdbLibrary.VERSION, "install.lock");
    }

    @Test
    void installsOnceWhenTwoDoSoAtOnce() throws Exception {
        String npm = npm(INSTALLS);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            // Each in a JVM of its own, as two starts are: file locks are the process's.
            Callable<Integer> start =
                    () ->
                            new ProcessBuilder(
                                            Path.of(System.getProperty("java.home"), "bin", "java")
                                                    .toString(),
                                            "-cp",
                                            System.getProperty("java.class.path"),
                                            Installer.class.getName(),
                                            cache.toString(),
                                            npm)
                                    .inheritIO()
                                    .start()
                                    .waitFor();
            for (Future<Integer> exit : threads.invokeAll(List.of(start, start))) {
                assertThat(exit.get()).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(runs).hasContent("run");
        assertThat(ChdbLibrary.in(cache).isInstalled()).isTrue();
    }

    /** One of two processes that install. */
    static final class Installer {

        private Installer() {}

        public static void main(String[] arguments) throws Exception {
            ChdbLibrary.in(Path.of(arguments[0])).withNpm(arguments[1]).install();
        }
    }

    @Test
    void installsOverWhatAKilledInstallationLeft() throws Exception {
        Path left = cache.resolve("chdb").resolve("installing-123").resolve("node_modules");
        Files.createDirectories(left);
        Files.writeString(left.resolve("half"), "half");
        // An empty folder of the version, without the library.
        Files.createDirectories(cache.resolve("chdb").resolve(ChdbLibrary.VERSION));
        ChdbLibrary.in(cache).withNpm(npm(INSTALLS)).install();
        assertThat(filesInCache()).containsExactlyInAnyOrder(ChdbLibrary.VERSION, "install.lock");
    }

    @Test
    void saysWhatNpmSaysWhenItFailsAndLeavesNothing() throws Exception {
        ChdbLibrary library =
                ChdbLibrary.in(cache).withNpm(npm("echo 'npm error: no network' >&2; exit 7"));
        assertThatThrownBy(library::install)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no network")
                .hasMessageContaining("exit code 7")
                .hasMessageContaining("PONIX_CLICKHOUSE_URL");
        assertThat(filesInCache()).containsExactly("install.lock");
    }

    @Test
    void saysWhatToInstallWithoutNpm() {
        ChdbLibrary library = ChdbLibrary.in(cache).withNpm("no-such-program-as-npm");
        assertThatThrownBy(library::install)
                .hasMessageContaining("apt-get install npm")
                .hasMessageContaining("PONIX_CLICKHOUSE_URL");
    }

    @Test
    void saysWhereItDoesNotRun() throws Exception {
        ChdbLibrary.requirePlatform("Linux", "amd64", true);
        assertThatThrownBy(() -> ChdbLibrary.requirePlatform("Mac OS X", "aarch64", false))
                .hasMessageContaining("Mac OS X aarch64")
                .hasMessageContaining("PONIX_CLICKHOUSE_URL");
        assertThatThrownBy(() -> ChdbLibrary.requirePlatform("Linux", "aarch64", false))
                .hasMessageContaining("aarch64");
        assertThatThrownBy(() -> ChdbLibrary.requirePlatform("Linux", "amd64", false))
                .hasMessageContaining("without glibc");
    }

    @Test
    void installsWhatTheLockfileHasTheHashOf() throws Exception {
        ChdbLibrary.in(cache).withNpm(npm(INSTALLS)).install();
        Path installed = cache.resolve("chdb").resolve(ChdbLibrary.VERSION);
        assertThat(installed.resolve("package.json"))
                .content()
                .contains("\"" + ChdbLibrary.PACKAGE + "\": \"" + ChdbLibrary.VERSION + "\"");
        assertThat(installed.resolve("package-lock.json"))
                .content()
                .containsPattern(
                        "\"node_modules/"
                                + ChdbLibrary.PACKAGE
                                + "\": \\{\\s*\"version\": \""
                                + ChdbLibrary.VERSION
                                + "\",\\s*\"integrity\": \"sha512-");
    }

    private static final String INSTALLS =
            "mkdir -p \"$3/node_modules/@chdb/lib-linux-x64-gnu\"\n"
                    + "printf library > \"$3/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so\"";

    /** A program that is called as npm is: ci --prefix directory …. */
    private String npm(String script) throws IOException {
        Path program = directory.resolve("npm");
        Files.writeString(
                program,
                "#!/bin/sh\nprintf run >> '"
                        + runs
                        + "'\n[ \"$1 $2\" = 'ci --prefix' ] || exit 1\n"
                        + script
                        + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program.toString();
    }

    private Stream<String> filesInCache() throws IOException {
        try (Stream<Path> files = Files.list(cache.resolve("chdb"))) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }
}
