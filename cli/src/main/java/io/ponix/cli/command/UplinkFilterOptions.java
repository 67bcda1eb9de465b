package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.uplink.StoredUplink;
import io.ponix.cli.uplink.UplinkFilter;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which refused uplinks a command is about. */
final class UplinkFilterOptions {

    private static final Pattern GATEWAY_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    @Option(names = "--gateway", paramLabel = "ID", description = "Only those of a gateway.")
    private String gateway;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            description = "Only those of a reason, for instance INTAKE.")
    private String reason;

    @Mixin private SinceOption since;

    /**
     * The filter they make.
     *
     * @throws CommandException for an option that means nothing
     */
    UplinkFilter filter(Instant now) {
        if (gateway != null && !GATEWAY_ID.matcher(gateway).matches()) {
            throw CommandException.calledWrongly("--gateway " + gateway + " is no gateway's id");
        }
        return new UplinkFilter(
                gateway,
                reason == null ? null : reason(reason.toUpperCase(Locale.ROOT)),
                since.time(now));
    }

    private static String reason(String name) {
        if (!StoredUplink.reasons().contains(name)) {
            throw CommandException.calledWrongly(
                    "--reason "
                            + name
                            + " is none; the reasons are "
                            + String.join(", ", StoredUplink.reasons()));
        }
        return name;
    }
}
