package io.ponix.deviceservice.gateway;

import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Stream;

/** The condition under which something is said to be of a gateway. */
public final class ActiveGateway {

    private ActiveGateway() {}

    /**
     * Holds gateways, as far as they are there, for a transaction that changes several rows:
     * whoever holds one of them and waits for such a row would else wait for ever.
     */
    public static void hold(Connection connection, Stream<String> ids) throws SQLException {
        Object[] named = ids.filter(id -> !id.isEmpty()).distinct().toArray();
        if (named.length > 0) {
            Sql.query(
                    connection,
                    row -> true,
                    "SELECT FROM "
                            + GatewayRow.TABLE
                            + " WHERE "
                            + GatewayRow.GATEWAY_ID
                            + " = ANY(?) ORDER BY "
                            + GatewayRow.GATEWAY_ID
                            + " FOR SHARE",
                    connection.createArrayOf("text", named));
        }
    }

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
            throw notFound(id);
        }
    }

    /** There is no such gateway, or it is deleted, or another organization's. */
    public static RequestException notFound(String id) {
        return RequestException.notFound("Gateway not found: " + id)
                .because("GATEWAY_NOT_FOUND", Map.of("gateway_id", id));
    }
}
