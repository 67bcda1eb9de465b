package io.ponix.deviceservice.history;

import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.HostRow;
import io.ponix.registry.OrganizationRow;
import io.ponix.registry.RegisteredDevice;
import io.ponix.registry.Row;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The kinds of things that are registered: what events, tables and messages call them. In the order
 * in which lists have them.
 */
enum ResourceKind {
    ORGANIZATION(
            ResourceType.RESOURCE_TYPE_ORGANIZATION,
            "organization",
            "Organization",
            "ORGANIZATION_NOT_FOUND",
            OrganizationRow.TABLE,
            OrganizationRow.COLUMNS,
            row -> Resource.newBuilder().setOrganization(OrganizationRow.read(row).toMessage())),
    END_DEVICE(
            ResourceType.RESOURCE_TYPE_END_DEVICE,
            "end_device",
            "End device",
            "DEVICE_NOT_FOUND",
            EndDeviceRow.TABLE,
            RegisteredDevice.COLUMNS,
            row -> Resource.newBuilder().setEndDevice(RegisteredDevice.read(row).toMessage())),
    END_DEVICE_DEFINITION(
            ResourceType.RESOURCE_TYPE_END_DEVICE_DEFINITION,
            "end_device_definition",
            "End device definition",
            "DEFINITION_NOT_FOUND",
            EndDeviceDefinitionRow.TABLE,
            EndDeviceDefinitionRow.COLUMNS,
            row ->
                    Resource.newBuilder()
                            .setEndDeviceDefinition(EndDeviceDefinitionRow.read(row).toMessage())),
    GATEWAY(
            ResourceType.RESOURCE_TYPE_GATEWAY,
            "gateway",
            "Gateway",
            "GATEWAY_NOT_FOUND",
            GatewayRow.TABLE,
            GatewayRow.COLUMNS,
            row ->
                    Resource.newBuilder()
                            .setGateway(withoutHashes(GatewayRow.read(row).toMessage()))),
    HOST(
            ResourceType.RESOURCE_TYPE_HOST,
            "host",
            "Host",
            "HOST_NOT_FOUND",
            HostRow.TABLE,
            HostRow.COLUMNS,
            row -> Resource.newBuilder().setHost(HostRow.read(row).toMessage()));

    private final ResourceType type;
    private final String text;
    private final String name;
    private final String notFoundReason;
    private final String table;
    private final String columns;
    private final Reader reader;

    ResourceKind(
            ResourceType type,
            String text,
            String name,
            String notFoundReason,
            String table,
            List<Column> columns,
            Reader reader) {
        this.type = type;
        this.text = text;
        this.name = name;
        this.notFoundReason = notFoundReason;
        this.table = table;
        this.columns = Column.select(columns);
        this.reader = reader;
    }

    private interface Reader {
        Resource.Builder read(Row<SQLException> row) throws SQLException;
    }

    /** The kind of a request that was validated. */
    static ResourceKind of(ResourceType type) {
        return Arrays.stream(values())
                .filter(each -> each.type == type)
                .findFirst()
                .orElseThrow(
                        () ->
                                RequestException.invalidArgument(
                                        "resource_type",
                                        "There is no such type of resources: " + type));
    }

    /**
     * The kind of a token.
     *
     * @throws RequestException INVALID_ARGUMENT when there is none of the number
     */
    static ResourceKind ofNumber(long number) {
        return Arrays.stream(values())
                .filter(each -> each.type.getNumber() == number)
                .findFirst()
                .orElseThrow(PageToken::refused);
    }

    /** The kind that an event is of. */
    static ResourceKind ofText(String text) {
        return Arrays.stream(values())
                .filter(each -> each.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("an event of a " + text));
    }

    /** The kinds that a request asks for: of one type, or all. */
    static List<ResourceKind> allOf(ResourceType type) {
        return type == ResourceType.RESOURCE_TYPE_UNSPECIFIED
                ? List.of(values())
                : List.of(of(type));
    }

    ResourceType type() {
        return type;
    }

    /** As events have it. */
    String text() {
        return text;
    }

    /** The table of the rows. */
    String table() {
        return table;
    }

    /** What a query selects so that it can be read. */
    String columns() {
        return columns;
    }

    Resource.Builder read(Row<SQLException> row) throws SQLException {
        return reader.read(row);
    }

    /** It and its id, for a person. */
    String named(String id) {
        return name + " " + id;
    }

    /** The thing is not there, or not then. */
    RequestException notFound(String id, String message) {
        return RequestException.notFound(message).because(notFoundReason, Map.of("id", id));
    }

    RequestException notFound(String id) {
        return notFound(id, name + " not found: " + id);
    }

    private static Gateway withoutHashes(Gateway gateway) {
        Gateway.Builder without = gateway.toBuilder();
        without.getKeysBuilderList().forEach(GatewayKey.Builder::clearSha256);
        return without.build();
    }
}
