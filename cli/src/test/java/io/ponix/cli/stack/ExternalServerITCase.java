package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.EmbeddedProcess;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalServerITCase {

    @TempDir private Path home;

    @Test
    void aNatsThatHangsIsToldFromOneThatAnswers() {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            expectThatHangingIsTold(StackServer.NATS, nats, nats.url());
        }
    }

    @Test
    void aPostgresThatHangsIsToldFromOneThatAnswers() {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build()) {
            postgres.start();
            expectThatHangingIsTold(StackServer.POSTGRES, postgres, "127.0.0.1:" + postgres.port());
        }
    }

    @Test
    void aClickHouseThatHangsIsToldFromOneThatAnswers() {
        try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.builder().home(home).build()) {
            clickHouse.start();
            expectThatHangingIsTold(
                    StackServer.CLICKHOUSE, clickHouse, "http://127.0.0.1:" + clickHouse.port());
        }
    }

    @Test
    void ofSeveralAddressesOneIsEnough() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build();
                ServerSocket hangs = new ServerSocket(0)) {
            nats.start();
            StackServer.NATS.requireElsewhere(
                    "127.0.0.1:9,127.0.0.1:" + hangs.getLocalPort() + "," + nats.url());
        }
    }

    private static void expectThatHangingIsTold(
            StackServer server, EmbeddedProcess process, String address) {
        server.requireElsewhere(address);
        process.freeze();
        try {
            assertThatThrownBy(() -> server.requireElsewhere(address))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining(server.title() + " does not answer at " + address)
                    .hasMessageContaining("said nothing for 5 s")
                    .hasMessageContaining("PONIX_");
        } finally {
            process.resume();
        }
    }
}
