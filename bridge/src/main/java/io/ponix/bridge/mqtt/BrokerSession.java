package io.ponix.bridge.mqtt;

import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32;

/**
 * What the broker keeps for a gateway, while a bridge is connected and while none is.
 *
 * <p>The broker knows a session by its client id, with the subscription: one that is shared is of
 * this bridge, one that is not of whichever has it now. Another broker or another subscription is
 * another session: the broker would go on delivering for the old subscription, and so both can be
 * there while one takes the other's place.
 *
 * @param clientId what the bridge is called at the broker
 * @param filter what is subscribed to
 * @param expiry how long the broker keeps it without a connection
 */
record BrokerSession(String clientId, String filter, Duration expiry) {

    private static final Duration DEFAULT_EXPIRY = Duration.ofDays(1);

    /**
     * @param gateway with a config
     * @param bridgeId tells this bridge from others that share the gateway
     */
    static BrokerSession of(Gateway gateway, String bridgeId) {
        EMQXGatewayConfig config = gateway.getEmqxConfig();
        String group = config.getSubscriptionGroup();
        String topics =
                config.getTopicFilter().isEmpty()
                        ? gateway.getOrganizationId() + "/+"
                        : config.getTopicFilter();
        String filter = group.isEmpty() ? topics : "$share/" + group + "/" + topics;
        CRC32 checksum = new CRC32();
        checksum.update((config.getBrokerUrl() + ' ' + filter).getBytes(StandardCharsets.UTF_8));
        return new BrokerSession(
                "ponix-%s-%08x%s"
                        .formatted(
                                gateway.getGatewayId(),
                                checksum.getValue(),
                                group.isEmpty() ? "" : "-" + bridgeId),
                filter,
                config.hasSessionExpiry()
                        ? Duration.ofSeconds(config.getSessionExpiry().getSeconds())
                        : DEFAULT_EXPIRY);
    }
}
