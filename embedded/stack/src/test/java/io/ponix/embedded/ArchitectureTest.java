package io.ponix.embedded;

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
        rules.ofPonixDependsOnlyOn(
                "io.ponix.client", "io.ponix.embedded.clickhouse.server", "io.ponix.environment");
        rules.dependsOnNoneOf("io.grpc");
    }
}
