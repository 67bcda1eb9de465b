package io.ponix.deviceservice.organization;

import io.ponix.deviceservice.database.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
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
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "INSERT INTO organizations (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)"
                                            + " ON CONFLICT (id) DO NOTHING")) {
                        statement.setString(1, organization.id());
                        statement.setString(2, organization.name());
                        statement.setObject(3, organization.createdAt().atOffset(ZoneOffset.UTC));
                        statement.setObject(4, organization.updatedAt().atOffset(ZoneOffset.UTC));
                        return statement.executeUpdate() == 1;
                    }
                });
    }

    /** Returns the organization unless it was deleted. */
    Optional<Organization> find(String id) {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT "
                                            + COLUMNS
                                            + " FROM organizations WHERE id = ? AND deleted_at IS NULL")) {
                        statement.setString(1, id);
                        return read(statement).stream().findFirst();
                    }
                });
    }

    /** Returns the organizations that were not deleted, newest first. */
    List<Organization> list() {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT "
                                            + COLUMNS
                                            + " FROM organizations WHERE deleted_at IS NULL"
                                            + " ORDER BY created_at DESC, id DESC")) {
                        return read(statement);
                    }
                });
    }

    /**
     * Marks the organization as deleted and returns true, or returns false when there is none to
     * delete.
     */
    boolean delete(String id, Instant now) {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "UPDATE organizations SET deleted_at = ?, updated_at = ?"
                                            + " WHERE id = ? AND deleted_at IS NULL")) {
                        statement.setObject(1, now.atOffset(ZoneOffset.UTC));
                        statement.setObject(2, now.atOffset(ZoneOffset.UTC));
                        statement.setString(3, id);
                        return statement.executeUpdate() == 1;
                    }
                });
    }

    private static List<Organization> read(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            List<Organization> organizations = new ArrayList<>();
            while (rows.next()) {
                organizations.add(
                        new Organization(
                                rows.getString("id"),
                                rows.getString("name"),
                                rows.getObject("created_at", OffsetDateTime.class).toInstant(),
                                rows.getObject("updated_at", OffsetDateTime.class).toInstant(),
                                Optional.ofNullable(
                                                rows.getObject("deleted_at", OffsetDateTime.class))
                                        .map(OffsetDateTime::toInstant)));
            }
            return organizations;
        }
    }
}
