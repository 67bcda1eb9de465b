package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Start, stop and what survives them. */
class ServerLifecycleITCase {

    @TempDir Path home;

    @Test
    void keepsDataOverStopAndKill() throws Exception {
        try (ServerProcess first = ServerProcess.start(home)) {
            first.query("CREATE TABLE kept (id UInt32) ENGINE = MergeTree ORDER BY id");
            first.query("INSERT INTO kept FORMAT TSV 1");
            assertThat(first.terminate()).isZero();
            assertThat(first.log()).contains("Stopped").doesNotContain(ServerProcess.PASSWORD);
        }
        try (ServerProcess second = ServerProcess.start(home)) {
            assertThat(second.query("SELECT groupArray(id) FROM kept")).isEqualTo("[1]");
            second.query("INSERT INTO kept FORMAT TSV 2");
            second.kill();
        }
        try (ServerProcess third = ServerProcess.start(home)) {
            assertThat(third.query("SELECT groupArray(id) FROM (SELECT id FROM kept ORDER BY id)"))
                    .isEqualTo("[1,2]");
            secondServerOnTheSameDataIsRefused();
            secondServerOnTheSamePortIsRefused(third.port());
            assertThat(third.query("SELECT count() FROM kept")).isEqualTo("2");
        }
    }

    private void secondServerOnTheSameDataIsRefused() throws Exception {
        Path other = Files.createDirectory(home.resolve("same-data"));
        Process process =
                ServerProcess.launch(
                        other, ServerProcess.builder(other).dataDirectory(home.resolve("data")));
        assertThat(exitMessage(other, process)).contains("in use by another", "--data-dir");
    }

    private void secondServerOnTheSamePortIsRefused(int port) throws Exception {
        Path other = Files.createDirectory(home.resolve("same-port"));
        Process process = ServerProcess.launch(other, ServerProcess.builder(other).port(port));
        assertThat(exitMessage(other, process))
                .contains("Cannot listen on 127.0.0.1:" + port, "--port");
    }

    private static String exitMessage(Path directory, Process process) throws Exception {
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            return Files.readString(directory.resolve("log"));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void finishesRequestsUnderWayOnTerm() throws Exception {
        try (ServerProcess server = ServerProcess.start(home)) {
            CompletableFuture<String> slow =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return server.query("SELECT 'slow', sleep(2)");
                                } catch (IOException | InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            Awaitility.await()
                    .until(
                            () ->
                                    server.query(
                                                    "SELECT count() FROM system.processes WHERE"
                                                            + " query LIKE '%slow%sleep(2)%' AND"
                                                            + " query NOT LIKE '%processes%'")
                                            .equals("1"));
            assertThat(server.terminate()).isZero();
            assertThat(slow.get(10, TimeUnit.SECONDS)).isEqualTo("slow\t0");
        }
    }

    @Test
    void preloadsTheSignalLibraryItself() throws Exception {
        ClickHouseServerCommand command = ServerProcess.builder(home).build();
        ProcessBuilder builder = command.toProcessBuilder();
        builder.environment().remove("LD_PRELOAD");
        Process process =
                builder.redirectErrorStream(true)
                        .redirectOutput(home.resolve("log").toFile())
                        .start();
        try {
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() -> Files.exists(home.resolve("port")));
            assertThat(Files.readString(Path.of("/proc", "" + process.pid(), "maps")))
                    .contains("/libjsig.so", "/libchdb.so");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void namesTheOptionThatIsMissing() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-jar",
                                System.getProperty("ponix.root")
                                        + "/"
                                        + ClickHouseServerCommand.JAR)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(output).contains("--data-dir");
    }
}
