package io.ponix.embedded;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BuilderValidationTest {

    private static final Path HOME = Path.of("home");

    @Test
    void aWrongValueIsNamedByItsProperty() {
        assertRefused("home", () -> EmbeddedNats.builder().build());
        assertRefused("port", () -> EmbeddedNats.builder().home(HOME).port(65_536).build());
        assertRefused("partitions", () -> EmbeddedNats.builder().home(HOME).partitions(0).build());
        assertRefused(
                "monitoringPort",
                () -> EmbeddedNats.builder().home(HOME).monitoringPort(-1).build());
        assertRefused(
                "startTimeout",
                () -> EmbeddedNats.builder().home(HOME).startTimeout(Duration.ZERO).build());
        assertRefused("password", () -> EmbeddedPostgres.builder().home(HOME).password("").build());
        assertRefused(
                "database", () -> EmbeddedClickHouse.builder().home(HOME).database(" ").build());
        assertRefused(
                "taskManagers",
                () -> EmbeddedFlinkCluster.builder().home(HOME).taskManagers(0).build());
        assertRefused("taskSlots", () -> EmbeddedFlinkCluster.builder().taskSlots(0));
        assertRefused("home", () -> EmbeddedStack.builder().build());
        assertRefused(
                "httpPort", () -> EmbeddedDeviceService.builder().home(HOME).httpPort(-1).build());
    }

    private static void assertRefused(String property, ThrowingCallable build) {
        assertThatThrownBy(build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(property + ":");
    }
}
