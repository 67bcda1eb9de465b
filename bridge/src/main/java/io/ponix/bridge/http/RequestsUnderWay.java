package io.ponix.bridge.http;

import java.util.HashMap;
import java.util.Map;

/**
 * Limits what is held in memory of requests that are not answered yet: of one gateway, so that it
 * does not hold up others, and of all.
 *
 * <p>A gateway has at most as much room as it leaves free. So one that has all it can get, by
 * bodies that do not come for instance, has half of it, two have two thirds, and all of it is never
 * taken.
 */
final class RequestsUnderWay {

    private static final int MOST_OF_A_GATEWAY = 256;

    /** Bytes of bodies. */
    private static final long MOST_ROOM = 16 << 20;

    /** What a gateway has under way. */
    private record Share(int requests, long room) {

        private static final Share NONE = new Share(0, 0);
    }

    private final Map<String, Share> ofGateways = new HashMap<>();
    private long free = MOST_ROOM;

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
        Share share = ofGateways.getOrDefault(gatewayId, Share.NONE);
        if (share.requests() >= MOST_OF_A_GATEWAY) {
            throw HttpProblem.tooMany(
                    share.requests()
                            + " requests to this gateway are under way already: send it again");
        }
        if (share.room() + needed > free - needed) {
            throw HttpProblem.tooMany(
                    "too many large requests are under way already: send it again");
        }
        free -= needed;
        ofGateways.put(gatewayId, new Share(share.requests() + 1, share.room() + needed));
        return needed;
    }

    /** A request has ended. */
    synchronized void end(String gatewayId, int itsRoom) {
        free += itsRoom;
        ofGateways.computeIfPresent(
                gatewayId,
                (id, share) ->
                        share.requests() == 1
                                ? null
                                : new Share(share.requests() - 1, share.room() - itsRoom));
    }
}
