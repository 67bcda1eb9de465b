package io.ponix.client.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

class PostgresSettingsTest {

    @Test
    void theDefaults() {
        PostgresSettings settings = read(Map.of());

        assertThat(settings).hasToString("ponix@localhost:5432/ponix");
        assertThat(settings.password()).isEqualTo("ponix");
        assertThat(settings.tlsProperties()).isEqualTo(Map.of("sslmode", "prefer"));
        assertThat(settings.pool())
                .isEqualTo(
                        new PostgresSettings.Pool(
                                1, 10, Duration.ofSeconds(30), Duration.ofMinutes(10)));
    }

    @Test
    void aUrlSaysAllOfIt() {
        PostgresSettings settings =
                read(
                        Map.of(
                                "PONIX_POSTGRES_URL",
                                "postgres://me:p%40ss%2Fw%3Ard+1@a,b:5433,[::1]:5434/my%20db?sslmode=verify-full"
                                        + "&sslrootcert=/etc/ca%26co.pem&sslcert=/c.pem&sslkey=/k.pem"
                                        + "&min_connections=2&max_connections=20&acquire_timeout=7&idle_timeout=60"));

        assertThat(settings).hasToString("me@a:5432,b:5433,[::1]:5434/my db");
        assertThat(settings.password()).isEqualTo("p@ss/w:rd+1");
        assertThat(settings.tlsProperties())
                .isEqualTo(
                        Map.of(
                                "sslmode", "verify-full",
                                "sslrootcert", "/etc/ca&co.pem",
                                "sslcert", "/c.pem",
                                "sslkey", "/k.pem"));
        assertThat(settings.pool())
                .isEqualTo(
                        new PostgresSettings.Pool(
                                2, 20, Duration.ofSeconds(7), Duration.ofSeconds(60)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://me:s3cret@db/d?sslmode=verify-ca&sslrootcert=/ca&sslcert=/c&sslkey=/k",
                "postgres://me:s3cret@a:5433,b:5433,[::1]:5433/d",
                "postgres://me:s3cret@a:5433,b:5434/d?sslmode=disable"
            })
    void anotherProgramGetsTheSame(String url) {
        PostgresSettings settings = read(Map.of("PONIX_POSTGRES_URL", url));
        PostgresSettings others = read(settings.environment());

        assertThat(others).hasToString(settings.toString());
        assertThat(others.password()).isEqualTo("s3cret");
        assertThat(others.tlsProperties()).isEqualTo(settings.tlsProperties());
    }

    @Test
    void variablesCompleteAUrl() {
        PostgresSettings settings =
                read(
                        Map.of(
                                "PONIX_POSTGRES_URL", "postgresql://db",
                                "PONIX_POSTGRES_PORT", "5433",
                                "PONIX_POSTGRES_HOST", "db",
                                "PONIX_POSTGRES_PASSWORD", "s3cret",
                                "PONIX_POSTGRES_SSLMODE", "require",
                                "PONIX_POSTGRES_POOL_SIZE", "3"));

        assertThat(settings).hasToString("ponix@db:5433/ponix");
        assertThat(settings.password()).isEqualTo("s3cret");
        assertThat(settings.sslMode()).isEqualTo(SslMode.REQUIRE);
        assertThat(settings.pool().maxConnections()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOST | other | PONIX_POSTGRES_URL and PONIX_POSTGRES_HOST contradict each other ('db:5433' and 'other'): set one of them",
                "DATABASE | other | PONIX_POSTGRES_URL and PONIX_POSTGRES_DATABASE contradict each other ('d' and 'other'): set one of them",
                "USERNAME | other | PONIX_POSTGRES_URL and PONIX_POSTGRES_USERNAME contradict each other ('me' and 'other'): set one of them",
                "PASSWORD | other | PONIX_POSTGRES_URL and PONIX_POSTGRES_PASSWORD contradict each other: set one of them",
                "SSLMODE | disable | PONIX_POSTGRES_URL and PONIX_POSTGRES_SSLMODE contradict each other ('require' and 'disable'): set one of them",
                "PORT | 6000 | PONIX_POSTGRES_URL and PONIX_POSTGRES_PORT contradict each other ('db:5433' and '6000'): set one of them",
                "POOL_SIZE | 11 | PONIX_POSTGRES_URL and PONIX_POSTGRES_POOL_SIZE contradict each other ('12' and '11'): set one of them",
            })
    void whatContradictsTheUrlIsNamed(String variable, String value, String message) {
        assertThatThrownBy(
                        () ->
                                read(
                                        Map.of(
                                                "PONIX_POSTGRES_URL",
                                                "postgres://me:s3cret@db:5433/d?sslmode=require&max_connections=12",
                                                "PONIX_POSTGRES_" + variable,
                                                value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "URL | http://db | PONIX_POSTGRES_URL must begin with postgres://, such as postgres://user:password@host:port/database?sslmode=require",
                "URL | postgres://me:s3cret@/d | PONIX_POSTGRES_URL must name a host, such as postgres://user:password@host:port/database?sslmode=require",
                "URL | postgres://me:s3/cr@et@db/d | PONIX_POSTGRES_URL must have '/' and '@' in user and password percent-encoded (%2F, %40)",
                "URL | postgres://me:s3%cret@db/d | PONIX_POSTGRES_URL must have '%' only before the two digits of an encoded character (%25 for itself)",
                "URL | postgres://me:s3cret@db/d?tls=on | PONIX_POSTGRES_URL has the parameter 'tls', which is none of sslmode, sslrootcert, sslcert, sslkey, max_connections, min_connections, acquire_timeout, idle_timeout",
                "URL | postgres://db?idle_timeout=10min | PONIX_POSTGRES_URL must have whole seconds as idle_timeout, but has '10min'",
                "URL | postgres://db?min_connections=11 | PONIX_POSTGRES_POOL_MIN_SIZE must be a whole number from 0 to 10, not '11'",
                "URL | postgres://db:0 | PONIX_POSTGRES_HOST must have ports between 1 and 65535, but is 'db:0'",
                "PORT | many | PONIX_POSTGRES_PORT must be a whole number from 1 to 65535, not 'many'",
                "SSLMODE | on | PONIX_POSTGRES_SSLMODE must be one of disable, allow, prefer, require, verify-ca, verify-full, but is 'on'",
                "SSLROOTCERT | ca.pem | PONIX_POSTGRES_SSLROOTCERT is set, but no certificate is checked with PONIX_POSTGRES_SSLMODE prefer: set that to verify-full",
                "SSLCERT | me.pem | PONIX_POSTGRES_SSLCERT and PONIX_POSTGRES_SSLKEY belong together: set both or none",
            })
    void whatCannotBeUsedIsNamedWithoutASecret(String variable, String value, String message) {
        assertThatThrownBy(() -> read(Map.of("PONIX_POSTGRES_" + variable, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message)
                .satisfies(failure -> assertThat(stackTrace(failure)).doesNotContain("s3cret"));
    }

    @ParameterizedTest
    @EnumSource
    void theDriverKnowsEveryMode(SslMode mode) throws SQLException {
        Properties properties = new Properties();
        PGProperty.SSL_MODE.set(properties, mode.toString());

        assertThat(org.postgresql.jdbc.SslMode.of(properties).value).isEqualTo(mode.toString());
    }

    @Test
    void aFileThatIsMissingIsNamedBeforeAnythingIsAskedFor() {
        PostgresSettings settings =
                read(
                        Map.of(
                                "PONIX_POSTGRES_PORT", "1",
                                "PONIX_POSTGRES_SSLMODE", "verify-full",
                                "PONIX_POSTGRES_SSLROOTCERT", "/nowhere/ca.pem"));

        assertThatThrownBy(settings::connect)
                .hasMessage(
                        "sslrootcert: the file /nowhere/ca.pem does not exist or cannot be read")
                .satisfies(
                        refusal ->
                                assertThat(settings.toBlame((SQLException) refusal))
                                        .containsExactly(
                                                PostgresVariable.SSLMODE,
                                                PostgresVariable.SSLROOTCERT));
    }

    @Test
    void aFailureToConnectNamesTheServerAndNoSecret() {
        PostgresSettings settings =
                read(Map.of("PONIX_POSTGRES_URL", "postgres://me:s3cret@127.0.0.1:1/d"));

        assertThatThrownBy(settings::connect)
                .hasMessageContaining("127.0.0.1:1")
                .satisfies(
                        refusal -> {
                            assertThat(stackTrace(refusal)).doesNotContain("s3cret");
                            assertThat(settings.toBlame((SQLException) refusal))
                                    .containsExactly(PostgresVariable.HOST, PostgresVariable.PORT);
                        });
    }

    private static PostgresSettings read(Map<String, String> environment) {
        return PostgresSettings.fromEnvironment(environment);
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
