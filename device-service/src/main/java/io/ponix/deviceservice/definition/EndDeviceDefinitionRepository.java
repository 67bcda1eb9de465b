package io.ponix.deviceservice.definition;

import static io.ponix.registry.EndDeviceDefinitionRow.ID;
import static io.ponix.registry.EndDeviceDefinitionRow.ORGANIZATION_ID;
import static io.ponix.registry.EndDeviceDefinitionRow.TABLE;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The table {@code end_device_definitions}. Definitions are found by those of their organization.
 */
public final class EndDeviceDefinitionRepository {

    private static final String SELECT =
            "SELECT " + Column.select(EndDeviceDefinitionRow.COLUMNS) + " FROM " + TABLE;

    private static final String OF_THE_ORGANIZATION =
            " WHERE " + ID + " = ? AND " + ORGANIZATION_ID + " = ?";

    private final Database database;

    /** The definitions of a database. */
    public EndDeviceDefinitionRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the definition.
     *
     * @throws RequestException NOT_FOUND when there is no such organization, FAILED_PRECONDITION
     *     when it is deleted
     */
    void add(EndDeviceDefinition definition) {
        Map<Column, Object> values = values(definition);
        database.transaction(
                connection -> {
                    ActiveOrganization.require(
                            connection, definition.organizationId(), "end device definition");
                    return Sql.insert(connection, TABLE, values, "");
                });
    }

    private static Map<Column, Object> values(EndDeviceDefinition definition) {
        Map<Column, Object> values = new LinkedHashMap<>(definition.row().values());
        values.put(UPDATED_BY, Caller.current().keyId());
        return values;
    }

    /** Returns the definition, or empty when the organization has none such. */
    public Optional<EndDeviceDefinition> find(String id, String organizationId) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        EndDeviceDefinition::read,
                                        SELECT + OF_THE_ORGANIZATION,
                                        id,
                                        organizationId)
                                .stream()
                                .findFirst());
    }

    /** Returns the definitions of an organization, newest first, as far as they are asked for. */
    List<EndDeviceDefinition> list(String organizationId, Paging paging) {
        return database.call(
                connection ->
                        Sql.newestFirst(
                                connection,
                                EndDeviceDefinition::read,
                                SELECT + " WHERE " + ORGANIZATION_ID + " = ?",
                                List.of(organizationId),
                                ID,
                                paging));
    }

    /**
     * Replaces a definition that is still as it was read, and returns whether it was.
     *
     * @param old as it was read
     */
    boolean replace(EndDeviceDefinition old, EndDeviceDefinition changed) {
        Map<Column, Object> values = values(changed);
        return database.call(
                connection ->
                        Sql.update(
                                        connection,
                                        "UPDATE "
                                                + TABLE
                                                + " SET "
                                                + Sql.assignments(values)
                                                + " WHERE "
                                                + ID
                                                + " = ? AND "
                                                + UPDATED_AT
                                                + " = ?",
                                        Sql.parameters(values, old.id(), old.updatedAt()))
                                == 1);
    }

    /**
     * Deletes the definition and returns true, or returns false when there is none.
     *
     * @throws RequestException FAILED_PRECONDITION when a device uses it, or a gateway that enrols
     *     devices with it
     */
    boolean delete(String id, String organizationId) {
        return database.call(
                connection -> {
                    try {
                        return Sql.update(
                                        connection,
                                        "DELETE FROM " + TABLE + OF_THE_ORGANIZATION,
                                        id,
                                        organizationId)
                                == 1;
                    } catch (SQLException e) {
                        if (Sql.violates(e, EndDeviceRow.DEFINITION_CONSTRAINT)) {
                            throw RequestException.failedPrecondition(
                                    "End device definition is in use: "
                                            + id
                                            + ". Give its devices another definition, or none,"
                                            + " first");
                        }
                        if (Sql.violates(e, GatewayRow.DEFINITION_CONSTRAINT)) {
                            throw RequestException.failedPrecondition(
                                    "End device definition is in use: "
                                            + id
                                            + ". A gateway enrols devices with it: give the gateway"
                                            + " another enrolment, or none, first");
                        }
                        throw e;
                    }
                });
    }
}
