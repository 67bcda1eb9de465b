package io.ponix.cli.command;

import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
final class LetterFilterOptions {

    private static final Pattern AGO = Pattern.compile("(\\d{1,9}) ?([smhd])");

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            description = "Only those of a reason, for instance DEVICE_NOT_FOUND.")
    private String reason;

    @Option(
            names = "--device",
            paramLabel = "ID",
            description = "Only those whose envelope names this device, by its id or external id.")
    private String device;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only those of the last 90s, 15m, 2h or 7d, or since a time such as"
                            + " 2026-11-25T10:00:00Z.")
    private String since;

    /**
     * The filter they make.
     *
     * @throws CommandException for an option that means nothing
     */
    LetterFilter filter(Instant now) {
        return new LetterFilter(
                reason == null ? null : reason(reason),
                device,
                since == null ? null : since(since, now));
    }

    private static DeadLetterReason reason(String reason) {
        return DeadLetterReasons.named(reason.toUpperCase(Locale.ROOT))
                .orElseThrow(
                        () ->
                                CommandException.calledWrongly(
                                        "--reason "
                                                + reason
                                                + " is none; the reasons are "
                                                + DeadLetterReasons.all().stream()
                                                        .map(DeadLetterReasons::name)
                                                        .collect(Collectors.joining(", "))));
    }

    static Instant since(String text, Instant now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            long count = Long.parseLong(ago.group(1));
            return now.minus(
                    switch (ago.group(2)) {
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        default -> Duration.ofDays(count);
                    });
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw CommandException.calledWrongly(
                    "--since "
                            + text
                            + " is neither a duration (90s, 15m, 2h, 7d) nor a time"
                            + " (2026-11-25T10:00:00Z)");
        }
    }
}
