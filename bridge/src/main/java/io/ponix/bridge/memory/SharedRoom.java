package io.ponix.bridge.memory;

import java.util.HashMap;
import java.util.Map;

/**
 * Room in memory, in bytes, which gateways share for what is not stored yet.
 *
 * <p>A gateway has at most as much room as it leaves free. So one that takes all it can get has
 * half of it, two have two thirds, and all of it is never taken. Safe for use by several threads at
 * once.
 */
public final class SharedRoom {

    private final Map<String, Long> ofGateways = new HashMap<>();
    private long free;

    /**
     * @param bytes all there is; what is larger than half of it has no room at any time
     */
    public SharedRoom(long bytes) {
        free = bytes;
    }

    /**
     * Takes room, if there is some for this gateway.
     *
     * @return whether it is taken, and is to be given back
     */
    public synchronized boolean take(String gatewayId, long bytes) {
        long share = ofGateways.getOrDefault(gatewayId, 0L);
        if (share + bytes > free - bytes) {
            return false;
        }
        free -= bytes;
        ofGateways.put(gatewayId, share + bytes);
        return true;
    }

    /** Gives back what was taken. */
    public synchronized void giveBack(String gatewayId, long bytes) {
        free += bytes;
        ofGateways.computeIfPresent(
                gatewayId, (id, share) -> share == bytes ? null : Long.valueOf(share - bytes));
    }
}
