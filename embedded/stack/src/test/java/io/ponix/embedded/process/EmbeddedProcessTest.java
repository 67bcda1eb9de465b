package io.ponix.embedded.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.embedded.nats.EmbeddedNats;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered about a process that never ran. */
class EmbeddedProcessTest {

    @TempDir Path folder;

    @Test
    void aHomeThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("home"), "a file");
        EmbeddedNats nats = EmbeddedNats.builder().home(file).build();
        assertThatThrownBy(nats::start)
                .isInstanceOf(EmbeddedProcessException.class)
                .hasMessageContaining("must be able to write below " + file.resolve("run"));
    }

    @Test
    void withoutAStartThereIsNeitherProcessNorPort() {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(folder).build()) {
            assertThat(nats.isRunning()).isFalse();
            assertThat(nats.isHealthy()).isFalse();
            assertThat(nats.pid()).isEmpty();
            assertThatThrownBy(nats::url).hasMessageContaining("never started in " + folder);
            assertThatThrownBy(nats::freeze).hasMessageContaining("NATS does not run in " + folder);
            nats.kill();
        }
        assertThat(EmbeddedNats.builder().home(folder).port(4222).build().url())
                .isEqualTo("nats://127.0.0.1:4222");
    }

    @Test
    void aDamagedPidFileCountsAsNone() throws Exception {
        Files.createDirectories(folder.resolve("run"));
        Files.writeString(folder.resolve("run/nats.pid"), "12\n");
        assertThat(EmbeddedNats.builder().home(folder).build().isRunning()).isFalse();
    }

    @Test
    void aProcessIsIdentifiedByItsStartNotByItsPidAlone() {
        ProcessIdentity self = ProcessIdentity.current(ProcessHandle.current().pid()).orElseThrow();
        assertThat(self.isAlive()).isTrue();
        assertThat(new ProcessIdentity(self.pid(), self.startTicks() - 1, self.bootId()).isAlive())
                .isFalse();
        assertThat(new ProcessIdentity(self.pid(), self.startTicks(), "an earlier boot").isAlive())
                .isFalse();
    }
}
