package io.ponix.connector.postgres.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresCdcSourceBuilderTest {

    @Test
    void defaultsAreTheDocumentedOnes() {
        PostgresCdcSettings settings = complete().build().settings();
        assertThat(settings.monitorInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.heartbeatWalBytes()).isEqualTo(16 * 1024 * 1024);
        assertThat(settings.restorableWalBytes()).isEqualTo(64 * 1024 * 1024);
        assertThat(settings.slotActiveTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.resnapshot()).isFalse();
        assertThat(settings.debeziumProperties()).isEmpty();
        assertThat(settings.connectionConfig().servers())
                .containsExactly(new PostgresServer("h", 5432));
        assertThat(
                        PostgresSettings.builder()
                                .host("h")
                                .database("d")
                                .username("u")
                                .build()
                                .password())
                .isEmpty();
    }

    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                wrong(builder -> builder.setConnection(null), "connection must be set"),
                wrong(builder -> builder.setDeserializer(null), "deserializer must be set"),
                wrong(builder -> builder.setSlotName(null), "slotName must be set"),
                wrong(
                        builder -> builder.setSlotName("Slot-1"),
                        "slotName must be 1 to 63 lower-case letters, digits and underscores, but is 'Slot-1'"),
                wrong(builder -> builder.setPublicationName(" "), "publicationName must be set"),
                wrong(
                        builder -> builder.setMonitorInterval(Duration.ofMillis(99)),
                        "monitorInterval must be at least 100 ms, but is PT0.099S"),
                wrong(
                        builder -> builder.setHeartbeatWalBytes(-1),
                        "heartbeatWalBytes must be 0 (off) or more, but is -1"),
                wrong(
                        builder -> builder.setRestorableWalBytes(-1),
                        "restorableWalBytes must be 0 or more, but is -1"),
                wrong(
                        builder -> builder.setSlotActiveTimeout(Duration.ofSeconds(-1)),
                        "slotActiveTimeout must not be negative, but is PT-1S"));
    }

    private static Arguments wrong(
            UnaryOperator<PostgresCdcSourceBuilder<String>> change, String message) {
        return Arguments.of(change, message);
    }

    @ParameterizedTest
    @MethodSource("wrongSettings")
    void aWrongSettingIsNamed(
            UnaryOperator<PostgresCdcSourceBuilder<String>> change, String message) {
        assertThatThrownBy(() -> change.apply(complete()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "snapshot.mode",
                "slot.drop.on.stop",
                "lsn.flush.mode",
                "database.password",
                "publication.autocreate.mode"
            })
    void whatTheGuaranteesRestOnCannotBeOverridden(String property) {
        assertThatThrownBy(() -> complete().setDebeziumProperty(property, "x").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("debeziumProperty '" + property + "' is set by the source itself");
    }

    @Test
    void otherPropertiesOfDebeziumAreTaken() {
        assertThat(
                        complete()
                                .setDebeziumProperty("decimal.handling.mode", "string")
                                .build()
                                .settings()
                                .debeziumProperties())
                .containsEntry("decimal.handling.mode", "string");
    }

    @Test
    void theSourceTravelsWithTheJob() throws Exception {
        PostgresCdcSource<String> copy = InstantiationUtil.clone(complete().build());
        assertThat(copy.settings().slotName()).isEqualTo("a_slot");
        assertThat(copy.settings().connectionConfig().password()).isEqualTo("secret");
    }

    @Test
    void thePasswordIsNotShown() {
        assertThat(complete().build().settings().toString())
                .contains("u@h:5432/d")
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65536})
    void aWrongPortIsNamed(int port) {
        assertThatThrownBy(
                        () ->
                                PostgresSettings.builder()
                                        .host("h")
                                        .database("d")
                                        .username("u")
                                        .port(port)
                                        .build())
                .hasMessage("port must be a whole number from 1 to 65535, not '" + port + "'");
    }

    @Test
    void severalHostsAreNamed() {
        assertThat(
                        PostgresSettings.builder()
                                .host("a,b:5433")
                                .database("d")
                                .username("u")
                                .password("secret")
                                .build())
                .hasToString("u@a:5432,b:5433/d");
    }

    @Test
    void aMissingHostIsNamed() {
        assertThatThrownBy(() -> PostgresSettings.builder().database("d").username("u").build())
                .hasMessage("host must be set");
    }

    private static PostgresCdcSourceBuilder<String> complete() {
        return PostgresCdcSource.<String>builder()
                .setConnection(
                        PostgresSettings.builder()
                                .host("h")
                                .database("d")
                                .username("u")
                                .password("secret")
                                .build())
                .setSlotName("a_slot")
                .setPublicationName("a_publication")
                .setDeserializer(new TextDeserializer());
    }
}
