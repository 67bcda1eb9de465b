package io.ponix.embedded.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.embedded.install.CacheDirectory;
import io.ponix.embedded.process.CommandRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NatsServerProgramITCase {

    @Test
    void debiansPackageIsInstalledIntoTheCacheOnce() throws Exception {
        Path cache = CacheDirectory.resolve();
        Path program = NatsServerProgram.fromCache(cache, line -> {});

        assertThat(CommandRunner.run(cache, List.of(program.toString(), "--version")).output())
                .contains("nats-server");
        List<String> progress = new ArrayList<>();
        assertThat(NatsServerProgram.fromCache(cache, progress::add)).isEqualTo(program);
        assertThat(progress).isEmpty();
    }
}
