package io.ponix.proto.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A row of the table {@code gateways} (migrations/postgres). The service answers with rows and the
 * pipeline announces them: what their columns mean is said here for both, so that callers and
 * bridges are told the same.
 *
 * @param name as it was given; empty stands for the broker's URL
 * @param type see {@link #text(GatewayType)}
 * @param status see {@link #text(GatewayStatus)}
 * @param config a JSON document, see {@link #text(EMQXGatewayConfig)}; {@link #NO_CONFIG} if there
 *     is none
 * @param deletedAt when the gateway was deleted, if it was
 */
public record GatewayRow(
        String gatewayId,
        String organizationId,
        String name,
        String type,
        String status,
        String config,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> deletedAt) {

    /** The column {@code gateway_config} of a gateway without one. */
    public static final String NO_CONFIG = "{}";

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
        try {
            return PRINTER.print(config);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("The config cannot be written as JSON", e);
        }
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
                        .setType(messageType())
                        .setCreatedAt(timestamp(createdAt))
                        .setUpdatedAt(timestamp(updatedAt));
        deletedAt.ifPresent(time -> gateway.setDeletedAt(timestamp(time)));
        EMQXGatewayConfig emqx = emqxConfig();
        if (!emqx.getBrokerUrl().isEmpty()) {
            gateway.setEmqxConfig(emqx);
        }
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

    private static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
