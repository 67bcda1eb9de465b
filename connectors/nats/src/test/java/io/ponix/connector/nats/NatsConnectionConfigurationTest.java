package io.ponix.connector.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class NatsConnectionConfigurationTest {

    @Test
    void defaultsAreAsDocumented() {
        NatsConnectionConfiguration configuration =
                NatsConnectionConfiguration.forServers("nats://a:4222, nats://b:4222");

        assertThat(configuration.servers()).containsExactly("nats://a:4222", "nats://b:4222");
        assertThat(configuration.connectionTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.requestTimeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void refusesIncompleteAndContradictorySettings() {
        assertThatThrownBy(() -> NatsConnectionConfiguration.forServers(" , "))
                .hasMessageStartingWith("servers: ");
        assertThatThrownBy(() -> server().userAndPassword("user", "secret").token("secret").build())
                .hasMessageStartingWith("userAndPassword, token, credentialsFile: ");
        assertThatThrownBy(() -> server().requestTimeout(Duration.ZERO).build())
                .hasMessageStartingWith("requestTimeout: ");
        assertThatThrownBy(() -> server().connectionTimeout(Duration.ofSeconds(-1)).build())
                .hasMessageStartingWith("connectionTimeout: ");
    }

    @Test
    void tellsNoSecrets() {
        assertThat(NatsConnectionConfiguration.forServers("nats://me:hunter2@host:4222"))
                .hasToString("NATS at nats://***@host:4222 (no identity)");
        assertThat(NatsConnectionConfiguration.forServers("hunter2@host:4222"))
                .hasToString("NATS at ***@host:4222 (no identity)");
        assertThat(server().userAndPassword("me", "hunter2").tls().build())
                .hasToString("NATS at nats://host:4222 (user me, TLS)");
        assertThat(server().token("hunter2").build())
                .hasToString("NATS at nats://host:4222 (token)");
        assertThat(server().truststore("trust.jks", "hunter2").build().toString())
                .doesNotContain("hunter2");
    }

    @Test
    void survivesSerialization() throws Exception {
        NatsConnectionConfiguration configuration =
                server().userAndPassword("me", "hunter2").build();

        NatsConnectionConfiguration copy = InstantiationUtil.clone(configuration);

        assertThat(copy).hasToString(configuration.toString());
        assertThat(copy.password()).isEqualTo("hunter2");
    }

    @Test
    void missingCredentialsFileIsNamed() {
        NatsConnectionConfiguration configuration =
                server().credentialsFile("/nowhere/user.creds").build();

        assertThatThrownBy(() -> JetStreamAdmin.connect(configuration))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("credentialsFile: /nowhere/user.creds does not exist");
    }

    @Test
    void missingServerIsNamed() throws Exception {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        NatsConnectionConfiguration configuration =
                NatsConnectionConfiguration.forServers("nats://127.0.0.1:" + freePort);

        assertThatThrownBy(() -> JetStreamAdmin.connect(configuration))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(NatsAccessException.class)
                .hasMessageContaining("Cannot connect to NATS at nats://127.0.0.1:" + freePort);
    }

    @Test
    void failureToConnectTellsNoSecrets() {
        NatsConnectionConfiguration unreachable =
                NatsConnectionConfiguration.forServers("nats://me:hunter2@127.0.0.1:1");

        assertThatThrownBy(() -> JetStreamAdmin.connect(unreachable))
                .isInstanceOf(IOException.class)
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains("***@")
                                        .doesNotContain("hunter2"));
        assertThatThrownBy(
                        () -> NatsConnectionConfiguration.forServers("nats://me:hunter2@bad host"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "servers: 'nats://***@bad host' is not a NATS URL, such as"
                                + " nats://localhost:4222")
                .hasNoCause();
    }

    private static NatsConnectionConfiguration.Builder server() {
        return NatsConnectionConfiguration.builder().servers("nats://host:4222");
    }
}
