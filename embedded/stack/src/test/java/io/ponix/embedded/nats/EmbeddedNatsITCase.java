package io.ponix.embedded.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.network.HomeCertificate;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// jnats: Connection.close() may throw InterruptedException, which javac warns of in every
// try-with-resources.
@SuppressWarnings("try")
class EmbeddedNatsITCase {

    @TempDir Path home;

    @Test
    void acknowledgedMessagesSurviveKillAndThePortIsKept() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            int port = nats.port();
            try (Connection connection = connect(nats)) {
                connection
                        .jetStreamManagement()
                        .addStream(
                                StreamConfiguration.builder()
                                        .name("raw_envelopes")
                                        .subjects("raw_envelopes.*.*")
                                        .storageType(StorageType.File)
                                        .build());
                List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
                for (int i = 0; i < 5_000; i++) {
                    acknowledgements.add(
                            connection
                                    .jetStream()
                                    .publishAsync("raw_envelopes.dev" + i % 100, new byte[100]));
                }
                acknowledgements.forEach(CompletableFuture::join);
            }

            nats.kill();
            assertThat(nats.isRunning()).isFalse();
            nats.start();

            assertThat(nats.port()).isEqualTo(port);
            try (Connection connection = connect(nats)) {
                assertThat(
                                connection
                                        .jetStreamManagement()
                                        .getStreamInfo("raw_envelopes")
                                        .getStreamState()
                                        .getMsgCount())
                        .isEqualTo(5_000);
                // Spread over partitions by the server's mapping: one token more than the producer
                // gave.
                assertThat(
                                connection
                                        .jetStreamManagement()
                                        .getMessage("raw_envelopes", 1)
                                        .getSubject())
                        .matches("raw_envelopes\\.[0-7]\\.dev0");
            }
        }
    }

    @Test
    void anotherInstanceFindsTheRunningServerAndStopsIt() {
        try (EmbeddedNats starter = EmbeddedNats.builder().home(home).build();
                EmbeddedNats other = EmbeddedNats.builder().home(home).build()) {
            starter.start();

            assertThat(other.isRunning()).isTrue();
            assertThat(other.pid()).isEqualTo(starter.pid());
            assertThat(other.url()).isEqualTo(starter.url());
            other.start();
            assertThat(other.pid()).isEqualTo(starter.pid());

            other.stop();
            assertThat(starter.isRunning()).isFalse();
        }
    }

    @Test
    void aPortInUseIsNamedWithTheOptionThatChangesIt() throws Exception {
        try (ServerSocket occupant = new ServerSocket()) {
            occupant.bind(new InetSocketAddress("127.0.0.1", 0));
            try (EmbeddedNats nats =
                    EmbeddedNats.builder().home(home).port(occupant.getLocalPort()).build()) {
                assertThatThrownBy(nats::start)
                        .isInstanceOf(EmbeddedProcessException.class)
                        .hasMessageContaining("Port " + occupant.getLocalPort())
                        .hasMessageContaining("pid " + ProcessHandle.current().pid())
                        .hasMessageContaining("--nats-port");
                assertThat(nats.isRunning()).isFalse();
            }
        }
    }

    @Test
    void anotherPortThanThatOfTheRunningServerIsRefused() {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            EmbeddedNats other = EmbeddedNats.builder().home(home).port(nats.port() + 1).build();
            assertThatThrownBy(other::start)
                    .hasMessageContaining("already runs on port " + nats.port());
            assertThat(nats.isRunning()).isTrue();
        }
    }

    @Test
    void aFrozenServerIsNotHealthyAndCanBeResumedOrStopped() {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            nats.freeze();
            assertThat(nats.isRunning()).isTrue();
            assertThat(nats.isHealthy()).isFalse();
            nats.resume();
            assertThat(nats.isHealthy()).isTrue();

            nats.freeze();
            nats.stop();
            assertThat(nats.isRunning()).isFalse();
        }
    }

    @Test
    void aServerWithAllItCanDoIsHealthy() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            try (Connection connection = connect(nats)) {
                connection
                        .jetStreamManagement()
                        .addStream(
                                StreamConfiguration.builder()
                                        .name("raw_envelopes")
                                        .subjects("raw_envelopes.*.*")
                                        .storageType(StorageType.File)
                                        .build());
                List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
                for (int round = 0; round < 20; round++) {
                    for (int i = 0; i < 2_000; i++) {
                        acknowledgements.add(
                                connection
                                        .jetStream()
                                        .publishAsync("raw_envelopes.dev", new byte[1_000]));
                    }
                    assertThat(nats.problem()).as("round %d", round).isEmpty();
                    acknowledgements.forEach(CompletableFuture::join);
                    acknowledgements.clear();
                }
            }
        }
    }

    @Test
    void aNewHomeHasATokenAndOneFromBeforeGoesOnWithout() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).tokenOfTheHome().build()) {
            nats.start();
            String token = Files.readString(home.resolve("nats/token")).strip();
            assertThat(token).hasSize(32);
            for (String secret : List.of("nats/token", "nats/nats-server.conf")) {
                assertThat(
                                PosixFilePermissions.toString(
                                        Files.getPosixFilePermissions(home.resolve(secret))))
                        .as(secret)
                        .isEqualTo("rw-------");
            }
            assertThatThrownBy(() -> connect(nats)).isInstanceOf(AuthenticationException.class);
            assertThat(nats.problem()).isEmpty();

            nats.kill();
            nats.start();
            assertThat(nats.address())
                    .isEqualTo(NatsSettings.builder().servers(nats.url()).token(token).build());
            NatsConnections.open(nats.address(), "test").close();
            assertThat(nats.logFile()).content().doesNotContain(token);

            // As a home was left by versions before.
            nats.stop();
            Files.delete(home.resolve("nats/token"));
            nats.start();
            assertThat(home.resolve("nats/token")).doesNotExist();
            assertThat(nats.address()).isEqualTo(NatsSettings.forServers(nats.url()));
            connect(nats).close();
        }
    }

    @Test
    void usersOfTheHomeAreLetInOverTlsAlone() throws Exception {
        HomeCertificate certificate = new HomeCertificate(home);
        certificate.ensure();
        try (EmbeddedNats nats =
                EmbeddedNats.builder()
                        .home(home)
                        .usersOfTheHome()
                        .tls(certificate.certificate(), certificate.key())
                        .build()) {
            nats.start();
            // Of JetStream, too, as whom it lets in.
            assertThat(nats.problem()).isEmpty();
            NatsConnections.open(nats.address(), "test").close();
            NatsProgramUser job = nats.user(NatsProgramUsers.JOB);
            NatsConnections.open(nats.address(job), "test").close();
            assertThatThrownBy(
                            () ->
                                    NatsConnections.open(
                                            NatsSettings.builder()
                                                    .servers(nats.url())
                                                    .truststore(
                                                            certificate.certificate().toString(),
                                                            "")
                                                    .userAndPassword(job.name(), "guess")
                                                    .build(),
                                            "test"))
                    .hasMessageContaining("refused to let us in");
            assertThat(home.resolve("nats/token")).doesNotExist();

            // Whoever is told them goes on.
            nats.kill();
            nats.start();
            assertThat(nats.user(NatsProgramUsers.JOB)).isEqualTo(job);
        }
    }

    @Test
    void aServerThatDoesNotComeUpIsReportedWithTheEndOfItsLog() throws Exception {
        // JetStream cannot create its folder: a file is in the way.
        Files.createDirectories(home.resolve("nats"));
        Files.writeString(home.resolve("nats/jetstream"), "in the way");
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            assertThatThrownBy(nats::start)
                    .isInstanceOf(EmbeddedProcessException.class)
                    .hasMessageContaining("NATS ended while it was starting")
                    .hasMessageContaining("[FTL]")
                    .hasMessageContaining(nats.logFile().toString());
        }
    }

    private static Connection connect(EmbeddedNats nats) throws Exception {
        return Nats.connect(
                Options.builder()
                        .server(nats.url())
                        .connectionTimeout(Duration.ofSeconds(5))
                        .build());
    }
}
