package io.ponix.sessions;

import io.ponix.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

/** The rules of {@code docs/architecture.md} for this module. Usable alone. */
class ArchitectureTest {

    private final ModuleRules rules = ModuleRules.ofThisModule();

    @Test
    void packagesMakeNoCircle() {
        rules.packagesMakeNoCircle();
    }

    @Test
    void dependenciesPointDown() {
        rules.ofPonixDependsOnlyOn();
        rules.dependsOnNoneOf("org.apache.flink", "io.grpc", "io.netty", "java.net", "java.sql");
    }
}
