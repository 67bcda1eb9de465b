package io.ponix.client.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.tls.TlsSettings;
import io.ponix.environment.SecretValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClickHouseSettingsTest {

    @Test
    void theDefaults() {
        assertThat(ClickHouseSettings.fromEnvironment(Map.of()))
                .isEqualTo(
                        new ClickHouseSettings(
                                List.of("http://localhost:8123"),
                                "ponix",
                                "ponix",
                                SecretValue.of("ponix"),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60),
                                TlsSettings.DEFAULT));
    }

    @Test
    void theEnvironmentSaysAllOfIt() {
        ClickHouseSettings settings =
                ClickHouseSettings.fromEnvironment(
                        Map.of(
                                "PONIX_CLICKHOUSE_URL", "https://a:8443, https://b:8443/path",
                                "PONIX_CLICKHOUSE_DATABASE", "d",
                                "PONIX_CLICKHOUSE_USERNAME", "me",
                                "PONIX_CLICKHOUSE_PASSWORD", "s3cret",
                                "PONIX_CLICKHOUSE_TLS_TRUSTSTORE", "ca.p12",
                                "PONIX_CLICKHOUSE_TLS_TRUSTSTORE_PASSWORD", "s3cret",
                                "PONIX_CLICKHOUSE_TLS_KEYSTORE", "me.pem"));

        assertThat(settings.urls()).containsExactly("https://a:8443", "https://b:8443/path");
        assertThat(settings.tls())
                .isEqualTo(
                        TlsSettings.DEFAULT
                                .withTruststore("ca.p12", "s3cret")
                                .withKeystore("me.pem", ""));
        assertThat(ClickHouseSettings.fromEnvironment(settings.environment())).isEqualTo(settings);
        assertThat(settings.toString()).contains("me").doesNotContain("s3cret");
        assertThat(settings.tls().toString()).contains("ca.p12").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "URL | localhost | PONIX_CLICKHOUSE_URL: expected http://host:port or https://host:port, got 'localhost'",
                "URL | http://a, | PONIX_CLICKHOUSE_URL: expected http://host:port or https://host:port, got ''",
                "URL | http://me:s3cret@a | PONIX_CLICKHOUSE_URL: give the user and password as username and password, not in the URL",
                "TLS_TRUSTSTORE | ca.pem | PONIX_CLICKHOUSE_TLS_TRUSTSTORE: there is a truststore or keystore, but http://localhost:8123 is without TLS: https:// is wanted"
            })
    void whatCannotBeUsedIsNamed(String variable, String value, String message) {
        assertThatThrownBy(
                        () ->
                                ClickHouseSettings.fromEnvironment(
                                        Map.of("PONIX_CLICKHOUSE_" + variable, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
