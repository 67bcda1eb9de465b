package io.ponix.cli.uplink;

import com.google.protobuf.util.Timestamps;
import java.time.Instant;

/**
 * Which refused uplinks are meant.
 *
 * @param gatewayId only those of a gateway; null for any
 * @param reason only those of a reason; null for any
 * @param since only those received since; null for any
 */
public record UplinkFilter(String gatewayId, String reason, Instant since) {

    /** Whether all are meant. */
    public boolean isEmpty() {
        return gatewayId == null && reason == null && since == null;
    }

    boolean accepts(StoredUplink uplink) {
        return (gatewayId == null || gatewayId.equals(uplink.content().getGatewayId()))
                && (reason == null || reason.equals(uplink.reason()))
                && (since == null
                        || Timestamps.toMillis(uplink.content().getReceivedAt())
                                >= since.toEpochMilli());
    }
}
