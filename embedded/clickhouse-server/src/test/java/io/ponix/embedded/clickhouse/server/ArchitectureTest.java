package io.ponix.embedded.clickhouse.server;

import io.ponix.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@code docs/architecture.md} for this module. Servers know nothing of who uses them.
 */
class ArchitectureTest {

    private final ModuleRules rules = ModuleRules.ofThisModule();

    @Test
    void packagesMakeNoCircle() {
        rules.packagesMakeNoCircle();
    }

    @Test
    void dependenciesPointDown() {
        rules.ofPonixDependsOnlyOn("io.ponix.client.tls", "io.ponix.environment");
        rules.dependsOnNoneOf("org.apache.flink", "io.grpc");
    }
}
