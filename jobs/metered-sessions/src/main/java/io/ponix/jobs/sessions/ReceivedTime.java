package io.ponix.jobs.sessions;

import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/**
 * Event time is when JetStream stored a message, in whose order the stream is read: a station's
 * clock may say 2099. Where nothing comes for a while, time goes on by the clock, so that sessions
 * become idle; a backlog is read faster than that.
 */
final class ReceivedTime<T> implements WatermarkGenerator<T> {

    /** So long nothing comes before the clock counts, and so far behind it. */
    static final long QUIET_MILLIS = 60_000;

    private final Clock clock;
    private long latest = Long.MIN_VALUE;
    private long lastEvent;

    ReceivedTime(Clock clock) {
        this.clock = clock;
        this.lastEvent = clock.millis();
    }

    /** Milliseconds since 1970. */
    interface Clock {
        long millis();
    }

    @Override
    public void onEvent(T event, long time, WatermarkOutput output) {
        latest = Math.max(latest, time);
        lastEvent = clock.millis();
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        long now = clock.millis();
        if (now - lastEvent > QUIET_MILLIS) {
            latest = Math.max(latest, now - QUIET_MILLIS);
        }
        if (latest > Long.MIN_VALUE) {
            output.emitWatermark(new Watermark(latest - 1));
        }
    }
}
