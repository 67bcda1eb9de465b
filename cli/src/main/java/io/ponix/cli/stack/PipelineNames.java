package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import java.util.Map;
import java.util.Properties;

/**
 * What the streams and the table of the stack's pipeline are called. Where the environment says
 * nothing else they are as at the stack's last start.
 *
 * @param rawStream of raw envelopes, and the first token of its subjects
 * @param deadLettersStream of dead letters, and the first token of its subjects
 * @param table of rows
 */
public record PipelineNames(String rawStream, String deadLettersStream, String table) {

    /** As the README documents them. */
    public static final PipelineNames DEFAULT =
            new PipelineNames("raw_envelopes", "dead_letters", "processed_envelopes");

    private static final String RAW_STREAM = "PONIX_NATS_RAW_STREAM";
    private static final String DEAD_LETTERS_STREAM = "PONIX_DEAD_LETTERS_STREAM";
    private static final String TABLE = "PONIX_CLICKHOUSE_TABLE";

    /**
     * These names, except that what the environment names is called so.
     *
     * @throws CommandException when a stream cannot be called so
     */
    PipelineNames orOf(Map<String, String> environment) {
        return new PipelineNames(
                stream(environment, RAW_STREAM, rawStream),
                stream(environment, DEAD_LETTERS_STREAM, deadLettersStream),
                text(environment, TABLE, table));
    }

    /** The variables that give the job and the device service these names. */
    Map<String, String> environment() {
        return Map.of(RAW_STREAM, rawStream, DEAD_LETTERS_STREAM, deadLettersStream, TABLE, table);
    }

    /** The table as a query has to write it, whatever it is called. */
    public String quotedTable() {
        return "`" + table.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    static PipelineNames read(Properties properties) {
        return new PipelineNames(
                properties.getProperty("raw.stream", DEFAULT.rawStream),
                properties.getProperty("dead.letters.stream", DEFAULT.deadLettersStream),
                properties.getProperty("table", DEFAULT.table));
    }

    void write(Properties properties) {
        properties.setProperty("raw.stream", rawStream);
        properties.setProperty("dead.letters.stream", deadLettersStream);
        properties.setProperty("table", table);
    }

    private static String stream(
            Map<String, String> environment, String variable, String otherwise) {
        String name = text(environment, variable, otherwise);
        if (!name.matches("[A-Za-z0-9_-]+")) {
            throw CommandException.calledWrongly(
                    variable
                            + " is \""
                            + name
                            + "\"; a stream name of letters, digits, '_' and '-' is wanted");
        }
        return name;
    }

    private static String text(Map<String, String> environment, String variable, String otherwise) {
        String value = environment.get(variable);
        return value == null || value.isBlank() ? otherwise : value;
    }
}
