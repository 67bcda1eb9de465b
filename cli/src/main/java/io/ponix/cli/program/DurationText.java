package io.ponix.cli.program;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A duration as people write it: 90s, 15m, 2h or 7d. */
public final class DurationText {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?([smhd])");

    private DurationText() {}

    /** The duration; nothing for a text that is none. */
    public static Optional<Duration> parse(String text) {
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(duration.group(1));
        return Optional.of(
                switch (duration.group(2)) {
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                });
    }
}
