package io.ponix.deviceservice.definition;

import static io.ponix.registry.EndDeviceDefinitionRow.ID;
import static io.ponix.registry.EndDeviceDefinitionRow.NAME;
import static io.ponix.registry.EndDeviceDefinitionRow.ORGANIZATION_ID;
import static io.ponix.registry.EndDeviceDefinitionRow.TABLE;
import static io.ponix.registry.RowColumns.CREATED_AT;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.DESCRIPTION;
import static io.ponix.registry.RowColumns.LABELS;
import static io.ponix.registry.RowColumns.REVISION;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.listing.ListField;
import io.ponix.deviceservice.listing.ListFields;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Undeletion;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The table {@code end_device_definitions}. Definitions are found by those of their organization.
 */
public final class EndDeviceDefinitionRepository {

    private static final String COLUMNS = Column.select(EndDeviceDefinitionRow.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String LISTED_COLUMNS = COLUMNS + ", " + DELETED_AT;

    /** Definitions that are there. */
    private static final String THERE =
            "(SELECT *, NULL::timestamptz AS " + DELETED_AT + " FROM " + TABLE + ") AS there";

    /** And those that are not any more, as their last events say. */
    private static final String THERE_OR_DELETED =
            "(SELECT "
                    + COLUMNS
                    + ", NULL::timestamptz AS deleted_at FROM "
                    + TABLE
                    + " UNION ALL SELECT "
                    + COLUMNS
                    + ", deleted_at FROM (SELECT organization_id AS deleted_of,"
                    + " registry_state(step ORDER BY resource_version)"
                    + " || jsonb_build_object('revision', max(resource_version)) AS state"
                    + " FROM registry_steps AS each WHERE resource_type = 'end_device_definition'"
                    + " AND NOT EXISTS (SELECT FROM "
                    + TABLE
                    + " AS there WHERE there.id = each.resource_id)"
                    + " GROUP BY organization_id, resource_id) AS folded"
                    + " CROSS JOIN LATERAL (SELECT (state ->> 'deleted_at')::timestamptz AS deleted_at)"
                    + " AS deletion CROSS JOIN LATERAL jsonb_populate_record(NULL::"
                    + TABLE
                    + ", state) WHERE deleted_at IS NOT NULL) AS there_or_deleted";

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

    private static final String OF_THE_ORGANIZATION =
            " WHERE " + ID + " = ? AND " + ORGANIZATION_ID + " = ?";

    private final Database database;

    /** The definitions of a database. */
    public EndDeviceDefinitionRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the definition and returns it as it is there.
     *
     * @throws RequestException NOT_FOUND when there is no such organization, FAILED_PRECONDITION
     *     when it is deleted
     */
    static EndDeviceDefinition add(Connection connection, EndDeviceDefinition definition)
            throws SQLException {
        ActiveOrganization.require(
                connection, definition.organizationId(), "end device definition");
        long revision =
                Sql.insert(
                                connection,
                                row -> row.number(REVISION),
                                TABLE,
                                values(definition),
                                "",
                                REVISION.name())
                        .orElseThrow();
        return definition.withRevision(revision);
    }

    private static Map<Column, Object> values(EndDeviceDefinition definition) {
        Map<Column, Object> values = new LinkedHashMap<>(definition.row().values());
        values.put(UPDATED_BY, Caller.current().keyId());
        return values;
    }

    /** Returns the definition, or empty when the organization has none such. */
    public Optional<EndDeviceDefinition> find(String id, String organizationId) {
        return database.call(connection -> find(connection, id, organizationId));
    }

    static Optional<EndDeviceDefinition> find(
            Connection connection, String id, String organizationId) throws SQLException {
        return Sql.query(
                        connection,
                        EndDeviceDefinition::read,
                        SELECT + OF_THE_ORGANIZATION,
                        id,
                        organizationId)
                .stream()
                .findFirst();
    }

    /**
     * Returns the definition as it is until the transaction ends: who changes or deletes it at the
     * same time waits.
     */
    static Optional<EndDeviceDefinition> findToChange(
            Connection connection, String id, String organizationId) throws SQLException {
        return Sql.query(
                        connection,
                        EndDeviceDefinition::read,
                        SELECT + OF_THE_ORGANIZATION + " FOR NO KEY UPDATE",
                        id,
                        organizationId)
                .stream()
                .findFirst();
    }

    /**
     * Returns the definitions of an organization, newest first, as far as they are asked for.
     *
     * @throws RequestException INVALID_ARGUMENT when the request asks for what is no list
     */
    ListQuery.Result<io.ponix.proto.end_device.v1.EndDeviceDefinition> list(
            ListEndDeviceDefinitionsRequest request) {
        return ListQuery.of(LISTED, request)
                .read(
                        database,
                        LISTED_COLUMNS,
                        request.getShowDeleted() ? THERE_OR_DELETED : THERE,
                        new Conditions(ORGANIZATION_ID + " = ?", request.getOrganizationId()),
                        EndDeviceDefinitionRepository::message,
                        message -> message);
    }

    private static io.ponix.proto.end_device.v1.EndDeviceDefinition message(Row<SQLException> row)
            throws SQLException {
        var message = EndDeviceDefinitionRow.read(row).toMessage();
        return row.has(DELETED_AT)
                ? message.toBuilder().setDeletedAt(ProtoTimestamps.of(row.time(DELETED_AT))).build()
                : message;
    }

    /**
     * Replaces a definition, and returns it as it is then.
     *
     * @param old as {@link #findToChange} has found it
     * @param described what is changed of what is said of it
     */
    static EndDeviceDefinition replace(
            Connection connection,
            EndDeviceDefinition old,
            EndDeviceDefinition changed,
            Map<Column, Object> described)
            throws SQLException {
        Map<Column, Object> values = values(changed);
        values.keySet().removeAll(List.of(DESCRIPTION, LABELS));
        values.putAll(described);
        return Sql.query(
                        connection,
                        EndDeviceDefinition::read,
                        "UPDATE "
                                + TABLE
                                + " SET "
                                + Sql.assignments(values)
                                + " WHERE "
                                + ID
                                + " = ? RETURNING "
                                + COLUMNS,
                        Sql.parameters(values, old.id()))
                .get(0);
    }

    /**
     * Deletes the definition and returns true, or returns false when there is none.
     *
     * @throws RequestException FAILED_PRECONDITION when a device uses it, or a gateway that enrols
     *     devices with it; ABORTED when it is not as expected
     */
    static boolean delete(Connection connection, String id, String organizationId, Etag etag)
            throws SQLException {
        etag.require(
                connection,
                "End device definition",
                id,
                TABLE,
                OF_THE_ORGANIZATION,
                id,
                organizationId);
        try {
            return Sql.update(
                            connection,
                            "DELETE FROM " + TABLE + OF_THE_ORGANIZATION,
                            id,
                            organizationId)
                    == 1;
        } catch (SQLException e) {
            if (Sql.violates(e, EndDeviceRow.DEFINITION_CONSTRAINT)) {
                throw inUse(id, "Give its devices another definition, or none, first");
            }
            if (Sql.violates(e, GatewayRow.DEFINITION_CONSTRAINT)) {
                throw inUse(
                        id,
                        "A gateway enrols devices with it: give the gateway another enrolment, or"
                                + " none, first");
            }
            throw e;
        }
    }

    /**
     * Brings a deleted definition back, as it was before, and returns it.
     *
     * @throws RequestException see {@link Undeletion#make}
     */
    static EndDeviceDefinition undelete(
            Connection connection,
            String id,
            String organizationId,
            Etag etag,
            RequestException notFound)
            throws SQLException {
        new Undeletion(RegisteredKind.END_DEVICE_DEFINITION, "End device definition", id, notFound)
                .make(connection, organizationId, etag);
        return find(connection, id, organizationId).orElseThrow(() -> notFound);
    }

    private static RequestException inUse(String id, String what) {
        return RequestException.failedPrecondition(
                        "End device definition is in use: " + id + ". " + what)
                .because("DEFINITION_IN_USE", Map.of("id", id));
    }

    /** There is no such definition, or it is not the caller's. */
    public static RequestException notFound(String id) {
        return RequestException.notFound("End device definition not found: " + id)
                .because("DEFINITION_NOT_FOUND", Map.of("definition_id", id));
    }
}
