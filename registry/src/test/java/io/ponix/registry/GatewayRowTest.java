package io.ponix.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayRowTest {

    private static final String URL = "mqtt://broker.example.com:1883";

    @Test
    void whatIsWrittenIsReadAgain() {
        EMQXGatewayConfig config = EMQXGatewayConfig.newBuilder().setBrokerUrl(URL).build();
        String text = GatewayRow.text(config);
        assertThat(text).isEqualTo("{\"broker_url\":\"" + URL + "\"}");
        for (GatewayStatus status : GatewayStatus.values()) {
            if (status == GatewayStatus.UNRECOGNIZED) {
                continue;
            }
            assertThat(
                            row(
                                            "North",
                                            GatewayRow.text(GatewayType.GATEWAY_TYPE_EMQX),
                                            GatewayRow.text(status),
                                            text)
                                    .toMessage())
                    .isEqualTo(
                            Gateway.newBuilder()
                                    .setGatewayId("g")
                                    .setOrganizationId("org")
                                    .setName("North")
                                    .setStatus(status)
                                    .setStatusReason("unknown host")
                                    .setType(GatewayType.GATEWAY_TYPE_EMQX)
                                    .setEmqxConfig(config)
                                    .setEnrolment(
                                            Enrolment.newBuilder()
                                                    .setDefinitionId("definition")
                                                    .setDevicesPerHour(7))
                                    .setDescription("On the roof")
                                    .putLabels("site", "north")
                                    .setCreatedAt(Timestamp.newBuilder().setSeconds(1).setNanos(2))
                                    .setUpdatedAt(Timestamp.newBuilder().setSeconds(3))
                                    .setDeletedAt(Timestamp.newBuilder().setSeconds(4))
                                    .setEtag("5")
                                    .build());
        }
    }

    @Test
    void withoutANameTheGatewayIsCalledByItsBroker() {
        assertThat(
                        row("", "emqx", "active", "{\"broker_url\":\"" + URL + "\"}")
                                .toMessage()
                                .getName())
                .isEqualTo(URL);
        assertThat(row("", "emqx", "active", GatewayRow.NO_CONFIG).toMessage().getName()).isEmpty();
    }

    @Test
    void everyFieldOfAConfigIsWrittenAndReadAgain() {
        EMQXGatewayConfig config =
                EMQXGatewayConfig.newBuilder()
                        .setBrokerUrl(URL)
                        .setSubscriptionGroup("ponix")
                        .setCredential("north")
                        .setMqttVersion(MqttVersion.MQTT_VERSION_3_1_1)
                        .setSessionExpiry(Duration.newBuilder().setSeconds(3600))
                        .setTopicFilter("v3/#")
                        .build();
        assertThat(config.getAllFields()).hasSameSizeAs(config.getDescriptorForType().getFields());

        Gateway gateway = row("North", "emqx", "active", GatewayRow.text(config)).toMessage();

        assertThat(gateway.getEmqxConfig()).isEqualTo(config);
    }

    @Test
    void whatItsMessagesMeanIsAPresetAnExpressionOrNeither() {
        GatewayRow without = row("North", "emqx", "active", GatewayRow.NO_CONFIG);
        assertThat(without.toMessage().getIntakeCase())
                .isEqualTo(Gateway.IntakeCase.INTAKE_NOT_SET);
        assertThat(withIntake(without, "chirpstack", "").toMessage())
                .isEqualTo(without.toMessage().toBuilder().setIntakePreset("chirpstack").build());
        assertThat(withIntake(without, "", "dyn(null)").toMessage())
                .isEqualTo(
                        without.toMessage().toBuilder().setIntakeExpression("dyn(null)").build());
        assertThat(withIntake(without, "chirpstack", "").values())
                .containsEntry(GatewayRow.INTAKE_PRESET, "chirpstack")
                .containsEntry(GatewayRow.INTAKE_EXPRESSION, "");
    }

    @Test
    void keysAreAnArrayAndAnythingElseIsNone() {
        GatewayKey key =
                GatewayKey.newBuilder()
                        .setKeyId("k")
                        .setName("The Things Stack")
                        .setCreatedAt(Timestamp.newBuilder().setSeconds(5).setNanos(6_000))
                        .setSha256(ByteString.copyFrom(new byte[32]))
                        .build();
        assertThat(key.getAllFields()).hasSameSizeAs(key.getDescriptorForType().getFields());
        String text = GatewayRow.text(key);
        GatewayRow without = row("North", "emqx", "active", GatewayRow.NO_CONFIG);

        assertThat(without.toMessage().getKeysList()).isEmpty();
        GatewayRow with = withKeys(without, "[" + text + "," + text + "]");
        assertThat(with.toMessage().getKeysList()).containsExactly(key, key);
        assertThat(with.values()).containsEntry(GatewayRow.KEYS, with.keys());
        for (String other : List.of("", "{}", "null", "[1]", "[{\"sha256\": 7}]")) {
            assertThat(withKeys(without, other).toMessage())
                    .as(other)
                    .isEqualTo(without.toMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "[]",
                "{}",
                "{\"key_id\": \"x\"}",
                "{\"key_id\": \"x\", \"sha256\": \"AAAA\"}",
                "{\"key_id\": \"x\", \"sha256\": \"?\"}",
                "{\"sha256\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
                "{\"key_id\": \"x\", \"created_at\": \"yesterday\","
                        + " \"sha256\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"
            })
    void aKeyOfAnotherFormIsLeftOutAndTheOthersStay(String other) {
        GatewayKey key =
                GatewayKey.newBuilder()
                        .setKeyId("k")
                        .setSha256(ByteString.copyFrom(new byte[32]))
                        .build();
        GatewayRow row = row("North", "emqx", "active", GatewayRow.NO_CONFIG);

        assertThat(
                        withKeys(row, "[" + other + "," + GatewayRow.text(key) + "]")
                                .toMessage()
                                .getKeysList())
                .containsExactly(key);
    }

    private static GatewayRow withKeys(GatewayRow row, String keys) {
        return new GatewayRow(
                row.gatewayId(),
                row.organizationId(),
                row.name(),
                row.type(),
                row.status(),
                row.statusReason(),
                row.config(),
                row.intakePreset(),
                row.intakeExpression(),
                row.enrolmentDefinitionId(),
                row.enrolmentsPerHour(),
                keys,
                row.description(),
                row.createdAt(),
                row.updatedAt(),
                row.deletedAt(),
                row.revision());
    }

    private static GatewayRow withIntake(GatewayRow row, String preset, String expression) {
        return new GatewayRow(
                row.gatewayId(),
                row.organizationId(),
                row.name(),
                row.type(),
                row.status(),
                row.statusReason(),
                row.config(),
                preset,
                expression,
                row.enrolmentDefinitionId(),
                row.enrolmentsPerHour(),
                row.keys(),
                row.description(),
                row.createdAt(),
                row.updatedAt(),
                row.deletedAt(),
                row.revision());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "\"text\"",
                "{\"broker_url\": {}}",
                "{\"broker_url\": null}",
                "{\"other\": 1}",
                ""
            })
    void aConfigOfAnotherFormIsNone(String config) {
        Gateway gateway = row("North", "lora", "broken", config).toMessage();

        assertThat(gateway.hasEmqxConfig()).isFalse();
        assertThat(gateway.getType()).isEqualTo(GatewayType.GATEWAY_TYPE_UNSPECIFIED);
        assertThat(gateway.getStatus()).isEqualTo(GatewayStatus.GATEWAY_STATUS_UNSPECIFIED);
        assertThat(gateway.getName()).isEqualTo("North");
    }

    private static GatewayRow row(String name, String type, String status, String config) {
        return new GatewayRow(
                "g",
                "org",
                name,
                type,
                status,
                "unknown host",
                config,
                "",
                "",
                "definition",
                7,
                GatewayRow.NO_KEYS,
                Description.of("On the roof", Map.of("site", "north")),
                Instant.ofEpochSecond(1, 2),
                Instant.ofEpochSecond(3),
                Optional.of(Instant.ofEpochSecond(4)),
                5);
    }
}
