package io.ponix.deviceservice.organization;

import static io.ponix.registry.OrganizationRow.ID;
import static io.ponix.registry.OrganizationRow.TABLE;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.Paging;
import io.ponix.registry.Column;
import io.ponix.registry.OrganizationRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table {@code organizations}. */
final class OrganizationRepository {

    private static final String SELECT =
            "SELECT " + Column.select(OrganizationRow.COLUMNS) + " FROM " + TABLE;

    private final Database database;

    OrganizationRepository(Database database) {
        this.database = database;
    }

    /** Adds the organization and returns true, or returns false when its id is taken. */
    boolean add(OrganizationRow organization) {
        Map<Column, Object> values = new LinkedHashMap<>(organization.values());
        values.put(UPDATED_BY, Caller.current().keyId());
        return database.call(
                connection ->
                        Sql.insert(connection, TABLE, values, "ON CONFLICT (" + ID + ") DO NOTHING")
                                == 1);
    }

    /** Returns the organization unless it was deleted. */
    Optional<OrganizationRow> find(String id) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        OrganizationRow::read,
                                        SELECT
                                                + " WHERE "
                                                + ID
                                                + " = ? AND "
                                                + DELETED_AT
                                                + " IS NULL",
                                        id)
                                .stream()
                                .findFirst());
    }

    /**
     * Returns the organizations that were not deleted, newest first, as far as they are asked for.
     *
     * @param only the only one there is for the caller; empty: all
     */
    List<OrganizationRow> list(String only, Paging paging) {
        return database.call(
                connection ->
                        Sql.newestFirst(
                                connection,
                                OrganizationRow::read,
                                SELECT
                                        + " WHERE "
                                        + DELETED_AT
                                        + " IS NULL AND ? IN ('', "
                                        + ID
                                        + ")",
                                List.of(only),
                                ID,
                                paging));
    }

    /**
     * Marks the organization as deleted and returns true, or returns false when there is none to
     * delete.
     */
    boolean delete(String id, Instant now) {
        return database.call(
                connection ->
                        Sql.update(
                                        connection,
                                        "UPDATE "
                                                + TABLE
                                                + " SET "
                                                + DELETED_AT
                                                + " = ?, "
                                                + UPDATED_AT
                                                + " = ?, "
                                                + UPDATED_BY
                                                + " = "
                                                + UPDATED_BY.placeholder()
                                                + " WHERE "
                                                + ID
                                                + " = ? AND "
                                                + DELETED_AT
                                                + " IS NULL",
                                        now,
                                        now,
                                        Caller.current().keyId(),
                                        id)
                                == 1);
    }
}
