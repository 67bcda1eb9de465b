package io.ponix.jobs.options;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a stream keeps a message.
 *
 * @param limit nothing for one that keeps it for ever
 */
public record Retention(Optional<Duration> limit) {

    /** No limit. */
    public static final Retention FOR_EVER = new Retention(Optional.empty());

    static final String UNLIMITED = "unlimited";

    private static final Duration DAY = Duration.ofDays(1);

    /** As the option takes it: {@code 30d}, {@code 36h}, {@code 900s} or {@code unlimited}. */
    @Override
    public String toString() {
        return limit.map(Retention::text).orElse(UNLIMITED);
    }

    private static String text(Duration duration) {
        if (duration.toSeconds() % DAY.toSeconds() == 0) {
            return duration.toDays() + "d";
        }
        return duration.toSeconds() % Duration.ofHours(1).toSeconds() == 0
                ? duration.toHours() + "h"
                : duration.toSeconds() + "s";
    }
}
