package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseServerCommandTest {

    @TempDir Path directory;

    private ClickHouseServerCommand.Builder builder() throws IOException {
        Path jar = directory.resolve("server.jar");
        if (!Files.exists(jar)) {
            Files.createFile(jar);
        }
        return ClickHouseServerCommand.builder()
                .jar(jar)
                .library(directory.resolve("libchdb.so"))
                .dataDirectory(directory.resolve("data"));
    }

    @Test
    void hasTheDefaultsOfTheStack() throws Exception {
        ClickHouseServerCommand command = builder().build();
        assertThat(command.arguments())
                .containsSequence("--host", "127.0.0.1")
                .containsSequence("--port", "0")
                .contains("-Xmx256m")
                .doesNotContain("--port-file");
        assertThat(command.environment())
                .containsEntry("PONIX_CLICKHOUSE_DATABASE", "ponix")
                .containsEntry("PONIX_CLICKHOUSE_USERNAME", "ponix")
                .containsEntry("PONIX_CLICKHOUSE_PASSWORD", "ponix")
                .hasEntrySatisfying(
                        "LD_PRELOAD", library -> assertThat(library).endsWith("/libjsig.so"));
    }

    @Test
    void keepsThePasswordOutOfTheProcessList() throws Exception {
        ClickHouseServerCommand command = builder().password("secret word").build();
        assertThat(command.arguments()).noneMatch(argument -> argument.contains("secret"));
        assertThat(command.toProcessBuilder().environment())
                .containsEntry("PONIX_CLICKHOUSE_PASSWORD", "secret word");
    }

    @Test
    void deletesThePortFileOfAnEarlierServer() throws Exception {
        Path portFile = Files.writeString(directory.resolve("port"), "1234\n");
        builder().portFile(portFile).build().toProcessBuilder();
        assertThat(portFile).doesNotExist();
    }

    @Test
    void namesTheOptionThatIsWrong() throws Exception {
        assertThatThrownBy(() -> ClickHouseServerCommand.builder().build())
                .hasMessageContaining("dataDirectory");
        assertThatThrownBy(() -> builder().port(65536).build()).hasMessageContaining("port");
        assertThatThrownBy(() -> builder().heapMegabytes(1).build())
                .hasMessageContaining("heapMegabytes");
        assertThatThrownBy(() -> builder().jar(directory.resolve("none.jar")).build())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.jar")
                .hasMessageContaining("mvn");
    }
}
