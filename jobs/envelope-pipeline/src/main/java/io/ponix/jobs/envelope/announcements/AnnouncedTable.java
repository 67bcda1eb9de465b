package io.ponix.jobs.envelope.announcements;

import com.google.protobuf.MessageLite;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.jobs.options.EnvironmentDefaults;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.OrganizationRow;
import io.ponix.registry.RegisteredDevice;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The tables in Postgres (migrations/postgres) of which changes may be announced. */
public enum AnnouncedTable {
    /** Announced as {@code ponix.gateway.v1.Gateway}. */
    GATEWAYS(
            1,
            "gateway",
            GatewayRow.TABLE,
            "--publish-gateway-changes",
            "--nats-gateway-stream",
            GatewayRow.GATEWAY_ID,
            GatewayRow.COLUMNS,
            List.of(GatewayRow.ORGANIZATION_ID, GatewayRow.TYPE, GatewayRow.CONFIG)) {
        @Override
        <E extends Exception> MessageLite message(Row<E> row) throws E {
            return GatewayRow.read(row).toMessage();
        }
    },
    /** Announced as {@code ponix.organization.v1.Organization}. */
    ORGANIZATIONS(
            2,
            "organization",
            OrganizationRow.TABLE,
            "--publish-registry-changes",
            "--nats-organization-stream",
            OrganizationRow.ID,
            OrganizationRow.COLUMNS,
            List.of(OrganizationRow.NAME)) {
        @Override
        <E extends Exception> MessageLite message(Row<E> row) throws E {
            return OrganizationRow.read(row).toMessage();
        }
    },
    /** Announced as {@code ponix.end_device.v1.EndDevice}. */
    END_DEVICES(
            3,
            "endDevice",
            EndDeviceRow.TABLE,
            "--publish-registry-changes",
            "--nats-end-device-stream",
            EndDeviceRow.DEVICE_ID,
            RegisteredDevice.COLUMNS,
            List.of(
                    EndDeviceRow.ORGANIZATION_ID,
                    EndDeviceRow.NAME,
                    EndDeviceRow.PAYLOAD_CONVERSION)) {
        @Override
        <E extends Exception> MessageLite message(Row<E> row) throws E {
            return RegisteredDevice.read(row).toMessage();
        }
    },
    /** Announced as {@code ponix.end_device.v1.EndDeviceDefinition}. */
    END_DEVICE_DEFINITIONS(
            4,
            "endDeviceDefinition",
            EndDeviceDefinitionRow.TABLE,
            "--publish-registry-changes",
            "--nats-end-device-definition-stream",
            EndDeviceDefinitionRow.ID,
            EndDeviceDefinitionRow.COLUMNS,
            List.of(
                    EndDeviceDefinitionRow.ORGANIZATION_ID,
                    EndDeviceDefinitionRow.NAME,
                    EndDeviceDefinitionRow.CONTRACTS)) {
        @Override
        <E extends Exception> MessageLite message(Row<E> row) throws E {
            return EndDeviceDefinitionRow.read(row).toMessage();
        }
    };

    private final byte code;
    private final String entity;
    private final String tableName;
    private final String option;
    private final String streamOption;
    private final Column id;
    private final List<Column> columns;
    private final List<Column> needed;

    /**
     * @param code the number that stands for it in serialized form; never reused
     * @param entity what its rows are, as metrics name it
     * @param option the option that says whether its changes are announced
     * @param streamOption the option that names the stream
     * @param needed beside id and version, those of the first release; the others have defaults for
     *     changes from before them
     */
    AnnouncedTable(
            int code,
            String entity,
            String tableName,
            String option,
            String streamOption,
            Column id,
            List<Column> columns,
            List<Column> needed) {
        this.code = (byte) code;
        this.entity = entity;
        this.tableName = tableName;
        this.option = option;
        this.streamOption = streamOption;
        this.id = id;
        this.columns = columns;
        this.needed = Stream.concat(Stream.of(id, RowColumns.VERSION), needed.stream()).toList();
    }

    /** The table of this name, if changes of it may be announced. */
    static Optional<AnnouncedTable> named(String tableName) {
        return Arrays.stream(values())
                .filter(table -> table.tableName.equals(tableName))
                .findFirst();
    }

    static AnnouncedTable ofCode(byte code) {
        return Arrays.stream(values())
                .filter(table -> table.code == code)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No table has the code " + code));
    }

    byte code() {
        return code;
    }

    /** What its rows are, as metrics name it. */
    String entity() {
        return entity;
    }

    /** The option that says whether its changes are announced. */
    public String option() {
        return option;
    }

    /** What names the stream of its changes, as a person sets it: the option and its variable. */
    public String streamSetting() {
        return streamOption + " (" + EnvironmentDefaults.variable(streamOption) + ")";
    }

    /** Its name in Postgres. */
    public String tableName() {
        return tableName;
    }

    /** What has to be published of it. */
    public PublishedTable published() {
        return new PublishedTable(
                tableName,
                Stream.concat(columns.stream(), Stream.of(RowColumns.VERSION))
                        .map(Column::name)
                        .toList());
    }

    /** The column that identifies a row. */
    Column id() {
        return id;
    }

    /** The columns that are read. */
    List<Column> columns() {
        return columns;
    }

    /** The columns without which a row cannot be announced. */
    List<Column> needed() {
        return needed;
    }

    /** The row as it is announced. */
    abstract <E extends Exception> MessageLite message(Row<E> row) throws E;
}
