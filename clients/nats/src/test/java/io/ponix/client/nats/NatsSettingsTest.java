package io.ponix.client.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NatsSettingsTest {

    @Test
    void defaultsAreAsDocumented() {
        NatsSettings configuration = NatsSettings.forServers("nats://a:4222, nats://b:4222");

        assertThat(configuration.servers()).containsExactly("nats://a:4222", "nats://b:4222");
        assertThat(configuration.connectionTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.requestTimeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void refusesIncompleteAndContradictorySettings() {
        assertThatThrownBy(() -> NatsSettings.forServers(" , "))
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
        assertThat(NatsSettings.forServers("nats://me:hunter2@host:4222"))
                .hasToString("NATS at nats://***@host:4222 (no identity)");
        assertThat(NatsSettings.forServers("hunter2@host:4222"))
                .hasToString("NATS at ***@host:4222 (no identity)");
        assertThat(server().userAndPassword("me", "hunter2").tls().build())
                .hasToString("NATS at nats://host:4222 (user me, TLS)");
        assertThat(server().token("hunter2").build())
                .hasToString("NATS at nats://host:4222 (token)");
        assertThat(server().truststore("trust.jks", "hunter2").build().toString())
                .doesNotContain("hunter2");
    }

    @Test
    void theEnvironmentSaysAllOfIt() {
        assertThat(NatsSettings.fromEnvironment(Map.of()))
                .hasToString("NATS at nats://localhost:4222 (no identity)");
        assertThat(
                        NatsSettings.fromEnvironment(
                                Map.of(
                                        "PONIX_NATS_URL", "tls://a:4222, tls://b",
                                        "PONIX_NATS_USERNAME", "me",
                                        "PONIX_NATS_PASSWORD", "hunter2",
                                        "PONIX_NATS_TLS_KEYSTORE", "me.pem")))
                .hasToString("NATS at tls://a:4222,tls://b (user me, TLS)");
        assertThat(
                        NatsSettings.fromEnvironment(
                                Map.of(
                                        "PONIX_NATS_TOKEN", "hunter2",
                                        "PONIX_NATS_TLS_TRUSTSTORE", "ca.pem")))
                .hasToString("NATS at nats://localhost:4222 (token, TLS)");
        assertThat(NatsSettings.fromEnvironment(Map.of("PONIX_NATS_CREDENTIALS_FILE", "me.creds")))
                .hasToString("NATS at nats://localhost:4222 (credentials file me.creds)");
    }

    @Test
    void anotherProgramGetsTheSame() {
        Map<String, String> environment =
                Map.of(
                        "PONIX_NATS_URL", "tls://a:4222,tls://b:4222",
                        "PONIX_NATS_USERNAME", "me",
                        "PONIX_NATS_PASSWORD", "hunter2",
                        "PONIX_NATS_INBOX_PREFIX", "_INBOX_me",
                        "PONIX_NATS_TLS_TRUSTSTORE", "ca.p12",
                        "PONIX_NATS_TLS_TRUSTSTORE_PASSWORD", "hunter3",
                        "PONIX_NATS_TLS_KEYSTORE", "me.p12",
                        "PONIX_NATS_TLS_KEYSTORE_PASSWORD", "hunter4");

        Map<String, String> others = NatsSettings.fromEnvironment(environment).environment();
        assertThat(others).containsAllEntriesOf(environment);

        // Also one that has inherited how to log in elsewhere.
        Map<String, String> inherited =
                new HashMap<>(
                        Map.of(
                                "PONIX_NATS_TOKEN", "hunter5",
                                "PONIX_NATS_TOKEN_FILE", "elsewhere",
                                "PONIX_NATS_PASSWORD_FILE", "elsewhere",
                                "PONIX_NATS_CREDENTIALS_FILE", "other.creds"));
        inherited.putAll(others);
        assertThat(NatsSettings.fromEnvironment(inherited))
                .isEqualTo(NatsSettings.fromEnvironment(environment));
        inherited.putAll(
                NatsSettings.builder().servers("a").token("hunter6").build().environment());
        assertThat(NatsSettings.fromEnvironment(inherited).environment())
                .containsEntry("PONIX_NATS_TOKEN", "hunter6")
                .containsEntry("PONIX_NATS_USERNAME", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INBOX_PREFIX | answers | URL | | PONIX_NATS_INBOX_PREFIX: must be _INBOX, or begin with it and go on with letters, digits, _, - and single dots, is 'answers'",
                "INBOX_PREFIX | _INBOX.> | URL | | PONIX_NATS_INBOX_PREFIX: must be _INBOX, or begin with it and go on with letters, digits, _, - and single dots, is '_INBOX.>'",
                "URL | http://me:hunter2@x | X | | PONIX_NATS_URL cannot be used: 'http://***@x' is not a NATS URL, such as nats://localhost:4222",
                "USERNAME | me | TOKEN | hunter2 | PONIX_NATS_USERNAME and PONIX_NATS_TOKEN are set: set one of them, not several",
                "TOKEN | hunter2 | CREDENTIALS_FILE | f | PONIX_NATS_TOKEN and PONIX_NATS_CREDENTIALS_FILE are set: set one of them, not several",
                "PASSWORD | hunter2 | X | | PONIX_NATS_USERNAME must be set where PONIX_NATS_PASSWORD is"
            })
    void whatCannotBeUsedIsNamedWithoutASecret(
            String variable, String value, String other, String otherValue, String message) {
        assertThatThrownBy(
                        () ->
                                NatsSettings.fromEnvironment(
                                        Map.of(
                                                "PONIX_NATS_" + variable,
                                                value,
                                                "PONIX_NATS_" + other,
                                                otherValue == null ? "" : otherValue)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message)
                .satisfies(failure -> assertThat(stackTrace(failure)).doesNotContain("hunter2"));
    }

    @Test
    void survivesSerialization() throws Exception {
        NatsSettings configuration = server().userAndPassword("me", "hunter2").build();

        NatsSettings copy = copied(configuration);

        assertThat(copy).hasToString(configuration.toString());
        assertThat(copy.password()).isEqualTo("hunter2");
    }

    @Test
    void missingCredentialsFileIsNamed() {
        NatsSettings configuration = server().credentialsFile("/nowhere/user.creds").build();

        assertThatThrownBy(() -> connect(configuration))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("credentialsFile: /nowhere/user.creds does not exist");
    }

    @Test
    void missingServerIsNamed() throws Exception {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        NatsSettings configuration = NatsSettings.forServers("nats://127.0.0.1:" + freePort);

        assertThatThrownBy(() -> connect(configuration))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(NatsAccessException.class)
                .hasMessageContaining("Cannot connect to NATS at nats://127.0.0.1:" + freePort);
    }

    @Test
    void failureToConnectTellsNoSecrets() {
        NatsSettings unreachable = NatsSettings.forServers("nats://me:hunter2@127.0.0.1:1");

        assertThatThrownBy(() -> connect(unreachable))
                .isInstanceOf(IOException.class)
                .satisfies(
                        failure ->
                                assertThat(stackTrace(failure))
                                        .contains("***@")
                                        .doesNotContain("hunter2"));
        assertThatThrownBy(() -> NatsSettings.forServers("nats://me:hunter2@bad host"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "servers: 'nats://***@bad host' is not a NATS URL, such as"
                                + " nats://localhost:4222")
                .hasNoCause();
    }

    private static NatsSettings.Builder server() {
        return NatsSettings.builder().servers("nats://host:4222");
    }

    private static void connect(NatsSettings settings) throws IOException {
        NatsConnections.open(settings, "test", new NatsConnections.Listener() {});
    }

    private static NatsSettings copied(NatsSettings settings) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(settings);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (NatsSettings) in.readObject();
        }
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
