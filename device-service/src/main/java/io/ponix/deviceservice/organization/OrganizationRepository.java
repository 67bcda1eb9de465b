package io.ponix.deviceservice.organization;

import static io.ponix.registry.OrganizationRow.ID;
import static io.ponix.registry.OrganizationRow.NAME;
import static io.ponix.registry.OrganizationRow.TABLE;
import static io.ponix.registry.RowColumns.CREATED_AT;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.DESCRIPTION;
import static io.ponix.registry.RowColumns.LABELS;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.listing.ListField;
import io.ponix.deviceservice.listing.ListFields;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Undeletion;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.registry.Column;
import io.ponix.registry.OrganizationRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The table {@code organizations}. */
final class OrganizationRepository {

    private static final String COLUMNS = Column.select(OrganizationRow.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String BY_ID = " WHERE " + ID + " = ? AND " + DELETED_AT + " IS NULL";

    private static final ListFields LISTED =
            new ListFields(
                    ID,
                    ListField.time("created_at", CREATED_AT),
                    ListField.time("updated_at", UPDATED_AT),
                    ListField.optionalTime("deleted_at", DELETED_AT),
                    ListField.id("id", ID),
                    ListField.text("name", NAME),
                    ListField.optionalText("description", DESCRIPTION),
                    ListField.labels("labels", LABELS));

    private final Database database;

    OrganizationRepository(Database database) {
        this.database = database;
    }

    /** Adds the organization and returns it as it is there, or nothing if its id is taken. */
    static Optional<OrganizationRow> add(Connection connection, OrganizationRow organization)
            throws SQLException {
        Map<Column, Object> values = new LinkedHashMap<>(organization.values());
        values.put(UPDATED_BY, Caller.current().keyId());
        return Sql.insert(
                connection,
                OrganizationRow::read,
                TABLE,
                values,
                "ON CONFLICT (" + ID + ") DO NOTHING",
                COLUMNS);
    }

    /** Returns the organization unless it was deleted. */
    Optional<OrganizationRow> find(String id) {
        return database.call(
                connection ->
                        Sql.query(connection, OrganizationRow::read, SELECT + BY_ID, id).stream()
                                .findFirst());
    }

    /**
     * Returns the organizations, newest first, as far as they are asked for.
     *
     * @param only the only one there is for the caller; empty: all
     * @throws RequestException INVALID_ARGUMENT when the request asks for what is no list
     */
    ListQuery.Result<Organization> list(String only, ListOrganizationsRequest request) {
        Conditions conditions = new Conditions("? IN ('', " + ID + ")", only);
        if (!request.getShowDeleted()) {
            conditions.and(DELETED_AT + " IS NULL");
        }
        return ListQuery.of(LISTED, request)
                .read(
                        database,
                        COLUMNS,
                        TABLE,
                        conditions,
                        OrganizationRow::read,
                        OrganizationRow::toMessage);
    }

    /**
     * Changes these columns and returns the organization as it is then, or empty when there is
     * none.
     *
     * @param changes the new values
     * @throws RequestException ABORTED when the organization is not as expected
     */
    static Optional<OrganizationRow> update(
            Connection connection, String id, Etag etag, Map<Column, Object> changes, Instant now)
            throws SQLException {
        etag.require(connection, "Organization", id, TABLE, BY_ID, id);
        Map<Column, Object> values = new LinkedHashMap<>(changes);
        values.put(UPDATED_AT, now);
        values.put(UPDATED_BY, Caller.current().keyId());
        return Sql.query(
                        connection,
                        OrganizationRow::read,
                        "UPDATE "
                                + TABLE
                                + " SET "
                                + Sql.assignments(values)
                                + BY_ID
                                + " RETURNING "
                                + COLUMNS,
                        Sql.parameters(values, id))
                .stream()
                .findFirst();
    }

    /**
     * Marks the organization as deleted and returns true, or returns false when there is none to
     * delete.
     *
     * @throws RequestException ABORTED when the organization is not as expected
     */
    static boolean delete(Connection connection, String id, Etag etag, Instant now)
            throws SQLException {
        return update(connection, id, etag, Map.of(DELETED_AT, now), now).isPresent();
    }

    /**
     * Brings a deleted organization back, and returns it.
     *
     * @throws RequestException see {@link Undeletion#make}
     */
    static OrganizationRow undelete(
            Connection connection,
            String id,
            String organizationId,
            Etag etag,
            RequestException notFound)
            throws SQLException {
        new Undeletion(RegisteredKind.ORGANIZATION, "Organization", id, notFound)
                .make(connection, organizationId, etag);
        return Sql.query(connection, OrganizationRow::read, SELECT + BY_ID, id).stream()
                .findFirst()
                .orElseThrow(() -> notFound);
    }
}
