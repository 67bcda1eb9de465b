package io.ponix.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackITCase {

    @TempDir Path home;

    @Test
    void everythingStartsAtOnceAndStopsAtOnce() {
        List<String> progress = new CopyOnWriteArrayList<>();
        EmbeddedStack.Builder builder = EmbeddedStack.builder().home(home).progress(progress::add);
        builder.nats().partitions(4);
        EmbeddedStack stack = builder.build();
        try (stack) {
            stack.start();

            // One may be slow to answer while the others still use all of the machine.
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(
                            () ->
                                    assertThat(stack.processes())
                                            .allMatch(EmbeddedProcess::isHealthy));
            assertThat(stack.processes())
                    .extracting(EmbeddedProcess::name)
                    .containsExactly(
                            "nats",
                            "postgres",
                            "clickhouse",
                            "zookeeper",
                            "jobmanager",
                            "taskmanager-1");
            assertThat(progress)
                    .contains(
                            "starting NATS on port " + stack.nats().port(),
                            "starting Postgres on port " + stack.postgres().port(),
                            "starting ClickHouse on port " + stack.clickHouse().port(),
                            "starting Flink JobManager on port "
                                    + stack.flink().jobManager().port(),
                            "starting Flink TaskManager 1");
            assertThat(stack.nats().partitions()).isEqualTo(4);
        }
        assertThat(stack.processes()).noneMatch(EmbeddedProcess::isRunning);
    }
}
