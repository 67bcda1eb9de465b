package io.ponix.cli.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TerminalText;
import java.util.List;
import java.util.Map;

/**
 * A message for a person to read: a line for each field that is set, called as in its proto. A text
 * of several lines, such as an expression, is shown as it was written, and what a terminal would
 * obey in it is escaped.
 */
final class MessageFields {

    private static final String INDENT = "  ";

    private MessageFields() {}

    static String text(Message message) {
        StringBuilder text = new StringBuilder();
        append(message, "", text);
        return text.toString();
    }

    private static void append(Message message, String indent, StringBuilder text) {
        int width =
                message.getAllFields().keySet().stream()
                        .mapToInt(
                                field ->
                                        field.getName().length()
                                                + (isNumbered(field) ? "[0]".length() : 0))
                        .max()
                        .orElse(0);
        message.getAllFields()
                .forEach(
                        (field, value) -> {
                            if (isNumbered(field)) {
                                int number = 0;
                                for (Object each : (List<?>) value) {
                                    String name = field.getName() + "[" + number++ + "]";
                                    append(name, width, field, each, indent, text);
                                }
                            } else {
                                append(field.getName(), width, field, value, indent, text);
                            }
                        });
    }

    private static boolean isNumbered(FieldDescriptor field) {
        return field.isRepeated() && !field.isMapField();
    }

    private static void append(
            String name,
            int width,
            FieldDescriptor field,
            Object value,
            String indent,
            StringBuilder text) {
        text.append(indent).append(name);
        if (value instanceof Message message && !isShownOnALine(message)) {
            text.append('\n');
            append(message, indent + INDENT, text);
            return;
        }
        String shown = field.isMapField() ? entries((List<?>) value) : shown(value);
        if (shown.indexOf('\n') < 0) {
            text.append(" ".repeat(Math.max(0, width - name.length()) + INDENT.length()));
            text.append(shown).append('\n');
        } else {
            text.append('\n');
            shown.stripTrailing()
                    .lines()
                    .forEach(line -> text.append(indent + INDENT).append(line).append('\n'));
        }
    }

    private static boolean isShownOnALine(Message message) {
        return message instanceof Timestamp
                || message instanceof Duration
                || message instanceof Struct;
    }

    private static String shown(Object value) {
        if (value instanceof Timestamp time) {
            return MessageText.time(time);
        }
        if (value instanceof Duration duration && Durations.isValid(duration)) {
            return Durations.toString(duration);
        }
        if (value instanceof Message message) {
            return MessageJson.line(message);
        }
        if (value instanceof ByteString bytes) {
            return "(" + bytes.size() + " bytes)";
        }
        if (value instanceof EnumValueDescriptor constant) {
            return constant.getName();
        }
        return TerminalText.escapedLines(value.toString());
    }

    private static String entries(List<?> entries) {
        StringBuilder text = new StringBuilder();
        for (Object entry : entries) {
            Map<FieldDescriptor, Object> fields = ((Message) entry).getAllFields();
            text.append(text.isEmpty() ? "" : ", ");
            fields.forEach(
                    (field, value) ->
                            text.append(field.getNumber() == 1 ? "" : "=")
                                    .append(TerminalText.escaped(value.toString())));
        }
        return text.toString();
    }
}
