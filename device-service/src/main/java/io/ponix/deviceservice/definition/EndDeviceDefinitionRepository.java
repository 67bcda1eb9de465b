package io.ponix.deviceservice.definition;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.transforms.ContractDocument;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code end_device_definitions}. Definitions are found by those of their organization.
 */
public final class EndDeviceDefinitionRepository {

    private static final String COLUMNS =
            "id, organization_id, name, contracts, jsonb_build_object('examples', examples) AS"
                    + " examples, created_at, updated_at";

    /** A definition that a device uses stays. */
    private static final String USE_CONSTRAINT = "end_devices_definition";

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
        database.transaction(
                connection -> {
                    ActiveOrganization.require(
                            connection, definition.organizationId(), "end device definition");
                    return Sql.update(
                            connection,
                            "INSERT INTO end_device_definitions (id, organization_id, name,"
                                    + " contracts, examples, created_at, updated_at) VALUES (?, ?,"
                                    + " ?, ?::jsonb, COALESCE(?::jsonb -> 'examples', '[]'), ?, ?)",
                            definition.id(),
                            definition.organizationId(),
                            definition.name(),
                            ContractDocument.write(definition.contracts()),
                            ExampleDocument.write(definition.examples()),
                            definition.createdAt(),
                            definition.updatedAt());
                });
    }

    /** Returns the definition, or empty when the organization has none such. */
    public Optional<EndDeviceDefinition> find(String id, String organizationId) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        EndDeviceDefinitionRepository::read,
                                        "SELECT "
                                                + COLUMNS
                                                + " FROM end_device_definitions WHERE id = ?"
                                                + " AND organization_id = ?",
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
                                EndDeviceDefinitionRepository::read,
                                "SELECT "
                                        + COLUMNS
                                        + " FROM end_device_definitions WHERE organization_id = ?",
                                organizationId,
                                "id",
                                paging));
    }

    /**
     * Replaces a definition that is still as it was read, and returns whether it was.
     *
     * @param old as it was read
     */
    boolean replace(EndDeviceDefinition old, EndDeviceDefinition changed) {
        return database.call(
                connection ->
                        Sql.update(
                                        connection,
                                        "UPDATE end_device_definitions SET name = ?,"
                                                + " contracts = ?::jsonb, examples ="
                                                + " COALESCE(?::jsonb -> 'examples', '[]'),"
                                                + " updated_at = ? WHERE id = ? AND updated_at = ?",
                                        changed.name(),
                                        ContractDocument.write(changed.contracts()),
                                        ExampleDocument.write(changed.examples()),
                                        changed.updatedAt(),
                                        old.id(),
                                        old.updatedAt())
                                == 1);
    }

    /**
     * Deletes the definition and returns true, or returns false when there is none.
     *
     * @throws RequestException FAILED_PRECONDITION when a device uses it
     */
    boolean delete(String id, String organizationId) {
        return database.call(
                connection -> {
                    try {
                        return Sql.update(
                                        connection,
                                        "DELETE FROM end_device_definitions WHERE id = ?"
                                                + " AND organization_id = ?",
                                        id,
                                        organizationId)
                                == 1;
                    } catch (SQLException e) {
                        if (Sql.violates(e, USE_CONSTRAINT)) {
                            throw RequestException.failedPrecondition(
                                    "End device definition is in use: "
                                            + id
                                            + ". Give its devices another definition, or none,"
                                            + " first");
                        }
                        throw e;
                    }
                });
    }

    private static EndDeviceDefinition read(ResultSet row) throws SQLException {
        return new EndDeviceDefinition(
                row.getString("id"),
                row.getString("organization_id"),
                row.getString("name"),
                ContractDocument.read(row.getString("contracts")),
                ExampleDocument.read(row.getString("examples")),
                Sql.instant(row, "created_at"),
                Sql.instant(row, "updated_at"));
    }
}
