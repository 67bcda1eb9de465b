package io.ponix.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretArgumentsTest {

    private static final String KEY = "ponix_a1_0123456789-s3cret_0123456789abcdefghijklmnopqrs";

    @ParameterizedTest
    @CsvSource({
        "--nats-token=s3cret, --nats-token, PONIX_NATS_TOKEN",
        "--nats-token s3cret, --nats-token, PONIX_NATS_TOKEN",
        "--clickhouse-tls-keystore-password=s3cret, --clickhouse-tls-keystore-password, PONIX_CLICKHOUSE_TLS_KEYSTORE_PASSWORD",
        "--postgres-url=postgres://me:s3cret@host/db, --postgres-url, PONIX_POSTGRES_URL",
        "--postgres-url=postgres://host/db?password=s3cret, --postgres-url, PONIX_POSTGRES_URL",
        "--nats-url nats://host:4222;s3cret@host, --nats-url, PONIX_NATS_URL",
        "PONIX_NATS_PASSWORD=s3cret, PONIX_NATS_PASSWORD, PONIX_NATS_PASSWORD",
        "-DPONIX_API_KEY=s3cret, PONIX_API_KEY, PONIX_API_KEY",
        KEY + ", A key of the device service, PONIX_API_KEY",
        "--name=" + KEY + ", --name, PONIX_API_KEY",
    })
    void aSecretIsTold(String arguments, String named, String variable) {
        List<String> given = List.of(arguments.replace(';', ',').split(" "));
        assertThat(SecretArguments.warnings(given))
                .containsExactly(
                        named
                                + " is given as an argument, which others on this machine see: set "
                                + variable
                                + ", or "
                                + variable
                                + "_FILE to a file that holds it");
        assertThat(SecretArguments.shown(given)).contains("...").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--nats-url=nats://host:4222",
                "--postgres-url postgres://host/database?sslmode=require",
                "--postgres-url=postgres://me@host:5432/database",
                "--nats-username=me",
                "--nats-token",
                "--port=1",
                "key revoke d4e5f6",
                "ponix_raw_envelopes",
                "PONIX_NATS_TOKEN_FILE=/run/secrets/token",
            })
    void othersAreNot(String arguments) {
        List<String> given = List.of(arguments.split(" "));
        assertThat(SecretArguments.warnings(given)).isEmpty();
        assertThat(SecretArguments.shown(given)).isEqualTo(arguments);
    }

    @Test
    void eachIsToldByItself() {
        assertThat(
                        SecretArguments.warnings(
                                List.of("--nats-token=a", "-x", "--postgres-password", "b")))
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("--nats-token is"),
                        second -> assertThat(second).startsWith("--postgres-password is"));
    }
}
