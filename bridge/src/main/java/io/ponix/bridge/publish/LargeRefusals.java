package io.ponix.bridge.publish;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much a gateway may have kept of its large refused messages, so that not even one that sends
 * nothing else fills the stream: 32 MiB at once, and as much again over the time that they are
 * kept. Together with the 10,000 messages of a gateway, all others of which are small, that is less
 * than the stream takes. What is beyond is kept without headers and cut to what is small.
 *
 * <p>Knows of the 10,000 gateways that had such messages last, and since the bridge was started.
 * Safe for use by several threads at once.
 */
final class LargeRefusals {

    /** In bytes; a message that is not larger is always kept whole. */
    static final int SMALL = 16 << 10;

    /** In bytes. */
    private static final long MOST_AT_ONCE = 32L << 20;

    private static final int MOST_GATEWAYS = 10_000;

    private record Kept(double bytes, long atNanos) {}

    private final LongSupplier nanoTime;

    private final Map<String, Kept> kept =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
                    return size() > MOST_GATEWAYS;
                }
            };

    LargeRefusals() {
        this(System::nanoTime);
    }

    LargeRefusals(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Whether a message of a gateway may be kept whole; counts it if so.
     *
     * @param bytes of all of the message
     */
    synchronized boolean mayBeWhole(String gatewayId, long bytes) {
        if (bytes <= SMALL) {
            return true;
        }
        long now = nanoTime.getAsLong();
        Kept before = kept.getOrDefault(gatewayId, new Kept(0, now));
        double forgotten =
                (double) (now - before.atNanos())
                        / RefusedUplinksStream.KEPT.toNanos()
                        * MOST_AT_ONCE;
        double left = Math.max(0, before.bytes() - forgotten);
        boolean mayBeWhole = left + bytes <= MOST_AT_ONCE;
        kept.put(gatewayId, new Kept(mayBeWhole ? left + bytes : left, now));
        return mayBeWhole;
    }
}
