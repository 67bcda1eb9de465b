package io.ponix.bridge.logging;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Warnings of one kind, so many a minute at most: a broker that is gone, or a sender that sends
 * nonsense, must not fill a disk. How many were left out is told with the first of the next minute.
 */
public final class LimitedLog {

    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Logger log;
    private final String kind;
    private final int mostPerMinute;
    private final LongSupplier nanoTime;
    private long windowEnds;
    private int written;
    private long leftOut;

    /**
     * @param kind what they are about, for the line that says how many were left out
     */
    public LimitedLog(Logger log, String kind, int mostPerMinute) {
        this(log, kind, mostPerMinute, System::nanoTime);
    }

    LimitedLog(Logger log, String kind, int mostPerMinute, LongSupplier nanoTime) {
        this.log = log;
        this.kind = kind;
        this.mostPerMinute = mostPerMinute;
        this.nanoTime = nanoTime;
        this.windowEnds = nanoTime.getAsLong() + WINDOW_NANOS;
    }

    /** Writes it, unless there were too many in this minute; those go to the level debug. */
    public void warn(String format, Object... values) {
        long before;
        boolean isWritten;
        synchronized (this) {
            before = 0;
            if (nanoTime.getAsLong() - windowEnds >= 0) {
                windowEnds = nanoTime.getAsLong() + WINDOW_NANOS;
                written = 0;
                before = leftOut;
                leftOut = 0;
            }
            isWritten = written < mostPerMinute;
            if (isWritten) {
                written++;
            } else {
                leftOut++;
            }
        }
        if (before > 0) {
            log.warn("{} more lines about {} were left out", before, kind);
        }
        if (isWritten) {
            log.warn(format, values);
        } else {
            log.debug(format, values);
        }
    }
}
