package io.ponix.deviceservice.gateway;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.gateway.GatewayRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code gateways}. Deleted gateways stay in it and are not found. Where an organization
 * is given to look for, gateways of others are not found either; an empty one stands for any.
 */
final class GatewayRepository {

    private static final String COLUMNS =
            "gateway_id, organization_id, name, gateway_type, status, gateway_config, created_at,"
                    + " updated_at, deleted_at";

    private static final String OF_THE_CALLER =
            " WHERE gateway_id = ? AND ? IN ('', organization_id) AND deleted_at IS NULL";

    private final Database database;

    GatewayRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the gateway.
     *
     * @throws RequestException NOT_FOUND when there is no such organization, FAILED_PRECONDITION
     *     when it is deleted
     */
    void add(GatewayRow gateway) {
        database.transaction(
                connection -> {
                    ActiveOrganization.require(connection, gateway.organizationId(), "gateway");
                    return Sql.update(
                            connection,
                            "INSERT INTO gateways (gateway_id, organization_id, name,"
                                    + " gateway_type, status, gateway_config, created_at,"
                                    + " updated_at) VALUES (?, ?, ?, ?, ?, ?::jsonb, ?, ?)",
                            gateway.gatewayId(),
                            gateway.organizationId(),
                            gateway.name(),
                            gateway.type(),
                            gateway.status(),
                            gateway.config(),
                            gateway.createdAt(),
                            gateway.updatedAt());
                });
    }

    /** Returns the gateway, or empty when there is none. */
    Optional<GatewayRow> find(String id, String organizationId) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        GatewayRepository::read,
                                        "SELECT " + COLUMNS + " FROM gateways" + OF_THE_CALLER,
                                        id,
                                        organizationId)
                                .stream()
                                .findFirst());
    }

    /** Returns the gateways of an organization, newest first, as far as they are asked for. */
    List<GatewayRow> list(String organizationId, Paging paging) {
        return database.call(
                connection ->
                        Sql.newestFirst(
                                connection,
                                GatewayRepository::read,
                                "SELECT "
                                        + COLUMNS
                                        + " FROM gateways WHERE organization_id = ?"
                                        + " AND deleted_at IS NULL",
                                organizationId,
                                "gateway_id",
                                paging));
    }

    /** Changes what is given and returns the gateway as it is then, or empty when there is none. */
    Optional<GatewayRow> update(
            String id,
            String organizationId,
            Optional<String> name,
            Optional<String> type,
            Optional<String> status,
            Optional<String> config,
            Instant now) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        GatewayRepository::read,
                                        "UPDATE gateways SET name = COALESCE(?, name),"
                                                + " gateway_type = COALESCE(?, gateway_type),"
                                                + " status = COALESCE(?, status), gateway_config ="
                                                + " COALESCE(?::jsonb, gateway_config),"
                                                + " updated_at = ?"
                                                + OF_THE_CALLER
                                                + " RETURNING "
                                                + COLUMNS,
                                        name.orElse(null),
                                        type.orElse(null),
                                        status.orElse(null),
                                        config.orElse(null),
                                        now,
                                        id,
                                        organizationId)
                                .stream()
                                .findFirst());
    }

    /** Marks the gateway as deleted and returns true, or returns false when there is none. */
    boolean delete(String id, String organizationId, Instant now) {
        return database.call(
                connection ->
                        Sql.update(
                                        connection,
                                        "UPDATE gateways SET deleted_at = ?, updated_at = ?"
                                                + OF_THE_CALLER,
                                        now,
                                        now,
                                        id,
                                        organizationId)
                                == 1);
    }

    private static GatewayRow read(ResultSet row) throws SQLException {
        return new GatewayRow(
                row.getString("gateway_id"),
                row.getString("organization_id"),
                row.getString("name"),
                row.getString("gateway_type"),
                row.getString("status"),
                row.getString("gateway_config"),
                Sql.instant(row, "created_at"),
                Sql.instant(row, "updated_at"),
                Optional.ofNullable(Sql.instant(row, "deleted_at")));
    }
}
