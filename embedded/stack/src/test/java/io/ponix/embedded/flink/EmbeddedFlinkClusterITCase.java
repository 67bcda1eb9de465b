package io.ponix.embedded.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.HttpProbe;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlinkClusterITCase {

    @TempDir Path home;

    @Test
    void processesAreKilledAndRestartedOneByOne() throws Exception {
        try (EmbeddedFlinkCluster cluster =
                EmbeddedFlinkCluster.builder()
                        .home(home)
                        .taskManagers(2)
                        .taskManagerMemory("1536m")
                        // After which the successor of a killed JobManager serves.
                        .configuration("high-availability.zookeeper.client.session-timeout", "5 s")
                        .build()) {
            cluster.start();
            assertThat(HttpProbe.get(cluster.restUrl() + "/overview"))
                    .contains("\"taskmanagers\":2", "\"slots-total\":4");

            FlinkCommandResult list = cluster.flink("list");
            assertThat(list.output()).contains("No running jobs.");
            assertThat(list.exitCode()).isZero();

            FlinkCommandResult run = cluster.flink("run", "missing.jar");
            assertThat(run.output()).contains("JAR file does not exist: missing.jar");
            assertThat(run.exitCode()).isNotZero();

            cluster.taskManager(1).kill();
            assertThat(cluster.taskManager(1).isRunning()).isFalse();
            assertThat(cluster.taskManager(2).isRunning()).isTrue();
            cluster.taskManager(1).start();
            assertThat(cluster.taskManager(1).isHealthy()).isTrue();

            String url = cluster.restUrl();
            cluster.zooKeeper().kill();
            cluster.jobManager().kill();
            cluster.start();
            assertThat(cluster.restUrl()).isEqualTo(url);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () ->
                                    assertThat(HttpProbe.get(url + "/overview"))
                                            .contains("\"taskmanagers\":2"));

            // One that knows only the folder has both, and stops both.
            cluster.taskManager(1).kill();
            EmbeddedFlinkCluster found = EmbeddedFlinkCluster.builder().home(home).build();
            assertThat(found.taskManagerCount()).isEqualTo(2);
            found.stop();
            assertThat(cluster.processes()).noneMatch(EmbeddedProcess::isRunning);
            assertThat(EmbeddedFlinkCluster.builder().home(home).build().taskManagerCount())
                    .isEqualTo(1);
        }
    }

    @Test
    void aPortInUseIsNamedAndNoTaskManagerIsLeftWaiting() throws Exception {
        try (ServerSocket occupant = new ServerSocket(0);
                EmbeddedFlinkCluster cluster =
                        EmbeddedFlinkCluster.builder()
                                .home(home)
                                .port(occupant.getLocalPort())
                                .build()) {
            assertThatThrownBy(cluster::start)
                    .isInstanceOf(EmbeddedProcessException.class)
                    .hasMessageContaining(
                            "Port " + occupant.getLocalPort() + " for Flink JobManager")
                    .hasMessageContaining("--dashboard-port");
            assertThat(cluster.processes()).noneMatch(EmbeddedProcess::isRunning);
        }
    }

    @Test
    void withoutAClusterTheClientSaysToStartOne() {
        try (EmbeddedFlinkCluster cluster = EmbeddedFlinkCluster.builder().home(home).build()) {
            assertThatThrownBy(() -> cluster.flink("list"))
                    .hasMessageContaining("There is no Flink cluster in " + home);
        }
    }
}
