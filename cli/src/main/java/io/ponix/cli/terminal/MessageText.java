package io.ponix.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import java.io.PrintStream;
import java.util.HexFormat;

/** What a message of a stream holds, whoever sent it, as text for people and for programs. */
public final class MessageText {

    /** Nothing in it can be obeyed by a terminal: what is not ASCII is escaped, too. */
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final int LONGEST_CELL = 100;
    private static final int BYTES_A_LINE = 16;

    private MessageText() {}

    /** An object to be filled, for {@link #json(ObjectNode)}. */
    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** A JSON object on one line. */
    public static String json(ObjectNode object) {
        try {
            return JSON.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A text for a column of a table. */
    public static String cell(String text) {
        return TerminalText.escaped(text, LONGEST_CELL);
    }

    /** A line with a name and its value. */
    public static void field(PrintStream out, String name, String value) {
        out.printf("%-14s %s%n", name, TerminalText.escaped(value));
    }

    /** Bytes in hexadecimal and as text, with their offsets. */
    public static void hexadecimal(byte[] bytes, PrintStream out) {
        StringBuilder lines = new StringBuilder();
        for (int start = 0; start < bytes.length; start += BYTES_A_LINE) {
            StringBuilder hex = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (int i = start; i < start + BYTES_A_LINE; i++) {
                boolean there = i < bytes.length;
                hex.append(there ? HexFormat.of().toHexDigits(bytes[i]) : "  ").append(' ');
                if (there) {
                    text.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
                }
            }
            lines.append(String.format("  %08x  ", start)).append(hex).append(' ').append(text);
            lines.append('\n');
        }
        out.print(lines);
    }

    /** A time as RFC 3339, or as it was sent if it is none. */
    public static String time(Timestamp time) {
        return Timestamps.isValid(time)
                ? Timestamps.toString(time)
                : time.getSeconds() + " s " + time.getNanos() + " ns since 1970";
    }
}
