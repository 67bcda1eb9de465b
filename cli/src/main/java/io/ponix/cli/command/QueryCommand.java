package io.ponix.cli.command;

import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.TerminalOutput;
import java.io.OutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix query}: runs SQL on the stack's ClickHouse. */
@Command(
        name = "query",
        description = "Run SQL on ClickHouse and print the result.",
        footer = {
            "",
            "Examples:",
            "  ./ponix query \"SELECT count(), uniqExact(stream, stream_sequence, received_at, row_index)",
            "                 FROM processed_envelopes\"",
            "  ./ponix query \"SELECT end_device_id, avg(data.temperature_1.:Float64) AS celsius",
            "                 FROM processed_envelopes GROUP BY ALL LIMIT 5\" --format CSVWithNames"
        })
public final class QueryCommand implements Runnable {

    @Mixin private HomeOption home;

    @Parameters(paramLabel = "SQL", description = "One statement.")
    private String sql;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "A ClickHouse output format, for instance JSONEachRow or CSVWithNames. Default:"
                            + " a table.")
    private String format;

    @Override
    public void run() {
        ClickHouseQueries queries = new ClickHouseQueries(home.addresses(StackServer.CLICKHOUSE));
        // A table is for people, wherever it goes: with its input redirected a program has no
        // console,
        // and may have a terminal for its output.
        if (format != null && System.console() == null) {
            run(queries, System.out);
            System.out.flush();
        } else {
            try (TerminalOutput terminal = new TerminalOutput(System.out)) {
                run(queries, terminal);
            }
        }
    }

    private void run(ClickHouseQueries queries, OutputStream out) {
        if (format == null) {
            queries.runForPeople(sql, out);
        } else {
            queries.run(sql, format, out);
        }
    }
}
