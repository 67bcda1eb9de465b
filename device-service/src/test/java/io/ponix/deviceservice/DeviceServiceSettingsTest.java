package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.deviceservice.access.AccessMode;
import io.ponix.deviceservice.request.CallLimits;
import io.ponix.deviceservice.telemetry.TelemetrySettings;
import io.ponix.deviceservice.upkeep.UpkeepSettings;
import io.ponix.environment.AllowedHosts;
import io.ponix.transforms.TransformLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceServiceSettingsTest {

    @Test
    void theDefaults() {
        DeviceServiceSettings settings = DeviceServiceSettings.fromEnvironment(Map.of());
        assertThat(settings.postgres()).hasToString("ponix@localhost:5432/ponix");
        assertThat(settings)
                .isEqualTo(
                        new DeviceServiceSettings(
                                "0.0.0.0",
                                50051,
                                8080,
                                settings.postgres(),
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(30),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(8),
                                new CallLimits(5_000, 16, Duration.ofMinutes(1)),
                                TransformLimits.DEFAULT,
                                new TelemetrySettings(
                                        Optional.empty(),
                                        "processed_envelopes",
                                        Optional.empty(),
                                        "raw_envelopes",
                                        "dead_letters"),
                                new UpkeepSettings(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()),
                                AllowedHosts.parse(AllowedHosts.VARIABLE, ""),
                                AccessMode.REQUIRED,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }

    @Test
    void blankIsAbsent() {
        assertThat(DeviceServiceSettings.fromEnvironment(Map.of("PONIX_GRPC_PORT", " ")).grpcPort())
                .isEqualTo(50051);
    }

    @ParameterizedTest
    @CsvSource({
        "PONIX_GRPC_PORT, fifty",
        "PONIX_GRPC_PORT, 65536",
        "PONIX_HTTP_PORT, -1",
        "PONIX_POSTGRES_PORT, 0",
        "PONIX_POSTGRES_POOL_SIZE, 0",
        "PONIX_GRPC_REQUESTS_PER_SECOND, 0",
        "PONIX_GRPC_CONCURRENT_EVALUATIONS, 0",
        "PONIX_GRPC_IDLE_TIMEOUT_MS, 999",
        "PONIX_TRANSFORM_MAX_WORK, 0",
        "PONIX_TRANSFORM_MAX_OUTPUT_DEPTH, 201",
        "PONIX_TRANSFORM_MAX_ROWS, 0",
        "PONIX_POSTGRES_CONNECTION_TIMEOUT_MS, 100",
        "PONIX_SHUTDOWN_TIMEOUT_MS, 60000",
        "PONIX_SNAPSHOT_MAX_COUNT, 0",
    })
    void aValueThatCannotBeUsedIsNamed(String variable, String value) {
        assertThatThrownBy(() -> DeviceServiceSettings.fromEnvironment(Map.of(variable, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable + " must be a whole number from")
                .hasMessageContaining("'" + value + "'");
    }

    @ParameterizedTest
    @CsvSource({"1 s, 1", "90s, 90", "30 min, 1800", "24 h, 86400", "365 d, 31536000"})
    void howLongHistoryIsKeptHasItsUnit(String value, long seconds) {
        assertThat(
                        DeviceServiceSettings.fromEnvironment(
                                        Map.of("PONIX_HISTORY_RETENTION", value))
                                .upkeep()
                                .historyRetention())
                .contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 d", "0", "30", "forever", "-1 h", "36501 d", "1 y"})
    void aTimeThatNothingCanBeKeptForIsRefused(String value) {
        for (String variable :
                List.of(
                        "PONIX_SNAPSHOT_INTERVAL",
                        "PONIX_SNAPSHOT_MAX_AGE",
                        "PONIX_HISTORY_RETENTION")) {
            assertThatThrownBy(() -> DeviceServiceSettings.fromEnvironment(Map.of(variable, value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(variable + " must be 1 s to 36500 d")
                    .hasMessageContaining("'" + value + "'");
        }
    }

    @ParameterizedTest
    @CsvSource({"2 s, 2000", "500ms, 500", "1500, 1500", "60 s, 60000"})
    void howLongAnEvaluationMayTakeIsWrittenAsForTheJob(String value, long millis) {
        assertThat(
                        DeviceServiceSettings.fromEnvironment(
                                        Map.of("PONIX_TRANSFORM_MAX_DURATION", value))
                                .transformLimits()
                                .maxDuration())
                .hasMillis(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 ms", "61 s", "soon", "-1 s"})
    void anEvaluationThatMayTakeNoTimeOrTooMuchIsRefused(String value) {
        assertThatThrownBy(
                        () ->
                                DeviceServiceSettings.fromEnvironment(
                                        Map.of("PONIX_TRANSFORM_MAX_DURATION", value)))
                .hasMessage(
                        "PONIX_TRANSFORM_MAX_DURATION must be 1 ms to 60 s, for instance '500 ms',"
                                + " not '"
                                + value
                                + "'");
    }

    @Test
    void ofSeveralHostsThePrimaryIsAskedFor() {
        DeviceServiceSettings settings =
                DeviceServiceSettings.fromEnvironment(
                        Map.of(
                                "PONIX_POSTGRES_HOST", "a,b:5434",
                                "PONIX_POSTGRES_PORT", "5433"));
        assertThat(settings.postgres().address()).isEqualTo("a:5433,b:5434/ponix");
    }

    @Test
    void whatIsNoHostIsNamed() {
        assertThatThrownBy(
                        () ->
                                DeviceServiceSettings.fromEnvironment(
                                        Map.of("PONIX_POSTGRES_HOST", "a,")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("PONIX_POSTGRES_HOST must be hosts separated by commas, but is 'a,'");
    }

    @Test
    void thePortsMustDiffer() {
        assertThatThrownBy(
                        () ->
                                DeviceServiceSettings.fromEnvironment(
                                        Map.of(
                                                "PONIX_GRPC_PORT",
                                                "8000",
                                                "PONIX_HTTP_PORT",
                                                "8000")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PONIX_GRPC_PORT and PONIX_HTTP_PORT");
    }

    @Test
    void thePasswordIsNotPrinted() {
        assertThat(
                        DeviceServiceSettings.fromEnvironment(
                                Map.of(
                                        "PONIX_POSTGRES_PASSWORD", "s3cret",
                                        "PONIX_CLICKHOUSE_PASSWORD", "s3cret",
                                        "PONIX_NATS_USERNAME", "ponix",
                                        "PONIX_NATS_PASSWORD", "s3cret",
                                        "PONIX_NATS_URL", "nats://ponix:s3cret@nats:4222")))
                .asString()
                .doesNotContain("s3cret");
    }

    @Test
    void everyVariableIsInTheHelp() {
        String help = DeviceServiceSettings.help();
        assertThat(help).containsPattern("PONIX_GRPC_PORT +50051").contains("PONIX_LOG_LEVEL");
        for (PostgresVariable variable : PostgresVariable.values()) {
            assertThat(help).contains(variable.variable(), variable.byDefault());
        }
        for (ClickHouseVariable variable : ClickHouseVariable.values()) {
            assertThat(help).contains(variable.variable());
        }
        for (NatsVariable variable : NatsVariable.values()) {
            assertThat(help).contains(variable.variable());
        }
    }
}
