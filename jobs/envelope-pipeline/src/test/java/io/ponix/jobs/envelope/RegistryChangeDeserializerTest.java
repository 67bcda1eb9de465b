package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange.Operation;
import io.ponix.jobs.envelope.announcements.AnnouncedChange;
import io.ponix.jobs.envelope.announcements.AnnouncedChangeReader;
import io.ponix.jobs.envelope.announcements.AnnouncedTable;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    void whatTransformsNeedIsOnTheLeft() {
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
                .containsExactly(announced(AnnouncedChange.Operation.CREATE, 7, gateway));
        assertThat(read("gateways", Operation.UPDATE, row, row))
                .containsExactly(announced(AnnouncedChange.Operation.UPDATE, 7, gateway));
        assertThat(read("gateways", Operation.DELETE, row, null))
                .containsExactly(announced(AnnouncedChange.Operation.DELETE, 7, gateway));
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
                                        .isEqualTo(AnnouncedChange.Operation.UPDATE))
                .satisfies(
                        change ->
                                assertThat(gateway(change).getDeletedAt().getSeconds())
                                        .isEqualTo(3))
                .satisfies(
                        change ->
                                assertThat(gateway(change).getStatus())
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
        return gateway(
                read(
                                "gateways",
                                before == null ? Operation.INSERT : Operation.UPDATE,
                                before,
                                after)
                        .get(0)
                        .right());
    }

    @Test
    void whatARowDoesNotHoldIsNoFailure() {
        Schema key = SchemaBuilder.struct().field("gateway_id", Schema.STRING_SCHEMA).build();
        AnnouncedChange removed =
                read("gateways", Operation.DELETE, new Struct(key).put("gateway_id", "g"), null)
                        .get(0)
                        .right();
        assertThat(removed.version()).isEqualTo(Long.MAX_VALUE);
        assertThat(gateway(removed).getGatewayId()).isEqualTo("g");

        AnnouncedChange strange =
                read("gateways", Operation.INSERT, null, row(GATEWAY, "[1]", 7, "infinity"))
                        .get(0)
                        .right();
        assertThat(gateway(strange).hasEmqxConfig()).isFalse();
        assertThat(gateway(strange).hasDeletedAt()).isFalse();

        assertThat(
                        announcedGateway(
                                        row(GATEWAY, CONFIG, 7, null),
                                        row(GATEWAY, PostgresChange.UNAVAILABLE_VALUE, 8, null))
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

    @Test
    void whatIsAskedForIsAnnouncedBesideWhatTransformsNeed() throws Exception {
        Schema table =
                SchemaBuilder.struct()
                        .field("id", Schema.STRING_SCHEMA)
                        .field("organization_id", Schema.STRING_SCHEMA)
                        .field("name", Schema.STRING_SCHEMA)
                        .field("contracts", Schema.STRING_SCHEMA)
                        .field("examples", Schema.STRING_SCHEMA)
                        .field("file_descriptor_set", Schema.STRING_SCHEMA)
                        .field("version", Schema.INT64_SCHEMA)
                        .build();
        Struct old =
                new Struct(table)
                        .put("id", "def")
                        .put("organization_id", "org")
                        .put("name", "Meter")
                        .put("contracts", "[{\"transform_expression\": \"{}\", \"since\": 2027}]")
                        .put("examples", "[{\"hex\": \"00\", \"expected_json\": \"{}\"}]")
                        .put("file_descriptor_set", "CgA=")
                        .put("version", 7L);
        Struct renamed =
                new Struct(table)
                        .put("id", "def")
                        .put("organization_id", "org")
                        .put("name", "Water meter")
                        .put("contracts", PostgresChange.UNAVAILABLE_VALUE)
                        .put("examples", PostgresChange.UNAVAILABLE_VALUE)
                        .put("file_descriptor_set", PostgresChange.UNAVAILABLE_VALUE)
                        .put("version", 8L);
        String tableName = "end_device_definitions";
        Set<AnnouncedTable> all = Set.of(AnnouncedTable.values());

        List<Either<DeviceChange, AnnouncedChange>> changes =
                read(all, tableName, Operation.UPDATE, old, renamed);
        assertThat(changes).hasSize(2).element(0).matches(Either::isLeft);
        EndDeviceDefinition announced =
                EndDeviceDefinition.parseFrom(changes.get(1).right().entity());
        assertThat(announced.getName()).isEqualTo("Water meter");
        assertThat(announced.getFileDescriptorSet())
                .isEqualTo(ByteString.copyFrom(new byte[] {10, 0}));
        assertThat(announced.getContractsList())
                .containsExactly(PayloadContract.newBuilder().setTransformExpression("{}").build());
        assertThat(announced.getExamplesList())
                .containsExactly(
                        DefinitionExample.newBuilder().setHex("00").setExpectedJson("{}").build());

        assertThat(read(all, tableName, Operation.DELETE, old, null))
                .filteredOn(Either::isRight)
                .extracting(
                        change -> change.right().operation(), change -> change.right().version())
                .containsExactly(tuple(AnnouncedChange.Operation.DELETE, 7L));
        assertThat(read(all, tableName, Operation.UPDATE, null, renamed))
                .as("its contracts are not in the log")
                .noneMatch(Either::isRight);
        assertThat(read(tableName, Operation.UPDATE, old, renamed))
                .as("only gateways are announced")
                .noneMatch(Either::isRight);
    }

    private static Either<DeviceChange, AnnouncedChange> announced(
            AnnouncedChange.Operation operation, long version, Gateway gateway) {
        return Either.Right(
                new AnnouncedChange(
                        AnnouncedTable.GATEWAYS,
                        operation,
                        gateway.getGatewayId(),
                        version,
                        gateway.toByteString()));
    }

    private static Gateway gateway(AnnouncedChange change) {
        try {
            return Gateway.parseFrom(change.entity());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Either<DeviceChange, AnnouncedChange>> read(
            String table, Operation operation, Struct before, Struct after) {
        return read(Set.of(AnnouncedTable.GATEWAYS), table, operation, before, after);
    }

    private static List<Either<DeviceChange, AnnouncedChange>> read(
            Set<AnnouncedTable> announced,
            String table,
            Operation operation,
            Struct before,
            Struct after) {
        List<Either<DeviceChange, AnnouncedChange>> changes = new ArrayList<>();
        Struct source = new Struct(SOURCE).put("schema", "public").put("table", table);
        new RegistryChangeDeserializer(new AnnouncedChangeReader(announced))
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
