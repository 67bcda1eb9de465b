package io.ponix.deviceservice.restoration;

import io.ponix.deviceservice.database.Sql;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.HostRow;
import io.ponix.registry.OrganizationRow;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is registered, and where. In the order in which one refers to those before it. */
public enum RegisteredKind {
    ORGANIZATION(
            OrganizationRow.TABLE, OrganizationRow.ID, OrganizationRow.ID, true, Optional.empty()),
    END_DEVICE_DEFINITION(
            EndDeviceDefinitionRow.TABLE,
            EndDeviceDefinitionRow.ID,
            EndDeviceDefinitionRow.ORGANIZATION_ID,
            false,
            Optional.empty()),
    GATEWAY(
            GatewayRow.TABLE,
            GatewayRow.GATEWAY_ID,
            GatewayRow.ORGANIZATION_ID,
            true,
            Optional.of(GatewayRow.ENROLMENT_DEFINITION_ID)),
    END_DEVICE(
            EndDeviceRow.TABLE,
            EndDeviceRow.DEVICE_ID,
            EndDeviceRow.ORGANIZATION_ID,
            true,
            Optional.of(EndDeviceRow.DEFINITION_ID)),
    HOST(HostRow.TABLE, HostRow.HOST_ID, HostRow.ORGANIZATION_ID, true, Optional.empty());

    /** Of each row, not of what it is of. */
    private static final Set<String> BOOKKEEPING =
            Set.of(
                    RowColumns.VERSION.name(),
                    RowColumns.REVISION.name(),
                    RowColumns.CREATED_AT.name(),
                    RowColumns.UPDATED_AT.name(),
                    RowColumns.UPDATED_BY.name());

    private final String table;
    private final Column id;
    private final Column organization;
    private final boolean marksDeleted;
    private final Optional<Column> definition;

    RegisteredKind(
            String table,
            Column id,
            Column organization,
            boolean marksDeleted,
            Optional<Column> definition) {
        this.table = table;
        this.id = id;
        this.organization = organization;
        this.marksDeleted = marksDeleted;
        this.definition = definition;
    }

    /** A column whose value is restored, and what it is where nothing is known of it. */
    record Restored(String name, String byDefault) {}

    /** The one of which events say so. */
    public static RegisteredKind of(String type) {
        return valueOf(type.toUpperCase(Locale.ROOT));
    }

    /** As events have it. */
    public String type() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Where they are. */
    public String table() {
        return table;
    }

    /** The column that names one. */
    public Column id() {
        return id;
    }

    /** The column that names its organization. */
    public Column organization() {
        return organization;
    }

    /** Whether a deleted one stays, with the time of its deletion. */
    public boolean marksDeleted() {
        return marksDeleted;
    }

    /** Which it lets go of when it is deleted. */
    Optional<Column> definition() {
        return definition;
    }

    /**
     * The columns that are restored, as the table has them now: one that came later than a state
     * has its default in it. Keys of gateways are none: who restores is not to let in whoever was
     * kept out.
     */
    List<Restored> columns(Connection connection) throws SQLException {
        return Sql.query(
                        connection,
                        row ->
                                new Restored(
                                        row.text(new Column("name", "name", "?")),
                                        row.text(new Column("otherwise", "otherwise", "?"))),
                        "SELECT attname AS name,"
                                + " coalesce(pg_get_expr(adbin, adrelid), 'NULL') AS otherwise"
                                + " FROM pg_attribute LEFT JOIN pg_attrdef"
                                + " ON adrelid = attrelid AND adnum = attnum"
                                + " WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
                                + " ORDER BY attnum",
                        table)
                .stream()
                .filter(
                        column ->
                                !BOOKKEEPING.contains(column.name())
                                        && !column.name().equals(id.name())
                                        && !column.name().equals(organization.name())
                                        && !column.name().equals(GatewayRow.KEYS.name()))
                .toList();
    }
}
