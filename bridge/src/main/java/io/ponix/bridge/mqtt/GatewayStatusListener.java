package io.ponix.bridge.mqtt;

import io.ponix.proto.gateway.v1.GatewayStatus;

/** Is told how a gateway is, whenever that changes. */
public interface GatewayStatusListener {

    /**
     * @param reason empty where all is well
     */
    void changed(String gatewayId, GatewayStatus status, String reason);
}
