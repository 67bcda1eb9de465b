package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Runs queries over ClickHouse's HTTP interface. */
public final class ClickHouseQueries {

    private static final String NAMES_ARE_CUT = "output_format_pretty_max_column_name_width_cut_to";

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final StackAddresses addresses;

    public ClickHouseQueries(StackAddresses addresses) {
        this.addresses = addresses;
    }

    /** The table of the pipeline's rows, as a query has to write it. */
    public String table() {
        return addresses.names().quotedTable();
    }

    /**
     * Runs a query and copies its result as ClickHouse streams it.
     *
     * @param format a ClickHouse output format, for instance {@code JSONEachRow}; a FORMAT clause
     *     in the query wins
     * @throws CommandException with ClickHouse's own message when the query is refused, or when it
     *     cannot be reached
     */
    public void run(String sql, String format, OutputStream result) {
        run(sql, format, Map.of(), result);
    }

    /** The same as a table for people, whose columns have their whole names. */
    public void runForPeople(String sql, OutputStream result) {
        // ClickHouse's own colours would be among what a terminal obeys: none then.
        String format = "PrettyCompactNoEscapesMonoBlock";
        // A server that does not know the setting leaves the names as they are.
        boolean cuts =
                row("SELECT count() FROM system.settings WHERE name = '" + NAMES_ARE_CUT + "'")[0]
                        .equals("1");
        run(sql, format, cuts ? Map.of(NAMES_ARE_CUT, "0") : Map.of(), result);
    }

    private void run(String sql, String format, Map<String, String> settings, OutputStream result) {
        StringBuilder more = new StringBuilder();
        settings.forEach((name, value) -> more.append('&').append(name).append('=').append(value));
        URI uri =
                uri(
                        addresses.clickHouse().url()
                                + "/?database="
                                + URLEncoder.encode(
                                        addresses.clickHouse().database(), StandardCharsets.UTF_8)
                                + "&default_format="
                                + URLEncoder.encode(format, StandardCharsets.UTF_8)
                                + more);
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("X-ClickHouse-User", addresses.clickHouse().username())
                        .header("X-ClickHouse-Key", addresses.clickHouse().password())
                        .POST(HttpRequest.BodyPublishers.ofString(sql))
                        .build();
        try {
            HttpResponse<InputStream> response =
                    client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new CommandException(
                            withoutGrammar(
                                    new String(body.readAllBytes(), StandardCharsets.UTF_8)));
                }
                body.transferTo(result);
            }
        } catch (IOException e) {
            throw new CommandException(
                    "ClickHouse does not answer at "
                            + addresses.clickHouse().url()
                            + " ("
                            + e
                            + "); ./ponix status tells what runs, PONIX_CLICKHOUSE_URL names another",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static URI uri(String url) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException noUrl) {
            // Said below.
        }
        throw new CommandException(
                "PONIX_CLICKHOUSE_URL is \""
                        + url.substring(0, url.indexOf("/?"))
                        + "\"; one such as http://localhost:8123 is wanted");
    }

    /**
     * A syntax error comes with every statement that ClickHouse knows; nobody finds the position in
     * there.
     */
    private static String withoutGrammar(String message) {
        return message.strip().replaceFirst("(?s) Expected one of: .{200,}(?= \\([A-Z_]+\\))", "");
    }

    /** The rows of a small result, each a line with its columns separated by tabs. */
    public String[] lines(String sql) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        run(sql, "TabSeparated", result);
        String text = result.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? new String[0] : text.split("\n");
    }

    /** The columns of a result's only row. */
    public String[] row(String sql) {
        return lines(sql)[0].split("\t");
    }
}
