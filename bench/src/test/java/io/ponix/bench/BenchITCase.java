package io.ponix.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small run of the packaged benchmark, in a process of its own, as a person starts it. */
class BenchITCase {

    private static final int ENVELOPES = 20_000;
    private static final int RATE = 500;
    private static final int SECONDS = 3;

    @TempDir private static Path folder;

    @Test
    void aSmallRunMeasuresEverythingAndLosesNothing() throws Exception {
        File output = folder.resolve("output").toFile();
        File errors = folder.resolve("errors").toFile();
        Path home = folder.resolve("home");
        ProcessBuilder builder = new ProcessBuilder(command(home));
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("PONIX_") && !name.equals("PONIX_CACHE_DIR"));
        Process process = builder.redirectOutput(output).redirectError(errors).start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ended").isTrue();
        } finally {
            process.destroy();
        }
        assertThat(process.exitValue()).as(Files.readString(errors.toPath())).isZero();

        JsonNode result = new ObjectMapper().readTree(output);
        for (String drained : List.of("job", "bareLoop")) {
            JsonNode drain = result.path(drained);
            assertThat(drain.path("envelopes").asInt()).isEqualTo(ENVELOPES);
            assertThat(drain.path("secondsToFirstRow").asDouble()).isPositive();
            for (String server : List.of("NATS", "ClickHouse", "Postgres", "the device service")) {
                assertThat(drain.path("cpuMicrosInAll").has(server)).as(server).isTrue();
            }
            assertThat(drain.path("cpuMicrosInAll").path("ClickHouse").asDouble()).isPositive();
            assertThat(drain.path("cpuMicrosInAll").path("NATS").asDouble()).isPositive();
        }
        JsonNode job = result.path("job").path("cpuMicrosInAll");
        assertThat(job.path("Flink TaskManager 1").asDouble()).isPositive();
        assertThat(job.path("Flink JobManager").asDouble()).isPositive();
        assertThat(result.path("bareLoop").path("cpuMicrosInAll").path("bare loop").asDouble())
                .isPositive();

        JsonNode steady = result.path("steady");
        assertThat(steady.path("publishedPerSecond").asDouble()).isPositive();
        assertThat(steady.path("freshnessP50").asDouble()).isPositive();
        assertThat(steady.path("freshnessP99").asDouble())
                .isGreaterThanOrEqualTo(steady.path("freshnessP50").asDouble());
        assertThat(steady.path("checkpoints").path("count").asInt()).isPositive();
        assertThat(steady.path("checkpoints").path("bytesP50").asLong()).isPositive();
        assertThat(steady.path("secondsToFirstRowAfterKill").asDouble()).isPositive();

        JsonNode account = result.path("account");
        assertThat(account.path("published").asInt()).isGreaterThan(ENVELOPES);
        assertThat(account.path("rows")).isEqualTo(account.path("published"));
        assertThat(account.path("unique")).isEqualTo(account.path("published"));
        assertThat(home.resolve("stack")).as("the run's data").doesNotExist();
    }

    private static List<String> command(Path home) {
        String root = System.getProperty("ponix.root");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dponix.root=" + root);
        command.add("-jar");
        command.add(Path.of(root, "bench/target/ponix-bench.jar").toString());
        command.addAll(List.of("--envelopes", Integer.toString(ENVELOPES), "--devices", "20"));
        command.addAll(
                List.of("--rate", Integer.toString(RATE), "--seconds", Integer.toString(SECONDS)));
        command.addAll(List.of("--json", "--home", home.toString()));
        return command;
    }
}
