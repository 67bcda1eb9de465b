package io.ponix.bridge.http;

import java.util.HashMap;
import java.util.Map;

/**
 * Limits what is held in memory of requests that are not answered yet: of one gateway, so that it
 * does not hold up others, and of all.
 */
final class RequestsUnderWay {

    private static final int MOST_OF_A_GATEWAY = 256;

    /** Bytes of bodies. */
    private static final long MOST_ROOM = 16 << 20;

    private final Map<String, Integer> ofGateways = new HashMap<>();
    private long room = MOST_ROOM;

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
        int others = ofGateways.getOrDefault(gatewayId, 0);
        if (others >= MOST_OF_A_GATEWAY) {
            throw HttpProblem.tooMany(
                    others + " requests to this gateway are under way already: send it again");
        }
        if (needed > room) {
            throw HttpProblem.tooMany(
                    "too many large requests are under way already: send it again");
        }
        room -= needed;
        ofGateways.put(gatewayId, others + 1);
        return needed;
    }

    /** A request has ended. */
    synchronized void end(String gatewayId, int itsRoom) {
        room += itsRoom;
        ofGateways.computeIfPresent(gatewayId, (id, count) -> count == 1 ? null : count - 1);
    }
}
