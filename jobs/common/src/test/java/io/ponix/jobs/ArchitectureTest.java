package io.ponix.jobs;

import io.ponix.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@code docs/architecture.md} for this module. What jobs share knows none of them.
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
                "io.ponix.client", "io.ponix.connector", "io.ponix.environment", "io.ponix.proto");
        rules.dependsOnNoneOf("io.grpc");
    }
}
