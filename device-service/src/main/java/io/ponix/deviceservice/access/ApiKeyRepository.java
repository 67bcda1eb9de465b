package io.ponix.deviceservice.access;

import static io.ponix.registry.ApiKeyRow.EXPIRES_AT;
import static io.ponix.registry.ApiKeyRow.KEY_ID;
import static io.ponix.registry.ApiKeyRow.LAST_USED_AT;
import static io.ponix.registry.ApiKeyRow.ORGANIZATION_ID;
import static io.ponix.registry.ApiKeyRow.REVOKED_AT;
import static io.ponix.registry.ApiKeyRow.TABLE;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.ApiKeyRow;
import io.ponix.registry.Column;
import io.ponix.registry.OrganizationRow;
import io.ponix.registry.RowColumns;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The table {@code api_keys}. Where an organization is given to look for, keys of others are not
 * found; an empty one stands for any.
 */
final class ApiKeyRepository {

    private static final String COLUMNS = Column.select(ApiKeyRow.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String OF_ORGANIZATION = " WHERE (? = '' OR " + ORGANIZATION_ID + " = ?)";

    /** All are read every few seconds, and looked through by hand. */
    private static final int MOST_OF_AN_ORGANIZATION = 1_000;

    private static final String IS_VALID =
            REVOKED_AT + " IS NULL AND (" + EXPIRES_AT + " IS NULL OR " + EXPIRES_AT + " > ?)";

    /** Keys that open something: an organization that is deleted has none. */
    private static final String VALID =
            SELECT
                    + " WHERE "
                    + IS_VALID
                    + " AND NOT EXISTS (SELECT FROM "
                    + OrganizationRow.TABLE
                    + " WHERE "
                    + OrganizationRow.ID
                    + " = "
                    + TABLE
                    + "."
                    + ORGANIZATION_ID
                    + " AND "
                    + RowColumns.DELETED_AT
                    + " IS NOT NULL)";

    /** One that is too many to add another; those of all organizations count as those of one. */
    private static final String LAST_OF_AN_ORGANIZATION =
            "SELECT "
                    + KEY_ID
                    + " FROM "
                    + TABLE
                    + " WHERE coalesce("
                    + ORGANIZATION_ID
                    + ", '') = ? AND "
                    + IS_VALID
                    + " LIMIT 1 OFFSET "
                    + (MOST_OF_AN_ORGANIZATION - 1);

    private final Database database;

    ApiKeyRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds a key.
     *
     * @throws RequestException NOT_FOUND when there is no such organization, FAILED_PRECONDITION
     *     when it is deleted, RESOURCE_EXHAUSTED when it has as many valid keys as it may
     */
    void add(ApiKeyRow key) {
        database.transaction(
                connection -> {
                    if (!key.organizationId().isEmpty()) {
                        ActiveOrganization.require(connection, key.organizationId(), "key");
                    }
                    // Of those who add one at the same time each counts that of the other.
                    Sql.update(connection, "LOCK TABLE " + TABLE + " IN SHARE ROW EXCLUSIVE MODE");
                    if (!Sql.query(
                                    connection,
                                    row -> row.text(KEY_ID),
                                    LAST_OF_AN_ORGANIZATION,
                                    key.organizationId(),
                                    key.createdAt())
                            .isEmpty()) {
                        throw RequestException.resourceExhausted(
                                        "There are "
                                                + MOST_OF_AN_ORGANIZATION
                                                + " valid keys already: revoke one that nobody needs",
                                        null)
                                .because(
                                        "TOO_MANY_KEYS",
                                        Map.of("organization_id", key.organizationId()));
                    }
                    return Sql.insert(connection, TABLE, key.values(), "");
                });
    }

    /** Adds keys and returns true, or returns false when there is any, also a revoked one. */
    boolean addFirst(List<ApiKeyRow> keys) {
        return database.transaction(
                connection -> {
                    // Of two who make a first key at the same time one waits, and sees the other's.
                    Sql.update(connection, "LOCK TABLE " + TABLE + " IN EXCLUSIVE MODE");
                    boolean isEmpty =
                            Sql.query(
                                            connection,
                                            row -> row.text(KEY_ID),
                                            "SELECT " + KEY_ID + " FROM " + TABLE + " LIMIT 1")
                                    .isEmpty();
                    for (ApiKeyRow key : isEmpty ? keys : List.<ApiKeyRow>of()) {
                        Sql.insert(connection, TABLE, key.values(), "");
                    }
                    return isEmpty;
                });
    }

    /** Returns the keys that are neither revoked nor expired, nor of a deleted organization. */
    List<ApiKeyRow> valid(Instant now) {
        return database.call(connection -> Sql.query(connection, ApiKeyRow::read, VALID, now));
    }

    /** Returns keys, newest first, as far as they are asked for. */
    List<ApiKeyRow> list(String organizationId, Paging paging) {
        return database.call(
                connection ->
                        Sql.newestFirst(
                                connection,
                                ApiKeyRow::read,
                                SELECT + OF_ORGANIZATION,
                                List.of(organizationId, organizationId),
                                KEY_ID,
                                paging));
    }

    /** Revokes a key, unless it was before, and returns it; empty when there is none. */
    Optional<ApiKeyRow> revoke(String id, String organizationId, Instant now) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        ApiKeyRow::read,
                                        "UPDATE "
                                                + TABLE
                                                + " SET "
                                                + REVOKED_AT
                                                + " = coalesce("
                                                + REVOKED_AT
                                                + ", ?)"
                                                + OF_ORGANIZATION
                                                + " AND "
                                                + KEY_ID
                                                + " = ? RETURNING "
                                                + COLUMNS,
                                        now,
                                        organizationId,
                                        organizationId,
                                        id)
                                .stream()
                                .findFirst());
    }

    /** Notes that a key was used. */
    void used(String id, Instant time) {
        database.call(
                connection ->
                        Sql.update(
                                connection,
                                "UPDATE "
                                        + TABLE
                                        + " SET "
                                        + LAST_USED_AT
                                        + " = greatest("
                                        + LAST_USED_AT
                                        + ", ?) WHERE "
                                        + KEY_ID
                                        + " = ?",
                                time,
                                id));
    }
}
