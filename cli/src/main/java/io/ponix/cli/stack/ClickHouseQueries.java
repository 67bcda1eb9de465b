package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.clickhouse.Sql;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs queries over ClickHouse's HTTP interface. */
public final class ClickHouseQueries {

    private static final String NAMES_ARE_CUT = "output_format_pretty_max_column_name_width_cut_to";

    /** 1: the keys of a reading are shown as they are, and not a dot as %2E. */
    private static final String DOTS_ARE_ESCAPED = "json_type_escape_dots_in_keys";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final StackAddresses addresses;
    private ClickHouseClient client;

    public ClickHouseQueries(StackAddresses addresses) {
        this.addresses = addresses;
    }

    /** Of several replicas it asks one, the first that answers. */
    private synchronized ClickHouseClient client()
            throws ClickHouseException, InterruptedException {
        if (client == null) {
            client =
                    new ClickHouseClient(
                            ClickHouseClient.firstThatAnswers(
                                    addresses
                                            .clickHouse()
                                            .withTimeouts(
                                                    CONNECT_TIMEOUT,
                                                    ClickHouseSettings.UNLIMITED)));
        }
        return client;
    }

    /** The table of the pipeline's rows, as a query has to write it. */
    public String table() {
        return addresses.names().quotedTable();
    }

    /**
     * Runs a query of a person and copies its result as ClickHouse streams it.
     *
     * @param format a ClickHouse output format, for instance {@code JSONEachRow}; a FORMAT clause
     *     in the query wins
     * @throws CommandException with ClickHouse's own message when the query is refused, or when it
     *     cannot be reached
     */
    public void run(String sql, String format, OutputStream result) {
        run(sql, format, changeable(Map.of(DOTS_ARE_ESCAPED, "1")), result);
    }

    /** The same as a table for people, whose columns have their whole names. */
    public void runForPeople(String sql, OutputStream result) {
        // ClickHouse's own colours would be among what a terminal obeys: none then.
        String format = "PrettyCompactNoEscapesMonoBlock";
        run(sql, format, changeable(Map.of(NAMES_ARE_CUT, "0", DOTS_ARE_ESCAPED, "1")), result);
    }

    /** Of settings those that the server knows and the user may change. */
    private Map<String, String> changeable(Map<String, String> settings) {
        Map<String, String> changeable = new HashMap<>(settings);
        changeable
                .keySet()
                .retainAll(
                        List.of(
                                lines(
                                        "SELECT name FROM system.settings WHERE readonly = 0 AND"
                                                + " name IN ("
                                                + settings.keySet().stream()
                                                        .map(Sql::string)
                                                        .collect(Collectors.joining(", "))
                                                + ")")));
        return changeable;
    }

    private void run(String sql, String format, Map<String, String> settings, OutputStream result) {
        Map<String, String> parameters = new HashMap<>(settings);
        parameters.put("default_format", format);
        try {
            client().stream(
                    sql,
                    parameters,
                    body -> {
                        body.transferTo(result);
                        return null;
                    });
        } catch (ClickHouseException e) {
            if (e.code() != ClickHouseException.NO_CODE) {
                throw new CommandException(e.getMessage(), e);
            }
            throw unreachable(e, e.toBlame());
        } catch (IOException e) {
            throw unreachable(e, List.of(ClickHouseVariable.URL));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private CommandException unreachable(IOException cause, List<ClickHouseVariable> toBlame) {
        return new CommandException(
                "ClickHouse does not answer at "
                        + addresses.address(StackServer.CLICKHOUSE)
                        + " ("
                        + cause.getMessage()
                        + "; see "
                        + toBlame.stream()
                                .map(ClickHouseVariable::variable)
                                .collect(Collectors.joining(", "))
                        + "); ./ponix status tells what runs",
                cause);
    }

    /** The rows of a small result, each a line with its columns separated by tabs. */
    public String[] lines(String sql) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        run(sql, "TabSeparated", Map.of(), result);
        String text = result.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? new String[0] : text.split("\n");
    }

    /** The columns of a result's only row. */
    public String[] row(String sql) {
        return lines(sql)[0].split("\t");
    }
}
