package io.ponix.cli.stack;

import java.time.Duration;
import java.util.Optional;

/**
 * When a disk is full if what was written in the last hour goes on.
 *
 * @param free bytes that can be written
 * @param total bytes of the disk
 * @param lastHour bytes that the last hour added, at least 0
 */
public record DiskForecast(long free, long total, long lastHour) {

    private static final int LEAST_FREE_PERCENT = 5;
    private static final Duration SHORTEST_NOTICE = Duration.ofDays(1);
    private static final long HOURS_OF_A_DAY = 24;

    /** Longer is as good as never. */
    private static final Duration FAR_AWAY = Duration.ofDays(3650);

    /** How long the disk lasts; nothing if it is not filled in years. */
    public Optional<Duration> untilFull() {
        if (lastHour == 0 || free / lastHour >= FAR_AWAY.toHours()) {
            return Optional.empty();
        }
        return Optional.of(
                Duration.ofSeconds(
                        (long) (free * (double) Duration.ofHours(1).toSeconds() / lastHour)));
    }

    /** Whether somebody has to do something soon. */
    public boolean isUrgent() {
        return free < total / 100 * LEAST_FREE_PERCENT
                || untilFull().filter(left -> left.compareTo(SHORTEST_NOTICE) < 0).isPresent();
    }

    @Override
    public String toString() {
        return "%s free of %s; %s a day as in the last hour%s"
                .formatted(
                        size(free),
                        size(total),
                        size(lastHour * HOURS_OF_A_DAY),
                        untilFull().map(left -> ", full in " + days(left)).orElse(""));
    }

    private static String days(Duration left) {
        return left.toDays() >= 3 ? left.toDays() + " days" : left.toHours() + " hours";
    }

    /** Bytes as a person reads them, in decimal units. */
    public static String size(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes;
        String[] units = {"kB", "MB", "GB", "TB", "PB"};
        int unit = -1;
        do {
            value /= 1_000;
            unit++;
        } while (value >= 999.5 && unit < units.length - 1);
        return (value < 10 ? "%.1f %s" : "%.0f %s").formatted(value, units[unit]);
    }
}
