package io.ponix.deviceservice.gateway;

import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** The condition under which something is said to be of a gateway. */
public final class ActiveGateway {

    private ActiveGateway() {}

    /**
     * Makes sure that the organization has the gateway, and has it until the transaction ends: a
     * deletion that runs at the same time waits, or is seen as done.
     *
     * @throws RequestException NOT_FOUND when it has none such, or it is deleted
     */
    public static void require(Connection connection, String id, String organizationId)
            throws SQLException {
        if (Sql.query(
                        connection,
                        row -> true,
                        "SELECT FROM "
                                + GatewayRow.TABLE
                                + " WHERE "
                                + GatewayRow.GATEWAY_ID
                                + " = ? AND "
                                + GatewayRow.ORGANIZATION_ID
                                + " = ? AND "
                                + RowColumns.DELETED_AT
                                + " IS NULL FOR SHARE",
                        id,
                        organizationId)
                .isEmpty()) {
            throw RequestException.notFound("Gateway not found: " + id)
                    .because("GATEWAY_NOT_FOUND", Map.of("gateway_id", id));
        }
    }
}
