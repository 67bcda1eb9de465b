package io.ponix.deviceservice.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.telemetry.v1.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads rows of devices from ClickHouse, over HTTP and only when asked. */
final class RowStore {

    private static final Logger LOG = LoggerFactory.getLogger(RowStore.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(8);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final TelemetrySettings settings;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    RowStore(TelemetrySettings settings) {
        this.settings = settings;
    }

    /**
     * Returns rows of a device, the latest first.
     *
     * @param before the place after which to begin, or empty for the latest
     * @param limit the most rows
     * @param longest stops once the JSON of the rows is together longer than that
     * @throws RequestException FAILED_PRECONDITION if there is no store, UNAVAILABLE while it does
     *     not answer or refuses the query
     */
    List<Row> list(
            String organizationId,
            String deviceId,
            Optional<RowPageToken> before,
            int limit,
            long longest) {
        if (settings.clickHouseUrl().isEmpty()) {
            throw RequestException.failedPrecondition(
                    "The service was not told where the rows are: set PONIX_CLICKHOUSE_URL");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("database", settings.clickHouseDatabase());
        parameters.put("default_format", "JSONEachRow");
        parameters.put("max_execution_time", String.valueOf(QUERY_TIMEOUT.toSeconds()));
        parameters.put("param_organization", organizationId);
        parameters.put("param_device", deviceId);
        before.ifPresent(
                place -> {
                    parameters.put("param_millis", String.valueOf(place.occurredAtMillis()));
                    parameters.put("param_sequence", Long.toUnsignedString(place.sequence()));
                });
        String query =
                "SELECT toUnixTimestamp64Milli(occurred_at) AS occurred,"
                        + " toUnixTimestamp64Milli(processed_at) AS processed,"
                        + " toUnixTimestamp64Milli(received_at) AS received,"
                        + " stream, toString(stream_sequence) AS sequence,"
                        + " toString(data) AS json FROM "
                        + quoted(settings.clickHouseTable())
                        + " WHERE organization_id = {organization:String}"
                        + " AND end_device_id = {device:String}"
                        + (before.isPresent()
                                ? " AND (occurred_at, stream_sequence) <"
                                        + " (fromUnixTimestamp64Milli({millis:Int64}, 'UTC'),"
                                        + " {sequence:UInt64})"
                                : "")
                        + " ORDER BY occurred_at DESC, stream_sequence DESC LIMIT "
                        + limit;
        IOException unreachable = null;
        for (String url : settings.clickHouseUrl().split(",")) {
            try {
                return ask(url.strip(), parameters, query, longest);
            } catch (IOException e) {
                unreachable = e;
            }
        }
        throw RequestException.unavailable(
                "ClickHouse does not answer (see PONIX_CLICKHOUSE_URL)", unreachable);
    }

    private List<Row> ask(String url, Map<String, String> parameters, String query, long longest)
            throws IOException {
        String encoded =
                parameters.entrySet().stream()
                        .map(
                                parameter ->
                                        parameter.getKey()
                                                + "="
                                                + URLEncoder.encode(
                                                        parameter.getValue(),
                                                        StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url.replaceFirst("/$", "") + "/?" + encoded))
                        .timeout(QUERY_TIMEOUT.plus(CONNECT_TIMEOUT))
                        .header("X-ClickHouse-User", settings.clickHouseUsername())
                        .header("X-ClickHouse-Key", settings.clickHousePassword())
                        .POST(HttpRequest.BodyPublishers.ofString(query))
                        .build();
        try {
            HttpResponse<InputStream> response =
                    client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            // The timeout above ends with the headers, and a body may stall.
            CompletableFuture<Void> overdue =
                    CompletableFuture.runAsync(
                            () -> closeQuietly(response.body()),
                            CompletableFuture.delayedExecutor(
                                    QUERY_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
            try (BufferedReader body =
                    new BufferedReader(
                            new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                if (response.statusCode() != 200) {
                    LOG.warn(
                            "ClickHouse refused to list rows: {}",
                            body.lines().limit(5).collect(Collectors.joining(" ")));
                    throw RequestException.unavailable(
                            "ClickHouse refused the query: see the log of the service", null);
                }
                List<Row> rows = read(body.lines().iterator(), longest);
                if (overdue.isDone()) {
                    // What was closed looks like what has ended.
                    throw new IOException("the answer stalled");
                }
                return rows;
            } finally {
                overdue.cancel(false);
            }
        } catch (UncheckedIOException brokenBody) {
            throw brokenBody.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException alreadyBroken) {
            // Its reader learns of it.
        }
    }

    private static List<Row> read(Iterator<String> lines, long longest) throws IOException {
        List<Row> rows = new ArrayList<>();
        long length = 0;
        while (lines.hasNext() && length <= longest) {
            JsonNode row = JSON.readTree(lines.next());
            String json = row.path("json").asText();
            length += json.length();
            rows.add(
                    Row.newBuilder()
                            .setOccurredAt(timestamp(row.path("occurred")))
                            .setProcessedAt(timestamp(row.path("processed")))
                            .setReceivedAt(timestamp(row.path("received")))
                            .setStream(row.path("stream").asText())
                            .setStreamSequence(
                                    Long.parseUnsignedLong(row.path("sequence").asText()))
                            .setJson(json)
                            .build());
        }
        return rows;
    }

    private static Timestamp timestamp(JsonNode millis) {
        // A number, or a string where the server quotes 64-bit integers.
        return Timestamps.fromMillis(millis.asLong());
    }

    private static String quoted(String identifier) {
        return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }
}
