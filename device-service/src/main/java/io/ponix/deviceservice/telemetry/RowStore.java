package io.ponix.deviceservice.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.clickhouse.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.telemetry.v1.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads rows of devices from ClickHouse, over HTTP and only when asked. */
final class RowStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RowStore.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(8);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final TelemetrySettings settings;
    private final Optional<ClickHouseClient> client;

    RowStore(TelemetrySettings settings) {
        this.settings = settings;
        this.client =
                settings.clickHouse()
                        .map(
                                servers ->
                                        new ClickHouseClient(
                                                servers.withTimeouts(
                                                        CONNECT_TIMEOUT,
                                                        QUERY_TIMEOUT.plus(CONNECT_TIMEOUT))));
    }

    /**
     * Returns rows of a device, the latest first.
     *
     * @param before the place after which to begin, or empty for the latest
     * @param limit the most rows
     * @param longest stops once the JSON and the warnings of the rows are together longer than that
     * @throws RequestException FAILED_PRECONDITION if there is no store, UNAVAILABLE while it does
     *     not answer or refuses the query
     */
    List<Row> list(
            String organizationId,
            String deviceId,
            Optional<RowPageToken> before,
            int limit,
            long longest) {
        ClickHouseClient servers =
                client.orElseThrow(
                        () ->
                                RequestException.failedPrecondition(
                                                "The service was not told where the rows are: set"
                                                        + " PONIX_CLICKHOUSE_URL")
                                        .because(
                                                "NOT_CONFIGURED",
                                                Map.of("variable", "PONIX_CLICKHOUSE_URL")));
        Map<String, String> parameters = new HashMap<>();
        parameters.put("default_format", "JSONEachRow");
        parameters.put("max_execution_time", String.valueOf(QUERY_TIMEOUT.toSeconds()));
        // The keys of the JSON as the transform wrote them.
        parameters.put("json_type_escape_dots_in_keys", "1");
        parameters.put("param_organization", organizationId);
        parameters.put("param_device", deviceId);
        before.ifPresent(
                place -> {
                    parameters.put("param_millis", String.valueOf(place.occurredAtMillis()));
                    parameters.put("param_sequence", Long.toUnsignedString(place.sequence()));
                    parameters.put("param_index", Long.toUnsignedString(place.index()));
                });
        String query =
                "SELECT toUnixTimestamp64Milli(occurred_at) AS occurred,"
                        + " toUnixTimestamp64Milli(processed_at) AS processed,"
                        + " toUnixTimestamp64Milli(received_at) AS received,"
                        + " stream, toString(stream_sequence) AS sequence, row_index, row_count,"
                        + " definition_id, contract_index,"
                        + " toString(transform_version) AS version, warnings,"
                        + " toString(data) AS json FROM "
                        + Sql.identifier(settings.clickHouseTable())
                        + " WHERE organization_id = {organization:String}"
                        + " AND end_device_id = {device:String}"
                        + (before.isPresent()
                                ? " AND (occurred_at, stream_sequence, row_index) <"
                                        + " (fromUnixTimestamp64Milli({millis:Int64}, 'UTC'),"
                                        + " {sequence:UInt64}, {index:UInt64})"
                                : "")
                        + " ORDER BY occurred_at DESC, stream_sequence DESC, row_index DESC LIMIT "
                        + limit;
        IOException unreachable = null;
        int replicas = settings.clickHouse().orElseThrow().urls().size();
        for (int attempt = 0; attempt < replicas; attempt++) {
            try {
                return servers.stream(query, parameters, body -> read(body, longest));
            } catch (ClickHouseException e) {
                if (e.code() != ClickHouseException.NO_CODE) {
                    LOG.warn("ClickHouse refused to list rows: {}", e.getMessage());
                    throw RequestException.unavailable(
                            "ClickHouse refused the query: see the log of the service", null);
                }
                unreachable = e;
            } catch (IOException e) {
                unreachable = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw RequestException.unavailable("The call was interrupted", e);
            }
        }
        List<ClickHouseVariable> toBlame =
                unreachable instanceof ClickHouseException refusal
                        ? refusal.toBlame()
                        : List.of(ClickHouseVariable.URL);
        throw RequestException.unavailable(
                "ClickHouse does not answer (see "
                        + toBlame.stream()
                                .map(ClickHouseVariable::variable)
                                .collect(Collectors.joining(", "))
                        + ")",
                unreachable);
    }

    private static List<Row> read(InputStream body, long longest) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            return read(lines.lines().iterator(), longest);
        } catch (UncheckedIOException brokenBody) {
            throw brokenBody.getCause();
        }
    }

    private static List<Row> read(Iterator<String> lines, long longest) throws IOException {
        List<Row> rows = new ArrayList<>();
        long length = 0;
        while (lines.hasNext() && length <= longest) {
            JsonNode row = JSON.readTree(lines.next());
            String json = row.path("json").asText();
            length += json.length();
            Row.Builder message = Row.newBuilder();
            for (JsonNode warning : row.path("warnings")) {
                length += warning.asText().length();
                message.addWarnings(warning.asText());
            }
            rows.add(
                    message.setOccurredAt(timestamp(row.path("occurred")))
                            .setProcessedAt(timestamp(row.path("processed")))
                            .setReceivedAt(timestamp(row.path("received")))
                            .setStream(row.path("stream").asText())
                            .setStreamSequence(
                                    Long.parseUnsignedLong(row.path("sequence").asText()))
                            .setRowIndex(row.path("row_index").asInt())
                            .setRowCount(row.path("row_count").asInt())
                            .setDefinitionId(row.path("definition_id").asText())
                            .setContractIndex(row.path("contract_index").asInt())
                            .setTransformVersion(
                                    Long.parseUnsignedLong(row.path("version").asText()))
                            .setJson(json)
                            .build());
        }
        return rows;
    }

    private static Timestamp timestamp(JsonNode millis) {
        // A number, or a string where the server quotes 64-bit integers.
        return Timestamps.fromMillis(millis.asLong());
    }

    @Override
    public void close() {
        client.ifPresent(ClickHouseClient::close);
    }
}
