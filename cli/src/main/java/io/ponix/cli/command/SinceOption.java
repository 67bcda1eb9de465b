package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.DurationText;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** From when on a command means what is stored. */
final class SinceOption {

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only those of the last 90s, 15m, 2h or 7d, or since a time such as"
                            + " 2026-11-25T10:00:00Z.")
    private String since;

    /**
     * The time; null where none is given.
     *
     * @throws CommandException for a text that means none
     */
    Instant time(Instant now) {
        if (since == null) {
            return null;
        }
        Optional<Duration> ago = DurationText.parse(since);
        if (ago.isPresent()) {
            return now.minus(ago.get());
        }
        try {
            return Instant.parse(since);
        } catch (DateTimeException e) {
            throw CommandException.calledWrongly(
                    "--since "
                            + since
                            + " is neither a duration (90s, 15m, 2h, 7d) nor a time"
                            + " (2026-11-25T10:00:00Z)");
        }
    }
}
