package io.ponix.embedded.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkConfigurationTest {

    @TempDir Path folder;

    @Test
    void entriesAreOverriddenNotDoubled() throws Exception {
        Path source = folder.resolve("source.yaml");
        Files.writeString(
                source,
                "# comment\n\nrest.port: 8081\nenv.java.opts.all: --add-opens=a/b=ALL-UNNAMED -Dx=y: z\n");
        FlinkConfiguration configuration = FlinkConfiguration.read(source);
        configuration.set("rest.port", "20001");
        Path written = folder.resolve("config.yaml");
        configuration.write(written);

        assertThat(Files.readString(written))
                .containsOnlyOnce("rest.port: ")
                .contains("rest.port: 20001\n");
        assertThat(FlinkConfiguration.read(written).get("env.java.opts.all", ""))
                .isEqualTo("--add-opens=a/b=ALL-UNNAMED -Dx=y: z");
    }

    @Test
    void nestedYamlIsRefusedWithItsLine() throws Exception {
        Path source = folder.resolve("config.yaml");
        Files.writeString(source, "rest.port: 8081\ntaskmanager:\n  numberOfTaskSlots: 2\n");
        assertThatThrownBy(() -> FlinkConfiguration.read(source))
                .isInstanceOf(EmbeddedProcessException.class)
                .hasMessageContaining("config.yaml, line 2")
                .hasMessageContaining("without nesting");
    }

    @Test
    void aLineThatIsNoEntryIsToldWithWhereItIsFrom() {
        assertThatThrownBy(
                        () ->
                                EmbeddedFlinkCluster.builder()
                                        .configurationLines(
                                                "rest.port: 8081\nparallelism.default=2",
                                                "FLINK_PROPERTIES"))
                .isInstanceOf(EmbeddedProcessException.class)
                .hasMessageContaining("FLINK_PROPERTIES, line 2")
                .hasMessageContaining("parallelism.default=2");
    }
}
