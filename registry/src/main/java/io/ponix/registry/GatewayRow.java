package io.ponix.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A row of the table {@code gateways} (migrations/postgres). The service answers with rows and the
 * pipeline announces them: what their columns mean is said here for both, so that callers and
 * bridges are told the same.
 *
 * @param name as it was given; empty stands for the broker's URL
 * @param type see {@link #text(GatewayType)}
 * @param status see {@link #text(GatewayStatus)}
 * @param statusReason why, for a person; empty where nobody said
 * @param config a JSON document, see {@link #text(EMQXGatewayConfig)}; {@link #NO_CONFIG} if there
 *     is none
 * @param intakePreset the name of the preset by which its messages are read, or empty
 * @param intakeExpression the expression by which its messages are read, or empty; never both
 * @param enrolmentDefinitionId the definition that unknown devices are enrolled with; empty if none
 *     are enrolled
 * @param enrolmentsPerHour how many of them within an hour
 * @param keys a JSON array, see {@link #text(GatewayKey)}; {@link #NO_KEYS} if there are none
 * @param description what is said of it
 * @param deletedAt when the gateway was deleted, if it was
 * @param revision the version of its last event; 0 in a row that is not written yet
 */
public record GatewayRow(
        String gatewayId,
        String organizationId,
        String name,
        String type,
        String status,
        String statusReason,
        String config,
        String intakePreset,
        String intakeExpression,
        String enrolmentDefinitionId,
        long enrolmentsPerHour,
        String keys,
        Description description,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> deletedAt,
        long revision) {

    /** The table. */
    public static final String TABLE = "gateways";

    public static final Column GATEWAY_ID = Column.of("gateway_id");
    public static final Column ORGANIZATION_ID = Column.of("organization_id");
    public static final Column NAME = Column.of("name");
    public static final Column TYPE = Column.of("gateway_type");
    public static final Column STATUS = Column.of("status");
    public static final Column STATUS_REASON = Column.of("status_reason");
    public static final Column CONFIG = Column.json("gateway_config");
    public static final Column INTAKE_PRESET = Column.of("intake_preset");
    public static final Column INTAKE_EXPRESSION = Column.of("intake_expression");

    /** The definition with which unknown devices are enrolled. */
    public static final Column ENROLMENT_DEFINITION_ID = Column.nullable("enrolment_definition_id");

    /** How many of them within an hour; 0 where none are. */
    public static final Column ENROLMENTS_PER_HOUR = Column.of("enrolments_per_hour");

    /** With which senders may post uplinks. */
    public static final Column KEYS = Column.json("gateway_keys");

    /** The constraint that this definition exists, and is of the gateway's organization. */
    public static final String DEFINITION_CONSTRAINT = "gateways_enrolment_definition";

    /** The columns that a row is read of. */
    public static final List<Column> COLUMNS =
            List.of(
                    GATEWAY_ID,
                    ORGANIZATION_ID,
                    NAME,
                    TYPE,
                    STATUS,
                    STATUS_REASON,
                    CONFIG,
                    INTAKE_PRESET,
                    INTAKE_EXPRESSION,
                    ENROLMENT_DEFINITION_ID,
                    ENROLMENTS_PER_HOUR,
                    KEYS,
                    RowColumns.DESCRIPTION,
                    RowColumns.LABELS,
                    RowColumns.CREATED_AT,
                    RowColumns.UPDATED_AT,
                    RowColumns.DELETED_AT,
                    RowColumns.REVISION);

    /** The column {@code gateway_config} of a gateway without one. */
    public static final String NO_CONFIG = "{}";

    /** The column {@code gateway_keys} of a gateway without any. */
    public static final String NO_KEYS = "[]";

    private static final int SHA256_BYTES = 32;

    private static final String TYPE_PREFIX = "GATEWAY_TYPE_";
    private static final String STATUS_PREFIX = "GATEWAY_STATUS_";

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

    /** The column {@code gateway_type}: {@code emqx} or {@code unspecified}. */
    public static String text(GatewayType type) {
        return type.name().substring(TYPE_PREFIX.length()).toLowerCase(Locale.ROOT);
    }

    /** The column {@code status}: {@code active}, {@code error} or {@code pending}. */
    public static String text(GatewayStatus status) {
        return status.name().substring(STATUS_PREFIX.length()).toLowerCase(Locale.ROOT);
    }

    /** The column {@code gateway_config}: {@code {"broker_url": "mqtt://..."}}. */
    public static String text(EMQXGatewayConfig config) {
        return json(config);
    }

    /**
     * An element of the column {@code gateway_keys}: {@code {"key_id": "...", "sha256": "..."}},
     * with the name and the time.
     */
    public static String text(GatewayKey key) {
        return json(key);
    }

    private static String json(Message message) {
        try {
            return PRINTER.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("It cannot be written as JSON", e);
        }
    }

    /**
     * Reads a row. One from before there was the column of the status is active, one from before
     * there were those of the intake or the keys has none; one without times is from 1970.
     */
    public static <E extends Exception> GatewayRow read(Row<E> row) throws E {
        String status = row.text(STATUS);
        return new GatewayRow(
                row.text(GATEWAY_ID),
                row.text(ORGANIZATION_ID),
                row.text(NAME),
                row.text(TYPE),
                status.isEmpty() ? text(GatewayStatus.GATEWAY_STATUS_ACTIVE) : status,
                row.text(STATUS_REASON),
                row.text(CONFIG),
                row.text(INTAKE_PRESET),
                row.text(INTAKE_EXPRESSION),
                row.text(ENROLMENT_DEFINITION_ID),
                row.has(ENROLMENTS_PER_HOUR) ? row.number(ENROLMENTS_PER_HOUR) : 0,
                row.has(KEYS) ? row.text(KEYS) : NO_KEYS,
                Description.read(row),
                RowTimes.orEpoch(row, RowColumns.CREATED_AT),
                RowTimes.orEpoch(row, RowColumns.UPDATED_AT),
                Optional.ofNullable(row.time(RowColumns.DELETED_AT)),
                Revisions.of(row));
    }

    /** What is written to make such a row of a gateway that is not deleted. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(GATEWAY_ID, gatewayId);
        values.put(ORGANIZATION_ID, organizationId);
        values.put(NAME, name);
        values.put(TYPE, type);
        values.put(STATUS, status);
        values.put(STATUS_REASON, statusReason);
        values.put(CONFIG, config);
        values.put(INTAKE_PRESET, intakePreset);
        values.put(INTAKE_EXPRESSION, intakeExpression);
        values.put(ENROLMENT_DEFINITION_ID, enrolmentDefinitionId);
        values.put(ENROLMENTS_PER_HOUR, enrolmentsPerHour);
        values.put(KEYS, keys);
        description.addTo(values);
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }

    /**
     * The row as a message. Never fails: what was written into the table by other means than the
     * service, and is not in its form, is left out.
     */
    public Gateway toMessage() {
        Gateway.Builder gateway =
                Gateway.newBuilder()
                        .setGatewayId(gatewayId)
                        .setOrganizationId(organizationId)
                        .setName(name)
                        .setStatus(messageStatus())
                        .setStatusReason(statusReason)
                        .setType(messageType())
                        .setDescription(description.text())
                        .putAllLabels(description.labels())
                        .setCreatedAt(RowTimes.timestamp(createdAt))
                        .setUpdatedAt(RowTimes.timestamp(updatedAt))
                        .setEtag(Revisions.etag(revision));
        if (!enrolmentDefinitionId.isEmpty()) {
            gateway.setEnrolment(
                    Enrolment.newBuilder()
                            .setDefinitionId(enrolmentDefinitionId)
                            .setDevicesPerHour(
                                    (int)
                                            Math.max(
                                                    0,
                                                    Math.min(
                                                            enrolmentsPerHour,
                                                            Integer.MAX_VALUE))));
        }
        deletedAt.ifPresent(time -> gateway.setDeletedAt(RowTimes.timestamp(time)));
        EMQXGatewayConfig emqx = emqxConfig();
        if (!emqx.getBrokerUrl().isEmpty()) {
            gateway.setEmqxConfig(emqx);
        }
        if (!intakeExpression.isEmpty()) {
            gateway.setIntakeExpression(intakeExpression);
        } else if (!intakePreset.isEmpty()) {
            gateway.setIntakePreset(intakePreset);
        }
        gateway.addAllKeys(messageKeys());
        if (name.isEmpty()) {
            gateway.setName(emqx.getBrokerUrl());
        }
        return gateway.build();
    }

    private GatewayType messageType() {
        for (GatewayType each : GatewayType.values()) {
            if (each.name().equalsIgnoreCase(TYPE_PREFIX + type)) {
                return each;
            }
        }
        return GatewayType.GATEWAY_TYPE_UNSPECIFIED;
    }

    private GatewayStatus messageStatus() {
        for (GatewayStatus each : GatewayStatus.values()) {
            if (each.name().equalsIgnoreCase(STATUS_PREFIX + status)) {
                return each;
            }
        }
        return GatewayStatus.GATEWAY_STATUS_UNSPECIFIED;
    }

    private EMQXGatewayConfig emqxConfig() {
        EMQXGatewayConfig.Builder emqx = EMQXGatewayConfig.newBuilder();
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(config, emqx);
            return emqx.build();
        } catch (InvalidProtocolBufferException e) {
            return EMQXGatewayConfig.getDefaultInstance();
        }
    }

    /** Each by itself: a key that is not in its form does not cost the senders of the others. */
    private List<GatewayKey> messageKeys() {
        ListValue.Builder elements = ListValue.newBuilder();
        try {
            JsonFormat.parser().merge(keys, elements);
        } catch (InvalidProtocolBufferException e) {
            return List.of();
        }
        List<GatewayKey> messages = new ArrayList<>();
        for (Value element : elements.getValuesList()) {
            messageKey(element).ifPresent(messages::add);
        }
        return messages;
    }

    private static Optional<GatewayKey> messageKey(Value element) {
        GatewayKey.Builder key = GatewayKey.newBuilder();
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(json(element), key);
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
        return key.getKeyId().isEmpty() || key.getSha256().size() != SHA256_BYTES
                ? Optional.empty()
                : Optional.of(key.build());
    }
}
