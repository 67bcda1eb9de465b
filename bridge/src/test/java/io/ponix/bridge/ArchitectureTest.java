package io.ponix.bridge;

import io.ponix.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

/** The rules of {@code docs/architecture.md} for this module. */
class ArchitectureTest {

    private final ModuleRules rules = ModuleRules.ofThisModule();

    @Test
    void packagesMakeNoCircle() {
        rules.packagesMakeNoCircle();
    }

    @Test
    void dependenciesPointDown() {
        rules.ofPonixDependsOnlyOn(
                "io.ponix.client",
                "io.ponix.environment",
                "io.ponix.intake",
                "io.ponix.proto",
                "io.ponix.registry",
                "io.ponix.transforms");
        rules.dependsOnNoneOf("org.apache.flink");
    }
}
