package io.ponix.client.postgres;

import io.ponix.architecture.ModuleRules;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@code docs/architecture.md} for this module. The one way to a server, for every
 * program.
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

    @Test
    void publicTypesSayWhomTheyAreFor() {
        rules.publicTypesAreMarked(API.class);
    }
}
