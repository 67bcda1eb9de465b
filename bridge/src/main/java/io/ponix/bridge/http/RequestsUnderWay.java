package io.ponix.bridge.http;

import io.ponix.bridge.memory.SharedRoom;
import java.util.HashMap;
import java.util.Map;

/**
 * Limits what is held in memory of requests that are not answered yet: of one gateway, so that it
 * does not hold up others, by bodies that do not come for instance, and of all.
 */
final class RequestsUnderWay {

    private static final int MOST_OF_A_GATEWAY = 256;

    /** Bytes of bodies. */
    private static final long MOST_ROOM = 16 << 20;

    private final Map<String, Integer> requestsOfGateways = new HashMap<>();
    private final SharedRoom room = new SharedRoom(MOST_ROOM);

    /**
     * A request begins.
     *
     * @param length of its body; negative where that is not known yet
     * @return what {@link #end} is to be told
     * @throws HttpProblem 429
     */
    synchronized int begin(String gatewayId, long length) throws HttpProblem {
        int needed =
                (int)
                        (length < 0
                                ? UplinkEndpoint.LARGEST_BODY
                                : Math.min(length, UplinkEndpoint.LARGEST_BODY));
        int requests = requestsOfGateways.getOrDefault(gatewayId, 0);
        if (requests >= MOST_OF_A_GATEWAY) {
            throw HttpProblem.tooMany(
                    requests + " requests to this gateway are under way already: send it again");
        }
        if (!room.take(gatewayId, needed)) {
            throw HttpProblem.tooMany(
                    "too many large requests are under way already: send it again");
        }
        requestsOfGateways.put(gatewayId, requests + 1);
        return needed;
    }

    /** A request has ended. */
    synchronized void end(String gatewayId, int itsRoom) {
        room.giveBack(gatewayId, itsRoom);
        requestsOfGateways.computeIfPresent(
                gatewayId, (id, requests) -> requests == 1 ? null : Integer.valueOf(requests - 1));
    }
}
