package io.ponix.bridge.http;

import io.ponix.proto.gateway.v1.Gateway;
import java.util.Optional;

/** The gateways that there are. May be asked by any thread. */
public interface KnownGateways {

    /** Whether it is known which there are; later changes come within seconds. */
    boolean areKnown();

    /** The gateway as it is known now, if there is one. */
    Optional<Gateway> find(String gatewayId);
}
