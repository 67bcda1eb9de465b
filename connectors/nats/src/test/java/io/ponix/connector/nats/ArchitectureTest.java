package io.ponix.connector.nats;

import io.ponix.architecture.ModuleRules;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.junit.jupiter.api.Test;

/** The rules of {@code docs/architecture.md} for this module. Could be published alone. */
class ArchitectureTest {

    private final ModuleRules rules = ModuleRules.ofThisModule();

    @Test
    void packagesMakeNoCircle() {
        rules.packagesMakeNoCircle();
    }

    @Test
    void dependenciesPointDown() {
        rules.ofPonixDependsOnlyOn("io.ponix.client");
        rules.dependsOnNoneOf("io.grpc");
    }

    @Test
    void itKnowsNothingOfPonix() {
        rules.doesNotMention("PONIX_");
    }

    @Test
    void publicTypesSayWhomTheyAreFor() {
        rules.publicTypesAreMarked(PublicEvolving.class, Internal.class);
    }
}
