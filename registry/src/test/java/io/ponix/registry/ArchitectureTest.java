package io.ponix.registry;

import io.ponix.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@code docs/architecture.md} for this module. Tables and their columns, for who
 * reads and who writes them.
 */
class ArchitectureTest {

    private final ModuleRules rules = ModuleRules.ofThisModule();

    @Test
    void packagesMakeNoCircle() {
        rules.packagesMakeNoCircle();
    }

    @Test
    void dependenciesPointDown() {
        rules.ofPonixDependsOnlyOn("io.ponix.proto");
        rules.dependsOnNoneOf("org.apache.flink", "io.grpc");
    }
}
