package io.ponix.cli.command;

import io.ponix.cli.program.OptionRange;
import picocli.CommandLine.Option;

/** How stored messages are listed. */
final class ListingOptions {

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "At most the last N. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
            names = "--json",
            description = "A JSON object a line, with everything; bytes in hexadecimal.")
    private boolean json;

    /** At most so many. */
    int limit() {
        OptionRange.check("--limit", limit, 1, 1_000_000);
        return limit;
    }

    boolean json() {
        return json;
    }
}
