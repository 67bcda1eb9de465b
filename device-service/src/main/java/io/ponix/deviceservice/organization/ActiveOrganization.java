package io.ponix.deviceservice.organization;

import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.OrganizationRow;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** The conditions under which an organization gets something new, or can be spoken of. */
public final class ActiveOrganization {

    private ActiveOrganization() {}

    /**
     * Makes sure that the organization exists and stays until the transaction ends: a deletion that
     * runs at the same time waits, or is seen as done.
     *
     * @param created what is to be created, for the message
     * @throws RequestException NOT_FOUND when there is no such organization, FAILED_PRECONDITION
     *     when it is deleted
     */
    public static void require(Connection connection, String id, String created)
            throws SQLException {
        require(connection, id, created, " FOR SHARE");
    }

    /**
     * The same at this moment, without holding up a deletion: for what is written often, and does
     * no harm in an organization that is deleted meanwhile.
     *
     * @throws RequestException as {@link #require(Connection, String, String)}
     */
    public static void requireNow(Connection connection, String id, String created)
            throws SQLException {
        require(connection, id, created, "");
    }

    private static void require(Connection connection, String id, String created, String lock)
            throws SQLException {
        List<Boolean> deleted =
                Sql.query(
                        connection,
                        row -> row.has(RowColumns.DELETED_AT),
                        "SELECT "
                                + RowColumns.DELETED_AT
                                + " FROM "
                                + OrganizationRow.TABLE
                                + " WHERE "
                                + OrganizationRow.ID
                                + " = ?"
                                + lock,
                        id);
        if (deleted.isEmpty()) {
            throw notFound(id);
        }
        if (deleted.get(0)) {
            throw RequestException.failedPrecondition(
                            "Cannot create " + created + " for deleted organization: " + id)
                    .because("ORGANIZATION_DELETED", Map.of("organization_id", id));
        }
    }

    /**
     * Makes sure that there is, or was, such an organization.
     *
     * @throws RequestException NOT_FOUND when there never was
     */
    public static void requireKnown(Connection connection, String id) throws SQLException {
        if (Sql.query(
                        connection,
                        row -> row,
                        "SELECT FROM "
                                + OrganizationRow.TABLE
                                + " WHERE "
                                + OrganizationRow.ID
                                + " = ?",
                        id)
                .isEmpty()) {
            throw notFound(id);
        }
    }

    /** There is no such organization, or it is not the caller's. */
    public static RequestException notFound(String id) {
        return RequestException.notFound("Organization not found: " + id)
                .because("ORGANIZATION_NOT_FOUND", Map.of("organization_id", id));
    }
}
