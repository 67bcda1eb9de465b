package io.ponix.jobs.envelope.devices;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange.Operation;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

class DeviceChangeReaderTest {

    private static final Schema DEVICE =
            SchemaBuilder.struct()
                    .field("device_id", Schema.STRING_SCHEMA)
                    .field("organization_id", Schema.STRING_SCHEMA)
                    .field("name", Schema.STRING_SCHEMA)
                    .field("payload_conversion", Schema.STRING_SCHEMA)
                    .field("version", Schema.INT64_SCHEMA)
                    .field("deleted_at", Schema.OPTIONAL_STRING_SCHEMA)
                    .field("definition_id", Schema.OPTIONAL_STRING_SCHEMA)
                    .field("external_id", Schema.OPTIONAL_STRING_SCHEMA)
                    .build();

    private static final Schema DEFINITION =
            SchemaBuilder.struct()
                    .field("id", Schema.STRING_SCHEMA)
                    .field("name", Schema.STRING_SCHEMA)
                    .field("contracts", Schema.STRING_SCHEMA)
                    .field("file_descriptor_set", Schema.STRING_SCHEMA)
                    .field("version", Schema.INT64_SCHEMA)
                    .build();

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
    void aDevicesRow() {
        assertThat(read("end_devices", Operation.INSERT, null, device("{'a': 1}", 7, null)))
                .containsExactly(DeviceChanges.device("d", "org", "{'a': 1}", "", 7, false));
        assertThat(
                        read(
                                "end_devices",
                                Operation.UPDATE,
                                device("{'a': 1}", 7, null),
                                device("", 8, "2026-11-21T10:00:00Z")))
                .containsExactly(DeviceChanges.device("d", "org", "", "", 8, true));
        assertThat(read("end_devices", Operation.DELETE, device("", 8, null), null))
                .containsExactly(new DeviceChange.Removed(RegistryTable.DEVICES, "d", 8));
        assertThat(read("end_devices", Operation.TRUNCATE, null, null))
                .containsExactly(new DeviceChange.Truncated(RegistryTable.DEVICES));
    }

    @Test
    void aDevicesExternalId() {
        Struct row = device("", 7, null).put("external_id", "a84041ffff1822c4");
        assertThat(read("end_devices", Operation.INSERT, null, row))
                .containsExactly(
                        DeviceChanges.device("d", "org", "", "", "a84041ffff1822c4", 7, false));
    }

    @Test
    void aTransformThatAnUpdateLeftOutIsTakenFromTheOldRow() {
        assertThat(
                        read(
                                "end_devices",
                                Operation.UPDATE,
                                device("a long transform", 7, null),
                                device(PostgresChange.UNAVAILABLE_VALUE, 8, null)))
                .containsExactly(
                        DeviceChanges.device("d", "org", "a long transform", "", 8, false));
    }

    @Test
    void anUpdateThatLeftOutATextAndItsOldRowIsPassedOver() {
        assertThat(
                        read(
                                "end_devices",
                                Operation.UPDATE,
                                null,
                                device(PostgresChange.UNAVAILABLE_VALUE, 8, null)))
                .isEmpty();
        assertThat(
                        read(
                                "end_device_definitions",
                                Operation.UPDATE,
                                null,
                                definition(PostgresChange.UNAVAILABLE_VALUE, 8)))
                .isEmpty();
    }

    @Test
    void aRemovalThatLogsOnlyTheKeyWins() {
        Schema key = SchemaBuilder.struct().field("device_id", Schema.STRING_SCHEMA).build();
        assertThat(
                        read(
                                "end_devices",
                                Operation.DELETE,
                                new Struct(key).put("device_id", "d"),
                                null))
                .containsExactly(
                        new DeviceChange.Removed(RegistryTable.DEVICES, "d", Long.MAX_VALUE));
    }

    @Test
    void aRemovalThatDoesNotLogTheKeyIsPassedOver() {
        Schema other = SchemaBuilder.struct().field("name", Schema.STRING_SCHEMA).build();
        Struct row = new Struct(other).put("name", "a name");
        for (String table : List.of("end_devices", "end_device_definitions", "organizations")) {
            assertThat(read(table, Operation.DELETE, row, null)).isEmpty();
        }
    }

    @Test
    void aRowThatLacksAColumnIsPassedOver() {
        assertThat(lackingEachColumn("end_devices", device("{'a': 1}", 7, null))).isEmpty();
        assertThat(lackingEachColumn("end_device_definitions", definition("[1]", 7))).isEmpty();
        assertThat(lackingEachColumn("organizations", organization(7, null))).isEmpty();
    }

    private static List<DeviceChange> lackingEachColumn(String table, Struct row) {
        List<DeviceChange> changes = new ArrayList<>();
        for (Field left : row.schema().fields()) {
            SchemaBuilder schema = SchemaBuilder.struct();
            row.schema().fields().stream()
                    .filter(field -> field != left)
                    .forEach(field -> schema.field(field.name(), field.schema()));
            Struct without = new Struct(schema.build());
            without.schema().fields().forEach(field -> without.put(field, row.get(field.name())));
            changes.addAll(read(table, Operation.INSERT, null, without));
            changes.addAll(read(table, Operation.UPDATE, row, without));
        }
        return changes;
    }

    @Test
    void anOrganizationsRow() {
        assertThat(read("organizations", Operation.INSERT, null, organization(7, null)))
                .containsExactly(new DeviceChange.OrganizationUpserted("org", 7, false));
        assertThat(read("organizations", Operation.UPDATE, null, organization(8, "now")))
                .containsExactly(new DeviceChange.OrganizationUpserted("org", 8, true));
        assertThat(read("organizations", Operation.DELETE, organization(8, null), null))
                .containsExactly(new DeviceChange.Removed(RegistryTable.ORGANIZATIONS, "org", 8));
        assertThat(read("organizations", Operation.TRUNCATE, null, null))
                .containsExactly(new DeviceChange.Truncated(RegistryTable.ORGANIZATIONS));
    }

    @Test
    void aDevicesDefinition() {
        assertThat(
                        read(
                                "end_devices",
                                Operation.UPDATE,
                                deviceWithDefinition("def"),
                                deviceWithDefinition("other")))
                .containsExactly(DeviceChanges.device("d", "org", "", "other", 7, false));
        assertThat(
                        read(
                                "end_devices",
                                Operation.UPDATE,
                                deviceWithDefinition("def"),
                                deviceWithDefinition(null)))
                .containsExactly(DeviceChanges.device("d", "org", "", "", 7, false));
    }

    @Test
    void aDefinitionsRow() {
        String table = "end_device_definitions";
        assertThat(read(table, Operation.INSERT, null, definition("[1]", 7)))
                .containsExactly(
                        new DeviceChange.DefinitionUpserted("def", "a name", "[1]", "CgA=", 7));
        assertThat(
                        read(
                                table,
                                Operation.UPDATE,
                                definition("[long]", 7),
                                definition(PostgresChange.UNAVAILABLE_VALUE, 8)))
                .containsExactly(
                        new DeviceChange.DefinitionUpserted("def", "a name", "[long]", "CgA=", 8));
        assertThat(read(table, Operation.DELETE, definition("[1]", 8), null))
                .containsExactly(new DeviceChange.Removed(RegistryTable.DEFINITIONS, "def", 8));
        assertThat(read(table, Operation.TRUNCATE, null, null))
                .containsExactly(new DeviceChange.Truncated(RegistryTable.DEFINITIONS));
    }

    @Test
    void otherTablesArePassedOver() {
        assertThat(read("gateways", Operation.INSERT, null, organization(7, null))).isEmpty();
    }

    private static List<DeviceChange> read(
            String table, Operation operation, Struct before, Struct after) {
        Struct source = new Struct(SOURCE).put("schema", "public").put("table", table);
        return DeviceChangeReader.read(new PostgresChange(null, operation, before, after, source))
                .stream()
                .toList();
    }

    private static Struct device(String transform, long version, String deletedAt) {
        return new Struct(DEVICE)
                .put("device_id", "d")
                .put("organization_id", "org")
                .put("name", "a name")
                .put("payload_conversion", transform)
                .put("version", version)
                .put("deleted_at", deletedAt);
    }

    private static Struct deviceWithDefinition(String definition) {
        return new Struct(DEVICE)
                .put("device_id", "d")
                .put("organization_id", "org")
                .put("name", "a name")
                .put("payload_conversion", "")
                .put("version", 7L)
                .put("definition_id", definition);
    }

    private static Struct definition(String contracts, long version) {
        return new Struct(DEFINITION)
                .put("id", "def")
                .put("name", "a name")
                .put("contracts", contracts)
                .put("file_descriptor_set", "CgA=")
                .put("version", version);
    }

    private static Struct organization(long version, String deletedAt) {
        return new Struct(ORGANIZATION)
                .put("id", "org")
                .put("version", version)
                .put("deleted_at", deletedAt);
    }
}
