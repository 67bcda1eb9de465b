package io.ponix.jobs.envelope.devices;

import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.OrganizationRow;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tables in Postgres (migrations/postgres) whose rows the job keeps in memory, and the columns
 * it reads of them. In the order in which they are loaded: no device without its organization and
 * definition.
 */
public enum RegistryTable {
    /** Organizations. */
    ORGANIZATIONS(
            OrganizationRow.TABLE,
            OrganizationRow.ID,
            List.of(OrganizationRow.ID, RowColumns.VERSION, RowColumns.DELETED_AT)) {
        @Override
        <E extends Exception> DeviceChange upserted(Row<E> row) throws E {
            return new DeviceChange.OrganizationUpserted(
                    row.text(OrganizationRow.ID),
                    row.number(RowColumns.VERSION),
                    row.has(RowColumns.DELETED_AT));
        }
    },
    /** Definitions, which are deleted for good. */
    DEFINITIONS(
            EndDeviceDefinitionRow.TABLE,
            EndDeviceDefinitionRow.ID,
            List.of(
                    EndDeviceDefinitionRow.ID,
                    EndDeviceDefinitionRow.NAME,
                    EndDeviceDefinitionRow.CONTRACTS,
                    EndDeviceDefinitionRow.FILE_DESCRIPTOR_SET,
                    RowColumns.VERSION)) {
        @Override
        <E extends Exception> DeviceChange upserted(Row<E> row) throws E {
            return new DeviceChange.DefinitionUpserted(
                    row.text(EndDeviceDefinitionRow.ID),
                    row.text(EndDeviceDefinitionRow.NAME),
                    row.text(EndDeviceDefinitionRow.CONTRACTS),
                    row.text(EndDeviceDefinitionRow.FILE_DESCRIPTOR_SET),
                    row.number(RowColumns.VERSION));
        }
    },
    /** Devices. */
    DEVICES(
            EndDeviceRow.TABLE,
            EndDeviceRow.DEVICE_ID,
            Stream.concat(
                            EndDeviceRow.COLUMNS.stream(),
                            Stream.of(RowColumns.VERSION, RowColumns.DELETED_AT))
                    .toList()) {
        @Override
        <E extends Exception> DeviceChange upserted(Row<E> row) throws E {
            return new DeviceChange.DeviceUpserted(
                    EndDeviceRow.read(row),
                    row.number(RowColumns.VERSION),
                    row.has(RowColumns.DELETED_AT));
        }
    };

    private final String tableName;
    private final Column id;
    private final List<Column> columns;

    RegistryTable(String tableName, Column id, List<Column> columns) {
        this.tableName = tableName;
        this.id = id;
        this.columns = columns;
    }

    /** The table of this name, if the job keeps it. */
    static Optional<RegistryTable> named(String tableName) {
        return Arrays.stream(values())
                .filter(table -> table.tableName.equals(tableName))
                .findFirst();
    }

    /** What has to be published of all of them. */
    public static List<PublishedTable> published() {
        return Arrays.stream(values())
                .map(
                        table ->
                                new PublishedTable(
                                        table.tableName,
                                        table.columns.stream().map(Column::name).toList()))
                .toList();
    }

    /** Its name in Postgres. */
    String tableName() {
        return tableName;
    }

    /** The column that identifies a row. */
    Column id() {
        return id;
    }

    /** The columns that are read. */
    List<Column> columns() {
        return columns;
    }

    /** The change to a row that has these columns. */
    abstract <E extends Exception> DeviceChange upserted(Row<E> row) throws E;
}
