package io.ponix.embedded.flink.browserguard;

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
        // What else of Ponix it used would have to be in its jar, too.
        rules.ofPonixDependsOnlyOn("io.ponix.environment");
    }
}
