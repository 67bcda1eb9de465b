package io.ponix.embedded.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperITCase {

    private static final String QUESTION = "Processing srvr command";
    private static final String LOADED = "Snapshotting: ";

    @TempDir Path home;

    /** It would log a NullPointerException for a question that comes before its data is loaded. */
    @Test
    void nobodyAsksBeforeItHasLoadedItsData() throws Exception {
        try (EmbeddedFlinkCluster cluster = EmbeddedFlinkCluster.builder().home(home).build()) {
            EmbeddedProcess zooKeeper = cluster.zooKeeper();
            assertThat(logOfAStart(zooKeeper)).satisfies(this::isNormal);
            zooKeeper.stop();
            assertThat(logOfAStart(zooKeeper)).satisfies(this::isNormal);
            zooKeeper.kill();
            assertThat(logOfAStart(zooKeeper)).satisfies(this::isNormal);

            EmbeddedProcess found = EmbeddedFlinkCluster.builder().home(home).build().zooKeeper();
            assertThat(found.isHealthy()).isTrue();
        }
    }

    private static String logOfAStart(EmbeddedProcess zooKeeper) throws Exception {
        Path file = zooKeeper.logFile();
        int before = Files.exists(file) ? Files.readString(file).length() : 0;
        zooKeeper.start();
        assertThat(zooKeeper.isHealthy()).isTrue();
        return Files.readString(file).substring(before);
    }

    private void isNormal(String log) {
        assertThat(log).doesNotContain("\n\tat ").containsSubsequence(LOADED, QUESTION);
        assertThat(log.indexOf(QUESTION)).isGreaterThan(log.indexOf(LOADED));
    }
}
