package io.ponix.cli.registry;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.cli.registry.DeviceRecord.Column;
import io.ponix.proto.end_device.v1.EndDevice;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/** Devices as CSV (RFC 4180, UTF-8), whose first line names the columns. */
final class DeviceFile {

    private static final String COLUMNS =
            Arrays.stream(Column.values()).map(Column::heading).collect(Collectors.joining(", "));

    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180
                    .builder()
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .setIgnoreEmptyLines(true)
                    .get();

    private DeviceFile() {}

    /**
     * Reads the devices of a file.
     *
     * @throws CommandException when it cannot be read, or a column is none; the message names the
     *     line or the column
     */
    static List<DeviceRecord> read(Path file) {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CSVParser parser = FORMAT.parse(withoutMark(reader))) {
            Map<String, Column> columns = columns(parser.getHeaderNames(), file);
            List<DeviceRecord> records = new ArrayList<>();
            for (CSVRecord record : parser) {
                if (record.size() != columns.size()) {
                    throw new CommandException(
                            "%s, line %d: %d values, and %d columns are named in the first line"
                                    .formatted(
                                            file,
                                            parser.getCurrentLineNumber(),
                                            record.size(),
                                            columns.size()));
                }
                Map<Column, String> values = new EnumMap<>(Column.class);
                columns.forEach((name, column) -> values.put(column, record.get(name)));
                records.add(new DeviceRecord(parser.getCurrentLineNumber(), values));
            }
            return records;
        } catch (UncheckedIOException | IOException | IllegalArgumentException e) {
            throw new CommandException(file + " cannot be read as CSV: " + FileProblem.of(e), e);
        }
    }

    private static Map<String, Column> columns(List<String> names, Path file) {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (String name : names) {
            Column column =
                    Arrays.stream(Column.values())
                            .filter(each -> each.heading().equals(name.strip()))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new CommandException(
                                                    file
                                                            + ": '"
                                                            + name
                                                            + "' in the first line is no column; the"
                                                            + " columns are "
                                                            + COLUMNS));
            columns.put(name, column);
        }
        if (!columns.containsValue(Column.EXTERNAL_ID)
                && !columns.containsValue(Column.DEVICE_ID)) {
            throw new CommandException(
                    file
                            + ": the first line names neither external_id nor device_id; by one of"
                            + " them a device is known again. The columns are "
                            + COLUMNS);
        }
        return columns;
    }

    /** Spreadsheets write one before UTF-8. */
    private static Reader withoutMark(Reader reader) throws IOException {
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
        return reader;
    }

    /** Writes devices, with all columns. */
    static void write(Iterable<EndDevice> devices, Appendable out) throws IOException {
        CSVFormat format =
                CSVFormat.RFC4180
                        .builder()
                        .setHeader(
                                Arrays.stream(Column.values())
                                        .map(Column::heading)
                                        .toArray(String[]::new))
                        .setRecordSeparator("\n")
                        .get();
        try (CSVPrinter printer = new CSVPrinter(out, format)) {
            for (EndDevice device : devices) {
                printer.printRecord(
                        Arrays.stream(Column.values()).map(column -> column.of(device)).toList());
            }
        }
    }
}
