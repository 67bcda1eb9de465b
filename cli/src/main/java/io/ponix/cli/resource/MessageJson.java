package io.ponix.cli.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.ponix.cli.terminal.TerminalText;
import java.io.PrintStream;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Messages as JSON, whose fields are called as in their protos. A terminal obeys nothing in it. */
final class MessageJson {

    private static final JsonFormat.Printer DOCUMENT =
            JsonFormat.printer().preservingProtoFieldNames();
    private static final JsonFormat.Printer LINE = DOCUMENT.omittingInsignificantWhitespace();

    /**
     * As the printer writes what HTML would take for its own: = and quotes, of which CEL is full.
     */
    private static final Pattern ESCAPED_FOR_HTML =
            Pattern.compile("(?<!\\\\)((?:\\\\\\\\)*)\\\\u00(3c|3d|3e|26|27)");

    private MessageJson() {}

    /** A document of several lines. */
    static String document(MessageOrBuilder message) {
        return text(DOCUMENT, message) + "\n";
    }

    /** One line, without its end. */
    static String line(MessageOrBuilder message) {
        return text(LINE, message);
    }

    /** Prints an array, each element on a line. */
    static void printArray(Iterator<? extends Message> messages, PrintStream out) {
        String before = "[\n";
        while (messages.hasNext()) {
            out.print(before + line(messages.next()));
            before = ",\n";
        }
        out.println(before.equals(",\n") ? "\n]" : "[]");
    }

    private static String text(JsonFormat.Printer printer, MessageOrBuilder message) {
        try {
            String json =
                    ESCAPED_FOR_HTML
                            .matcher(printer.print(message))
                            .replaceAll(
                                    escaped ->
                                            Matcher.quoteReplacement(
                                                    escaped.group(1)
                                                            + (char)
                                                                    Integer.parseInt(
                                                                            escaped.group(2), 16)));
            // What it escapes is within strings, and escaped as JSON has it.
            return TerminalText.escapedLines(json);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("no message of the registry has an Any", e);
        }
    }
}
