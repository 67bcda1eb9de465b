package io.ponix.transforms;

import io.ponix.transforms.functions.DocumentFunctions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The examples of a page such as {@code docs/transforms.md}.
 *
 * <p>Four kinds of tables hold them. In one with the columns {@code expression | payload | result}
 * a row is an example of its own, whose result is any JSON value. One with the columns {@code
 * payload | f_port | result} follows a block of CEL, a whole transform; {@code occurred_at} may be
 * a column before the result. Behind the result of either, {@code warnings} may be one: a JSON
 * list, or empty. Where the first column is called {@code payloads, one after another}, one device
 * sent them, every quarter of an hour. One with the columns {@code payload | f_port | contract |
 * result} follows a block of JSON, a list of contracts; the contract counts from 1 or is {@code
 * none}. A payload is hexadecimal, or text in quotes, or empty; a result is JSON, or {@code error:}
 * and a part of the message, or {@code refused:} where it is a schema's.
 */
final class Cookbook {

    private static final String DECODER_HEADER = "| payload | f_port | result |";

    private static final String DECODER_HEADER_WITH_TIME =
            "| payload | f_port | occurred_at | result |";

    private static final String SERIES_HEADER = "| payloads, one after another | f_port | result |";

    /** Of a table that a test with ClickHouse runs. */
    private static final String STORED_HEADER = "| result | in ClickHouse |";

    private static final String CONTRACTS_HEADER = "| payload | f_port | contract | result |";

    /** What the page says holds where a table names no port. */
    private static final long DEFAULT_PORT = 2;

    /** As {@link #DEFAULT_PORT}. */
    static final Instant DEFAULT_TIME = Instant.parse("2026-01-31T12:00:00.250Z");

    private final List<Example> examples = new ArrayList<>();
    private final List<String> decoders = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final List<ContractCase> contractCases = new ArrayList<>();
    private final List<List<Example>> series = new ArrayList<>();

    private final Path page;

    private Cookbook(Path page) {
        this.page = page;
    }

    /**
     * @param line where it is in the page, from 1
     * @param decoder whether {@code expression} is a whole transform
     * @param isError whether {@code result} is part of an error's message
     * @param warnings of the evaluation
     */
    record Example(
            int line,
            boolean decoder,
            String expression,
            byte[] payload,
            long fPort,
            Instant occurredAt,
            boolean isError,
            String result,
            List<?> warnings) {

        /** What is compiled: a transform gives an object. */
        String transform() {
            return decoder ? expression : "{\"value\": " + expression + "}";
        }

        /** What the transform gives. */
        String json() {
            return decoder ? result : "{\"value\":" + result + "}";
        }

        @Override
        public String toString() {
            return "line "
                    + line
                    + ": "
                    + (decoder ? HexFormat.of().formatHex(payload) : expression);
        }
    }

    /**
     * What a list of contracts makes of a payload.
     *
     * @param line where it is in the page, from 1
     * @param contract which one decides, from 0, or {@link PayloadContracts#NO_MATCH}
     * @param result JSON, or empty for no match, or begins with {@code error: } or {@code refused:
     *     } and a part of the message
     */
    record ContractCase(
            int line,
            List<PayloadContract> contracts,
            byte[] payload,
            long fPort,
            int contract,
            String result) {

        /** Whether {@code result} is a part of a message. */
        boolean isFailure() {
            return result.startsWith("error: ") || result.startsWith("refused: ");
        }

        @Override
        public String toString() {
            return "line " + line + ": " + HexFormat.of().formatHex(payload) + ", port " + fPort;
        }
    }

    /**
     * @param page a file of the folder {@code docs}
     */
    static Cookbook read(String page) {
        Cookbook cookbook = new Cookbook(Path.of(System.getProperty("ponix.root"), "docs", page));
        try {
            cookbook.parse(Files.readAllLines(cookbook.page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cookbook;
    }

    List<Example> examples() {
        return examples;
    }

    /** The whole transforms of the page. */
    List<String> decoders() {
        return decoders;
    }

    /** Descriptions of messages of Protocol Buffers. */
    List<String> messages() {
        return messages;
    }

    List<ContractCase> contractCases() {
        return contractCases;
    }

    /** What each of several devices sends, one payload after another. */
    List<List<Example>> series() {
        return series;
    }

    /** Where a line of the page is, from 1. */
    URI location(int line) {
        return URI.create(page.toUri() + "?line=" + line);
    }

    private void parse(List<String> lines) {
        String header = "";
        List<PayloadContract> contracts = List.of();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.equals("```cel")) {
                int end = endOfBlock(lines, i);
                decoders.add(String.join("\n", lines.subList(i + 1, end)));
                i = end;
            } else if (line.equals("```proto")) {
                int end = endOfBlock(lines, i);
                messages.add(String.join("\n", lines.subList(i + 1, end)) + "\n");
                i = end;
            } else if (line.equals("```json")) {
                int end = endOfBlock(lines, i);
                contracts = ContractDocument.read(String.join("\n", lines.subList(i + 1, end)));
                i = end;
            } else if (!line.startsWith("|")) {
                header = "";
            } else if (header.isEmpty()) {
                header = line;
                if (header.equals(SERIES_HEADER)) {
                    series.add(new ArrayList<>());
                }
            } else if (header.equals(SERIES_HEADER) && !line.startsWith("|---")) {
                series.get(series.size() - 1)
                        .add(
                                example(
                                        true,
                                        false,
                                        decoders.get(decoders.size() - 1),
                                        cells(line),
                                        i + 1));
            } else if (header.equals(CONTRACTS_HEADER) && !line.startsWith("|---")) {
                contractCases.add(contractCase(contracts, cells(line), i + 1));
            } else if (!line.startsWith("|---")
                    && !header.equals(STORED_HEADER)
                    && !header.equals(SERIES_HEADER)) {
                List<String> cells = cells(line);
                boolean hasTime = header.startsWith(DECODER_HEADER_WITH_TIME);
                boolean decoder = hasTime || header.startsWith(DECODER_HEADER);
                String expression =
                        decoder ? decoders.get(decoders.size() - 1) : code(cells.get(0));
                examples.add(example(decoder, hasTime, expression, cells, i + 1));
            }
        }
    }

    private static int endOfBlock(List<String> lines, int start) {
        return start + 1 + lines.subList(start + 1, lines.size()).indexOf("```");
    }

    private static ContractCase contractCase(
            List<PayloadContract> contracts, List<String> cells, int line) {
        String result = cells.get(3);
        int message = result.indexOf('`');
        return new ContractCase(
                line,
                contracts,
                payload(code(cells.get(0))),
                Long.parseLong(cells.get(1)),
                cells.get(2).equals("none")
                        ? PayloadContracts.NO_MATCH
                        : Integer.parseInt(cells.get(2)) - 1,
                message < 0
                        ? result
                        : result.substring(0, message) + code(result.substring(message)));
    }

    private static Example example(
            boolean decoder, boolean hasTime, String expression, List<String> cells, int line) {
        int resultColumn = hasTime ? 3 : 2;
        String result = cells.get(resultColumn);
        boolean isError = result.startsWith("error: ");
        return new Example(
                line,
                decoder,
                expression,
                payload(code(decoder ? cells.get(0) : cells.get(1))),
                decoder ? Long.parseLong(cells.get(1)) : DEFAULT_PORT,
                hasTime ? Instant.parse(cells.get(2)) : DEFAULT_TIME,
                isError,
                code(isError ? result.substring("error: ".length()) : result),
                warnings(cells, resultColumn + 1));
    }

    private static List<?> warnings(List<String> cells, int column) {
        return cells.size() <= column || cells.get(column).isEmpty()
                ? List.of()
                : (List<?>) DocumentFunctions.decodeJson(code(cells.get(column)));
    }

    /** No cell holds a vertical bar of its own. */
    private static List<String> cells(String row) {
        return Stream.of(row.split("\\|")).skip(1).map(String::strip).toList();
    }

    private static String code(String cell) {
        return cell.replaceFirst("^`(.*)`$", "$1");
    }

    private static byte[] payload(String text) {
        if (text.startsWith("\"")) {
            return ((String) DocumentFunctions.decodeJson(text)).getBytes(StandardCharsets.UTF_8);
        }
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }
}
