package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange.Operation;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.gateways.GatewayChange;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.types.Either;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

class RegistryChangeDeserializerTest {

    private static final String CONFIG = "{\"broker_url\": \"mqtt://broker\"}";

    /** As the table was before there was a status. */
    private static final Schema GATEWAY = gateway().build();

    private static final Schema GATEWAY_WITH_STATUS =
            gateway().field("status", Schema.STRING_SCHEMA).build();

    private static final Schema ORGANIZATION =
            SchemaBuilder.struct()
                    .field("id", Schema.STRING_SCHEMA)
                    .field("version", Schema.INT64_SCHEMA)
                    .field("deleted_at", Schema.OPTIONAL_STRING_SCHEMA)
                    .build();

    private static final Schema SOURCE =
            SchemaBuilder.struct()
                    .field("schema", Schema.STRING_SCHEMA)
                    .field("table", Schema.STRING_SCHEMA)
                    .build();

    @Test
    void whatConcernsDevicesIsOnTheLeft() {
        assertThat(
                        read(
                                "organizations",
                                Operation.INSERT,
                                null,
                                new Struct(ORGANIZATION).put("id", "org").put("version", 7L)))
                .containsExactly(
                        Either.Left(new DeviceChange.OrganizationUpserted("org", 7, false)));
        assertThat(read("other", Operation.TRUNCATE, null, null)).isEmpty();
    }

    @Test
    void aGatewaysRowIsTheMessageOnTheRight() {
        Struct row = row(GATEWAY_WITH_STATUS, CONFIG, 7, null).put("status", "error");
        Gateway gateway =
                Gateway.newBuilder()
                        .setGatewayId("g")
                        .setOrganizationId("org")
                        .setName("mqtt://broker")
                        .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                        .setType(GatewayType.GATEWAY_TYPE_EMQX)
                        .setEmqxConfig(EMQXGatewayConfig.newBuilder().setBrokerUrl("mqtt://broker"))
                        .setCreatedAt(com.google.protobuf.Timestamp.newBuilder().setSeconds(1))
                        .setUpdatedAt(
                                com.google.protobuf.Timestamp.newBuilder()
                                        .setSeconds(2)
                                        .setNanos(345_678_000))
                        .build();

        assertThat(read("gateways", Operation.INSERT, null, row))
                .containsExactly(announced(GatewayChange.Operation.CREATE, 7, gateway));
        assertThat(read("gateways", Operation.UPDATE, row, row))
                .containsExactly(announced(GatewayChange.Operation.UPDATE, 7, gateway));
        assertThat(read("gateways", Operation.DELETE, row, null))
                .containsExactly(announced(GatewayChange.Operation.DELETE, 7, gateway));
        assertThat(read("gateways", Operation.TRUNCATE, null, null)).isEmpty();
    }

    @Test
    void aDeletionByTheServiceIsAnUpdate() {
        assertThat(
                        read(
                                        "gateways",
                                        Operation.UPDATE,
                                        row(GATEWAY, CONFIG, 7, null),
                                        row(GATEWAY, CONFIG, 8, "1970-01-01T00:00:03Z"))
                                .get(0)
                                .right())
                .satisfies(
                        change ->
                                assertThat(change.operation())
                                        .isEqualTo(GatewayChange.Operation.UPDATE))
                .satisfies(
                        change ->
                                assertThat(change.gateway().getDeletedAt().getSeconds())
                                        .isEqualTo(3))
                .satisfies(
                        change ->
                                assertThat(change.gateway().getStatus())
                                        .as("of a row from before there was the column")
                                        .isEqualTo(GatewayStatus.GATEWAY_STATUS_ACTIVE));
    }

    @Test
    void whatItsMessagesMeanIsAnnounced() {
        Schema schema =
                gateway()
                        .field("intake_preset", Schema.STRING_SCHEMA)
                        .field("intake_expression", Schema.STRING_SCHEMA)
                        .build();
        Struct preset =
                row(schema, CONFIG, 7, null)
                        .put("intake_preset", "chirpstack")
                        .put("intake_expression", "");
        Struct expression =
                row(schema, CONFIG, 8, null)
                        .put("intake_preset", "")
                        .put("intake_expression", "dyn(null)");
        Struct untouched =
                row(schema, CONFIG, 9, null)
                        .put("intake_preset", "")
                        .put("intake_expression", PostgresChange.UNAVAILABLE_VALUE);

        assertThat(announcedGateway(null, preset).getIntakePreset()).isEqualTo("chirpstack");
        assertThat(announcedGateway(preset, expression).getIntakeExpression())
                .isEqualTo("dyn(null)");
        assertThat(announcedGateway(expression, untouched).getIntakeExpression())
                .isEqualTo("dyn(null)");
        assertThat(read("gateways", Operation.UPDATE, null, untouched))
                .as("what a bridge needs is not in the log")
                .isEmpty();
    }

    @Test
    void itsKeysAreAnnounced() {
        Schema schema = gateway().field("gateway_keys", Schema.STRING_SCHEMA).build();
        Struct none = row(schema, CONFIG, 7, null).put("gateway_keys", "[]");
        Struct one =
                row(schema, CONFIG, 8, null)
                        .put(
                                "gateway_keys",
                                "[{\"key_id\": \"k\", \"sha256\": \"" + "A".repeat(43) + "=\"}]");
        Struct untouched =
                row(schema, CONFIG, 9, null).put("gateway_keys", PostgresChange.UNAVAILABLE_VALUE);

        assertThat(announcedGateway(null, none).getKeysCount()).isZero();
        assertThat(announcedGateway(none, one).getKeys(0).getKeyId()).isEqualTo("k");
        assertThat(announcedGateway(one, untouched).getKeys(0).getKeyId()).isEqualTo("k");
        assertThat(read("gateways", Operation.UPDATE, null, untouched))
                .as("what a bridge needs is not in the log")
                .isEmpty();
    }

    private static Gateway announcedGateway(Struct before, Struct after) {
        return read("gateways", before == null ? Operation.INSERT : Operation.UPDATE, before, after)
                .get(0)
                .right()
                .gateway();
    }

    @Test
    void whatARowDoesNotHoldIsNoFailure() {
        Schema key = SchemaBuilder.struct().field("gateway_id", Schema.STRING_SCHEMA).build();
        GatewayChange removed =
                read("gateways", Operation.DELETE, new Struct(key).put("gateway_id", "g"), null)
                        .get(0)
                        .right();
        assertThat(removed.version()).isEqualTo(Long.MAX_VALUE);
        assertThat(removed.gateway().getGatewayId()).isEqualTo("g");

        GatewayChange strange =
                read("gateways", Operation.INSERT, null, row(GATEWAY, "[1]", 7, "infinity"))
                        .get(0)
                        .right();
        assertThat(strange.gateway().hasEmqxConfig()).isFalse();
        assertThat(strange.gateway().hasDeletedAt()).isFalse();

        assertThat(
                        read(
                                        "gateways",
                                        Operation.UPDATE,
                                        row(GATEWAY, CONFIG, 7, null),
                                        row(GATEWAY, PostgresChange.UNAVAILABLE_VALUE, 8, null))
                                .get(0)
                                .right()
                                .gateway()
                                .getEmqxConfig()
                                .getBrokerUrl())
                .isEqualTo("mqtt://broker");
        assertThat(
                        read(
                                "gateways",
                                Operation.UPDATE,
                                null,
                                row(GATEWAY, PostgresChange.UNAVAILABLE_VALUE, 8, null)))
                .as("what a bridge needs is not in the log")
                .isEmpty();
    }

    private static Either<DeviceChange, GatewayChange> announced(
            GatewayChange.Operation operation, long version, Gateway gateway) {
        return Either.Right(new GatewayChange(operation, version, gateway));
    }

    private static List<Either<DeviceChange, GatewayChange>> read(
            String table, Operation operation, Struct before, Struct after) {
        List<Either<DeviceChange, GatewayChange>> changes = new ArrayList<>();
        Struct source = new Struct(SOURCE).put("schema", "public").put("table", table);
        new RegistryChangeDeserializer()
                .deserialize(
                        new PostgresChange(null, operation, before, after, source),
                        new ListCollector<>(changes));
        return changes;
    }

    private static SchemaBuilder gateway() {
        return SchemaBuilder.struct()
                .field("gateway_id", Schema.STRING_SCHEMA)
                .field("organization_id", Schema.STRING_SCHEMA)
                .field("name", Schema.STRING_SCHEMA)
                .field("gateway_type", Schema.STRING_SCHEMA)
                .field("gateway_config", Schema.STRING_SCHEMA)
                .field("version", Schema.INT64_SCHEMA)
                .field("created_at", Schema.STRING_SCHEMA)
                .field("updated_at", Schema.STRING_SCHEMA)
                .field("deleted_at", Schema.OPTIONAL_STRING_SCHEMA);
    }

    private static Struct row(Schema schema, String config, long version, String deletedAt) {
        return new Struct(schema)
                .put("gateway_id", "g")
                .put("organization_id", "org")
                .put("name", "")
                .put("gateway_type", "emqx")
                .put("gateway_config", config)
                .put("version", version)
                .put("created_at", "1970-01-01T00:00:01Z")
                .put("updated_at", "1970-01-01T00:00:02.345678Z")
                .put("deleted_at", deletedAt);
    }
}
