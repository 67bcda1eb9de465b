package io.ponix.jobs.sessions;

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
                "io.ponix.connector",
                "io.ponix.environment",
                "io.ponix.jobs",
                "io.ponix.proto",
                "io.ponix.sessions");
        rules.dependsOnNoneOf("io.grpc", "io.ponix.jobs.envelope");
    }
}
