package io.ponix.deviceservice.host;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Labels;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * Hosts as CSV (RFC 4180), whose first line names the columns. Aliases and tags have a semicolon
 * between them, labels are {@linkplain Labels#cell one cell}.
 */
final class HostCsv {

    private static final String BETWEEN = ";";

    private HostCsv() {}

    static String write(List<HostEntry> hosts) {
        CSVFormat format =
                CSVFormat.RFC4180
                        .builder()
                        .setHeader(HostField.texts().toArray(String[]::new))
                        .setRecordSeparator("\n")
                        .get();
        StringBuilder text = new StringBuilder();
        try (CSVPrinter printer = new CSVPrinter(text, format)) {
            for (HostEntry host : hosts) {
                printer.printRecord(
                        host.ipAddress(),
                        host.hostname(),
                        String.join(BETWEEN, host.aliases()),
                        host.comment(),
                        String.join(BETWEEN, host.tags()),
                        host.gatewayId(),
                        host.deviceId(),
                        Labels.cell(host.labels()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    static List<HostLine> read(String text) {
        CSVFormat format =
                CSVFormat.RFC4180
                        .builder()
                        .setHeader()
                        .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
                        .setSkipHeaderRecord(true)
                        .setIgnoreEmptyLines(true)
                        .get();
        try (CSVParser parser = format.parse(new StringReader(text))) {
            List<String> unknown = new ArrayList<>(parser.getHeaderNames());
            unknown.removeAll(HostField.texts());
            if (!unknown.isEmpty()) {
                throw RequestException.invalidArgument(
                        HostLine.CONTENT,
                        "The first line names columns that there are not: "
                                + String.join(", ", unknown)
                                + "; there are "
                                + String.join(", ", HostField.texts()));
            }
            Set<HostField> told =
                    parser.getHeaderNames().stream()
                            .flatMap(column -> HostField.of(column).stream())
                            .collect(Collectors.toSet());
            List<HostLine> lines = new ArrayList<>();
            for (CSVRecord record : parser) {
                lines.add(
                        HostLine.of(
                                Math.toIntExact(parser.getCurrentLineNumber()),
                                told,
                                () -> entry(record)));
            }
            return lines;
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw RequestException.invalidArgument(
                    HostLine.CONTENT, "The content is not CSV: " + e.getMessage());
        }
    }

    private static HostEntry entry(CSVRecord record) {
        if (!record.isConsistent()) {
            throw RequestException.invalidArgument(
                    HostLine.CONTENT,
                    "It has " + record.size() + " values, and not one for each column");
        }
        return HostEntry.of(
                text(record, "ip_address"),
                text(record, "hostname"),
                texts(record, "aliases"),
                text(record, "comment"),
                texts(record, "tags"),
                text(record, "gateway_id"),
                text(record, "device_id"),
                labels(text(record, "labels")));
    }

    private static Map<String, String> labels(String cell) {
        try {
            return Labels.ofCell(cell);
        } catch (IllegalArgumentException e) {
            throw RequestException.invalidArgument("labels", "labels: " + e.getMessage());
        }
    }

    private static String text(CSVRecord record, String column) {
        return record.isMapped(column) ? record.get(column) : "";
    }

    private static List<String> texts(CSVRecord record, String column) {
        return Arrays.stream(text(record, column).split(BETWEEN))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }
}
