package io.ponix.cli.command;

import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
final class LetterFilterOptions {

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

    @Mixin private SinceOption since;

    /**
     * The filter they make.
     *
     * @throws CommandException for an option that means nothing
     */
    LetterFilter filter(Instant now) {
        return new LetterFilter(reason == null ? null : reason(reason), device, since.time(now));
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
}
