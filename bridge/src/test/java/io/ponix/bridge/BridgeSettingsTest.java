package io.ponix.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.environment.AllowedHosts;
import io.ponix.environment.UnreadVariables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeSettingsTest {

    @Test
    void theDefaults() {
        BridgeSettings settings = BridgeSettings.fromEnvironment(Map.of());

        assertThat(settings.id()).isNotEmpty();
        assertThat(settings.nats().servers()).containsExactly("nats://localhost:4222");
        assertThat(settings)
                .isEqualTo(
                        new BridgeSettings(
                                settings.id(),
                                settings.nats(),
                                "raw_envelopes",
                                "gateways",
                                new DeviceServiceAddress("localhost:50051", Optional.empty()),
                                Optional.empty(),
                                Optional.empty(),
                                "127.0.0.1",
                                8090,
                                Optional.empty(),
                                AllowedHosts.parse(AllowedHosts.VARIABLE, "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PONIX_BRIDGE_PORT",
                "PONIX_BRIDGE_HOST",
                "PONIX_BRIDGE_ID",
                "PONIX_BRIDGE_TLS_KEYSTORE",
                "PONIX_BRIDGE_TLS_KEYSTORE_PASSWORD",
                "PONIX_DEVICE_SERVICE_ADDRESS",
                "PONIX_MQTT_CREDENTIALS_FILE",
                "PONIX_NATS_RAW_STREAM",
                "PONIX_NATS_GATEWAY_STREAM"
            })
    void blankIsAbsent(String variable) {
        assertThat(BridgeSettings.fromEnvironment(Map.of(variable, " ")))
                .isEqualTo(BridgeSettings.fromEnvironment(Map.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PONIX_BRIDGE_PORT | ninety | must be a whole number from 0 to 65535, is ninety",
                "PONIX_BRIDGE_PORT | -1 | must be a whole number from 0 to 65535, is -1",
                "PONIX_BRIDGE_PORT | 65536 | must be a whole number from 0 to 65535, is 65536",
                "PONIX_BRIDGE_ID | north 1 | must be 1 to 64 letters, digits, '.', '-' and '_', is north 1",
                "PONIX_BRIDGE_ID | a/+ | must be 1 to 64 letters",
                "PONIX_DEVICE_SERVICE_ADDRESS | localhost | must be HOST:PORT, or https://HOST:PORT for TLS, is localhost",
                "PONIX_DEVICE_SERVICE_ADDRESS | :50051 | must be HOST:PORT, or https://HOST:PORT for TLS, is :50051",
                "PONIX_DEVICE_SERVICE_ADDRESS | localhost:grpc | must be HOST:PORT",
                "PONIX_DEVICE_SERVICE_ADDRESS | localhost:65536 | must be HOST:PORT",
                "PONIX_DEVICE_SERVICE_ADDRESS | https://localhost | must be HOST:PORT",
                "PONIX_MQTT_CREDENTIALS_FILE | /nowhere/credentials | names a file that does not exist or cannot be read: /nowhere/credentials",
                "PONIX_NATS_RAW_STREAM | raw.envelopes | must be the name of a stream",
                "PONIX_NATS_GATEWAY_STREAM | gate ways | must be the name of a stream",
                "PONIX_LOG_LEVEL | loud | must be trace, debug, info, warn or error, is loud",
            })
    void aValueThatCannotBeUsedIsNamed(String variable, String value, String problem) {
        assertThatThrownBy(() -> BridgeSettings.fromEnvironment(Map.of(variable, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable + " " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost:50051 | PONIX_DEVICE_SERVICE_ADDRESS must begin with https:// where files for TLS are named, is localhost:50051",
                "https://localhost:50051 | PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE or PONIX_DEVICE_SERVICE_TLS_KEYSTORE, or the password, is wrong: truststore: /nowhere cannot be used: it does not exist",
            })
    void authoritiesOfTheDeviceServiceThatWouldNotBeUsedAreNamed(String address, String problem) {
        assertThatThrownBy(
                        () ->
                                BridgeSettings.fromEnvironment(
                                        Map.of(
                                                "PONIX_DEVICE_SERVICE_ADDRESS",
                                                address,
                                                "PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE",
                                                "/nowhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aCredentialsFileThatIsAFolderIsNamed(@TempDir Path folder) {
        assertThatThrownBy(
                        () ->
                                BridgeSettings.fromEnvironment(
                                        Map.of("PONIX_MQTT_CREDENTIALS_FILE", folder.toString())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PONIX_MQTT_CREDENTIALS_FILE names a file");
    }

    @Test
    void aKeystoreThatCannotBeUsedIsNamed(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("bridge.pem");
        Files.writeString(file, "hidden");
        for (String keystore : List.of("/nowhere/bridge.pem", file.toString())) {
            assertThatThrownBy(
                            () ->
                                    BridgeSettings.fromEnvironment(
                                            Map.of(
                                                    "PONIX_BRIDGE_TLS_KEYSTORE",
                                                    keystore,
                                                    "PONIX_BRIDGE_TLS_KEYSTORE_PASSWORD",
                                                    "hidden")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PONIX_BRIDGE_TLS_KEYSTORE")
                    .hasMessageContaining(keystore)
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void noSecretIsShown(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("credentials");
        Files.writeString(file, "north.password=hidden-1\n");
        BridgeSettings settings =
                BridgeSettings.fromEnvironment(
                        Map.of(
                                "PONIX_NATS_URL", "nats://localhost:4222",
                                "PONIX_NATS_USERNAME", "ponix",
                                "PONIX_NATS_PASSWORD", "hidden-2",
                                "PONIX_MQTT_CREDENTIALS_FILE", file.toString()));

        assertThat(settings.toString()).doesNotContain("hidden");
    }

    @Test
    void theHelpHasEveryVariable() {
        assertThat(BridgeSettings.variables())
                .allSatisfy(
                        variable -> assertThat(BridgeSettings.help()).contains("  " + variable));
        assertThat(UnreadVariables.known()).containsAll(BridgeSettings.variables());
    }
}
