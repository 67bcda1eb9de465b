package io.ponix.deviceservice.organization;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The table {@code organizations}. */
final class OrganizationRepository {

    private static final String COLUMNS = "id, name, created_at, updated_at, deleted_at";

    private final Database database;

    OrganizationRepository(Database database) {
        this.database = database;
    }

    /** Adds the organization and returns true, or returns false when its id is taken. */
    boolean add(Organization organization) {
        return database.call(
                connection ->
                        Sql.update(
                                        connection,
                                        "INSERT INTO organizations (id, name, created_at,"
                                                + " updated_at) VALUES (?, ?, ?, ?)"
                                                + " ON CONFLICT (id) DO NOTHING",
                                        organization.id(),
                                        organization.name(),
                                        organization.createdAt(),
                                        organization.updatedAt())
                                == 1);
    }

    /** Returns the organization unless it was deleted. */
    Optional<Organization> find(String id) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        OrganizationRepository::read,
                                        "SELECT "
                                                + COLUMNS
                                                + " FROM organizations WHERE id = ?"
                                                + " AND deleted_at IS NULL",
                                        id)
                                .stream()
                                .findFirst());
    }

    /** Returns the organizations that were not deleted, newest first. */
    List<Organization> list() {
        return database.call(
                connection ->
                        Sql.query(
                                connection,
                                OrganizationRepository::read,
                                "SELECT "
                                        + COLUMNS
                                        + " FROM organizations WHERE deleted_at IS NULL"
                                        + " ORDER BY created_at DESC, id DESC"));
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
                                        "UPDATE organizations SET deleted_at = ?, updated_at = ?"
                                                + " WHERE id = ? AND deleted_at IS NULL",
                                        now,
                                        now,
                                        id)
                                == 1);
    }

    private static Organization read(ResultSet row) throws SQLException {
        return new Organization(
                row.getString("id"),
                row.getString("name"),
                Sql.instant(row, "created_at"),
                Sql.instant(row, "updated_at"),
                Optional.ofNullable(Sql.instant(row, "deleted_at")));
    }
}
