package io.ponix.cli;

import io.ponix.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@code docs/architecture.md} for this module. Jobs and service are processes that it
 * starts: it knows them by name.
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
                "io.ponix.client",
                "io.ponix.embedded",
                "io.ponix.environment",
                "io.ponix.intake",
                "io.ponix.jobs",
                "io.ponix.migrations",
                "io.ponix.proto",
                "io.ponix.registry",
                "io.ponix.transforms");
        rules.dependsOnNoneOf("io.ponix.jobs.envelope", "io.ponix.deviceservice");
    }
}
