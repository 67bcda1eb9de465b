package io.ponix.deviceservice.gateway;

import static io.ponix.registry.GatewayRow.CONFIG;
import static io.ponix.registry.GatewayRow.DEFINITION_CONSTRAINT;
import static io.ponix.registry.GatewayRow.ENROLMENT_DEFINITION_ID;
import static io.ponix.registry.GatewayRow.GATEWAY_ID;
import static io.ponix.registry.GatewayRow.INTAKE_PRESET;
import static io.ponix.registry.GatewayRow.KEYS;
import static io.ponix.registry.GatewayRow.NAME;
import static io.ponix.registry.GatewayRow.ORGANIZATION_ID;
import static io.ponix.registry.GatewayRow.STATUS;
import static io.ponix.registry.GatewayRow.TABLE;
import static io.ponix.registry.GatewayRow.TYPE;
import static io.ponix.registry.RowColumns.CREATED_AT;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.DESCRIPTION;
import static io.ponix.registry.RowColumns.LABELS;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.definition.EndDeviceDefinitionRepository;
import io.ponix.deviceservice.listing.ListField;
import io.ponix.deviceservice.listing.ListFields;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Undeletion;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.registry.Column;
import io.ponix.registry.GatewayRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The table {@code gateways}. Deleted gateways stay in it and are not found. Where an organization
 * is given to look for, gateways of others are not found either; an empty one stands for any.
 */
public final class GatewayRepository {

    private static final String COLUMNS = Column.select(GatewayRow.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String OF_THE_CALLER =
            " WHERE "
                    + GATEWAY_ID
                    + " = ? AND ? IN ('', "
                    + ORGANIZATION_ID
                    + ") AND "
                    + DELETED_AT
                    + " IS NULL";

    private static final ListFields LISTED =
            new ListFields(
                    GATEWAY_ID,
                    ListField.time("created_at", CREATED_AT),
                    ListField.time("updated_at", UPDATED_AT),
                    ListField.optionalTime("deleted_at", DELETED_AT),
                    ListField.id("gateway_id", GATEWAY_ID),
                    // As messages have them: see GatewayRow.
                    ListField.text(
                            "name",
                            "coalesce(nullif("
                                    + NAME
                                    + ", ''), "
                                    + CONFIG
                                    + " ->> 'broker_url', '')"),
                    ListField.text(
                            "status", "('GATEWAY_STATUS_' || upper(" + STATUS + " COLLATE \"C\"))"),
                    ListField.text(
                            "type", "('GATEWAY_TYPE_' || upper(" + TYPE + " COLLATE \"C\"))"),
                    ListField.text("intake_preset", INTAKE_PRESET),
                    ListField.optionalText("description", DESCRIPTION),
                    ListField.labels("labels", LABELS));

    /** What a bridge compares with every request, and every announcement carries. */
    private static final int MOST_KEYS = 10;

    private final Database database;

    /** Reads and writes the table of a database. */
    public GatewayRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the gateway and returns it as it is there.
     *
     * @throws RequestException NOT_FOUND when there is no such organization or it has no such
     *     definition, FAILED_PRECONDITION when it is deleted
     */
    static GatewayRow add(Connection connection, GatewayRow gateway) throws SQLException {
        Map<Column, Object> values = new LinkedHashMap<>(gateway.values());
        values.put(UPDATED_BY, Caller.current().keyId());
        ActiveOrganization.require(connection, gateway.organizationId(), "gateway");
        try {
            return Sql.insert(connection, GatewayRow::read, TABLE, values, "", COLUMNS)
                    .orElseThrow();
        } catch (SQLException e) {
            throw definitionNotFound(e, gateway.enrolmentDefinitionId());
        }
    }

    /** Returns the gateway, or empty when there is none. */
    public Optional<GatewayRow> find(String id, String organizationId) {
        return database.call(connection -> find(connection, id, organizationId));
    }

    private static Optional<GatewayRow> find(
            Connection connection, String id, String organizationId) throws SQLException {
        return Sql.query(connection, GatewayRow::read, SELECT + OF_THE_CALLER, id, organizationId)
                .stream()
                .findFirst();
    }

    /**
     * Returns the gateways of an organization, newest first, as far as they are asked for.
     *
     * @throws RequestException INVALID_ARGUMENT when the request asks for what is no list
     */
    ListQuery.Result<Gateway> list(ListGatewaysRequest request) {
        Conditions conditions =
                new Conditions(ORGANIZATION_ID + " = ?", request.getOrganizationId());
        if (!request.getShowDeleted()) {
            conditions.and(DELETED_AT + " IS NULL");
        }
        return ListQuery.of(LISTED, request)
                .read(
                        database,
                        COLUMNS,
                        TABLE,
                        conditions,
                        GatewayRow::read,
                        GatewayRow::toMessage);
    }

    /**
     * Changes these columns and returns the gateway as it is then, or empty when there is none.
     *
     * @param changes the new values
     * @throws RequestException NOT_FOUND when the gateway's organization has no such definition,
     *     ABORTED when the gateway is not as expected
     */
    static Optional<GatewayRow> update(
            Connection connection,
            String id,
            String organizationId,
            Etag etag,
            Map<Column, Object> changes,
            Instant now)
            throws SQLException {
        etag.require(connection, "Gateway", id, TABLE, OF_THE_CALLER, id, organizationId);
        Map<Column, Object> values = new LinkedHashMap<>(changes);
        values.put(UPDATED_AT, now);
        values.put(UPDATED_BY, Caller.current().keyId());
        try {
            return Sql.query(
                            connection,
                            GatewayRow::read,
                            "UPDATE "
                                    + TABLE
                                    + " SET "
                                    + Sql.assignments(values)
                                    + OF_THE_CALLER
                                    + " RETURNING "
                                    + COLUMNS,
                            Sql.parameters(values, id, organizationId))
                    .stream()
                    .findFirst();
        } catch (SQLException e) {
            throw definitionNotFound(e, String.valueOf(changes.get(ENROLMENT_DEFINITION_ID)));
        }
    }

    /**
     * Marks the gateway as deleted and returns true, or returns false when there is none. It lets
     * go of the definition that it enrolled devices with, which may then be deleted too.
     *
     * @throws RequestException ABORTED when the gateway is not as expected
     */
    static boolean delete(
            Connection connection, String id, String organizationId, Etag etag, Instant now)
            throws SQLException {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(DELETED_AT, now);
        values.put(ENROLMENT_DEFINITION_ID, "");
        return update(connection, id, organizationId, etag, values, now).isPresent();
    }

    /**
     * Brings a deleted gateway back, as it was before, with the keys that it has, and returns it.
     *
     * @throws RequestException see {@link Undeletion#make}
     */
    static GatewayRow undelete(
            Connection connection,
            String id,
            String organizationId,
            Etag etag,
            RequestException notFound)
            throws SQLException {
        new Undeletion(RegisteredKind.GATEWAY, "Gateway", id, notFound)
                .make(connection, organizationId, etag);
        return find(connection, id, organizationId).orElseThrow(() -> notFound);
    }

    /**
     * Adds a key to the gateway.
     *
     * @throws RequestException NOT_FOUND when there is no such gateway, FAILED_PRECONDITION when it
     *     has as many as it may
     */
    static void addKey(
            Connection connection, String id, String organizationId, GatewayKey key, Instant now)
            throws SQLException {
        boolean added =
                changeKeys(
                        connection,
                        KEYS + " || " + KEYS.placeholder(),
                        " AND jsonb_array_length(" + KEYS + ") < " + MOST_KEYS,
                        GatewayRow.text(key),
                        now,
                        Caller.current().keyId(),
                        id,
                        organizationId);
        if (!added) {
            requireFound(connection, id, organizationId);
            throw RequestException.failedPrecondition(
                            "Gateway "
                                    + id
                                    + " has "
                                    + MOST_KEYS
                                    + " keys, the most there may be: delete one first")
                    .because("TOO_MANY_KEYS", Map.of("gateway_id", id));
        }
    }

    /**
     * Takes a key from the gateway.
     *
     * @throws RequestException NOT_FOUND when there is no such gateway or it has no such key
     */
    static void deleteKey(
            Connection connection, String id, String organizationId, String keyId, Instant now)
            throws SQLException {
        boolean deleted =
                changeKeys(
                        connection,
                        "(SELECT coalesce(jsonb_agg(each.key ORDER BY each.place), '[]') FROM"
                                + " jsonb_array_elements("
                                + KEYS
                                + ") WITH ORDINALITY AS each (key, place)"
                                + " WHERE each.key ->> 'key_id' IS DISTINCT FROM ?)",
                        " AND "
                                + KEYS
                                + " @> jsonb_build_array(jsonb_build_object('key_id', ?::text))",
                        keyId,
                        now,
                        Caller.current().keyId(),
                        id,
                        organizationId,
                        keyId);
        if (!deleted) {
            requireFound(connection, id, organizationId);
            throw RequestException.notFound("Gateway key not found: " + keyId)
                    .because("GATEWAY_KEY_NOT_FOUND", Map.of("gateway_id", id, "key_id", keyId));
        }
    }

    private static boolean changeKeys(
            Connection connection, String keys, String condition, Object... parameters)
            throws SQLException {
        return Sql.update(
                        connection,
                        "UPDATE "
                                + TABLE
                                + " SET "
                                + KEYS
                                + " = "
                                + keys
                                + ", "
                                + UPDATED_AT
                                + " = ?, "
                                + UPDATED_BY
                                + " = "
                                + UPDATED_BY.placeholder()
                                + OF_THE_CALLER
                                + condition,
                        parameters)
                == 1;
    }

    private static void requireFound(Connection connection, String id, String organizationId)
            throws SQLException {
        if (find(connection, id, organizationId).isEmpty()) {
            throw notFound(id);
        }
    }

    /**
     * The same as of {@link ActiveGateway}, but the contract has the bare id for a message here.
     */
    static RequestException notFound(String id) {
        return RequestException.notFound(id).because("GATEWAY_NOT_FOUND", Map.of("gateway_id", id));
    }

    private static SQLException definitionNotFound(SQLException exception, String definitionId) {
        if (Sql.violates(exception, DEFINITION_CONSTRAINT)) {
            throw EndDeviceDefinitionRepository.notFound(definitionId);
        }
        return exception;
    }
}
