package io.ponix.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.host.v1.Host;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A row of the table {@code hosts} (migrations/postgres).
 *
 * @param ipAddress as RFC 5952 writes it
 * @param hostname in lower case
 * @param aliases in lower case
 * @param gatewayId empty if it is none
 * @param deviceId empty if it is none
 * @param labels see {@link Labels}
 * @param deletedAt when the host was deleted, if it was
 * @param revision the version of its last event; 0 in a row that is not written yet
 */
public record HostRow(
        String hostId,
        String organizationId,
        String ipAddress,
        String hostname,
        List<String> aliases,
        String comment,
        List<String> tags,
        String gatewayId,
        String deviceId,
        SortedMap<String, String> labels,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> deletedAt,
        long revision) {

    /** The table. */
    public static final String TABLE = "hosts";

    public static final Column HOST_ID = Column.of("host_id");
    public static final Column ORGANIZATION_ID = Column.of("organization_id");

    /** Read without the mask that every address of Postgres has. */
    public static final Column IP_ADDRESS =
            new Column("ip_address", "host(ip_address) AS ip_address", "?::inet");

    public static final Column HOSTNAME = Column.of("hostname");
    public static final Column ALIASES = Column.json("aliases");
    public static final Column COMMENT = Column.of("comment");
    public static final Column TAGS = Column.json("tags");
    public static final Column GATEWAY_ID = Column.nullable("gateway_id");
    public static final Column DEVICE_ID = Column.nullable("device_id");

    /** The unique index of addresses and names among an organization's hosts. */
    public static final String ADDRESS_AND_NAME_INDEX = "hosts_by_address_and_name";

    /** The constraint that the gateway exists. */
    public static final String GATEWAY_CONSTRAINT = "hosts_gateway";

    /** The constraint that the device exists. */
    public static final String DEVICE_CONSTRAINT = "hosts_device";

    /** The columns that a row is read of. */
    public static final List<Column> COLUMNS =
            List.of(
                    HOST_ID,
                    ORGANIZATION_ID,
                    IP_ADDRESS,
                    HOSTNAME,
                    ALIASES,
                    COMMENT,
                    TAGS,
                    GATEWAY_ID,
                    DEVICE_ID,
                    RowColumns.LABELS,
                    RowColumns.CREATED_AT,
                    RowColumns.UPDATED_AT,
                    RowColumns.DELETED_AT,
                    RowColumns.REVISION);

    /** Reads a row. */
    public static <E extends Exception> HostRow read(Row<E> row) throws E {
        return new HostRow(
                row.text(HOST_ID),
                row.text(ORGANIZATION_ID),
                row.text(IP_ADDRESS),
                row.text(HOSTNAME),
                texts(row.text(ALIASES)),
                row.text(COMMENT),
                texts(row.text(TAGS)),
                row.text(GATEWAY_ID),
                row.text(DEVICE_ID),
                Labels.read(row),
                RowTimes.orEpoch(row, RowColumns.CREATED_AT),
                RowTimes.orEpoch(row, RowColumns.UPDATED_AT),
                Optional.ofNullable(row.time(RowColumns.DELETED_AT)),
                Revisions.of(row));
    }

    /** What is written to make such a row of a host that is not deleted. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(HOST_ID, hostId);
        values.put(ORGANIZATION_ID, organizationId);
        values.put(IP_ADDRESS, ipAddress);
        values.put(HOSTNAME, hostname);
        values.put(ALIASES, text(aliases));
        values.put(COMMENT, comment);
        values.put(TAGS, text(tags));
        values.put(GATEWAY_ID, gatewayId);
        values.put(DEVICE_ID, deviceId);
        values.put(RowColumns.LABELS, Labels.document(labels));
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }

    /** The column of a list of texts. */
    public static String text(List<String> texts) {
        ListValue.Builder list = ListValue.newBuilder();
        texts.forEach(text -> list.addValues(Value.newBuilder().setStringValue(text)));
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(list);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("It cannot be written as JSON", e);
        }
    }

    /** The texts of such a column; what was written otherwise is left out. */
    private static List<String> texts(String json) {
        ListValue.Builder list = ListValue.newBuilder();
        try {
            JsonFormat.parser().merge(json, list);
        } catch (InvalidProtocolBufferException e) {
            return List.of();
        }
        return list.getValuesList().stream()
                .filter(Value::hasStringValue)
                .map(Value::getStringValue)
                .toList();
    }

    /** The row as a message. */
    public Host toMessage() {
        Host.Builder host =
                Host.newBuilder()
                        .setHostId(hostId)
                        .setOrganizationId(organizationId)
                        .setIpAddress(ipAddress)
                        .setHostname(hostname)
                        .addAllAliases(aliases)
                        .setComment(comment)
                        .addAllTags(tags)
                        .setGatewayId(gatewayId)
                        .setDeviceId(deviceId)
                        .putAllLabels(labels)
                        .setCreatedAt(RowTimes.timestamp(createdAt))
                        .setUpdatedAt(RowTimes.timestamp(updatedAt))
                        .setEtag(Revisions.etag(revision));
        deletedAt.map(RowTimes::timestamp).ifPresent(host::setDeletedAt);
        return host.build();
    }
}
