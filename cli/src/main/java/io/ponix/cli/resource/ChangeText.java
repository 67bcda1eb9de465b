package io.ponix.cli.resource;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.FieldDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a change did, for a person: of values that consist of others, which of these are not the
 * same, and of long texts where that begins.
 */
final class ChangeText {

    private static final String NONE = "-";
    private static final String CUT = "…";

    /** A value that is longer is cut: JSON has all of it. */
    private static final int LONGEST_VALUE = 48;

    /** How much is shown of what two long values have in common. */
    private static final int IN_COMMON = 12;

    /** A restoration changes these too, and that is all they say. */
    private static final Set<String> OF_RESTORATION = Set.of("deleted_at", "updated_at");

    private ChangeText() {}

    /** A change, in a line. */
    static String of(Change change) {
        List<String> lines = new ArrayList<>();
        switch (change.getType()) {
            case CHANGE_TYPE_CHANGED ->
                    compare(change.getField(), change.getOldValue(), change.getNewValue(), lines);
            case CHANGE_TYPE_RESTORED -> {
                lines.add("restored");
                if (change.hasOldValue()) {
                    restored(
                            change.getOldValue().getStructValue(),
                            change.getNewValue().getStructValue(),
                            lines);
                }
            }
            default ->
                    lines.add(
                            change.getType()
                                    .name()
                                    .replaceFirst("^CHANGE_TYPE_", "")
                                    .toLowerCase(Locale.ROOT));
        }
        return String.join(", ", lines);
    }

    /** A field that is not the same in two moments, in lines; none where it is empty in both. */
    static List<String> of(FieldDifference difference) {
        List<String> lines = new ArrayList<>();
        compare(difference.getField(), difference.getOldValue(), difference.getNewValue(), lines);
        return lines;
    }

    private static void restored(Struct before, Struct after, List<String> lines) {
        Struct.Builder old = before.toBuilder();
        Struct.Builder restored = after.toBuilder();
        OF_RESTORATION.forEach(
                field -> {
                    old.removeFields(field);
                    restored.removeFields(field);
                });
        compare("", old.build(), restored.build(), lines);
    }

    private static void compare(String name, Value before, Value after, List<String> lines) {
        if (before.hasStructValue() && after.hasStructValue()) {
            compare(name + ".", before.getStructValue(), after.getStructValue(), lines);
        } else if (before.hasListValue()
                && after.hasListValue()
                && before.getListValue().getValuesCount()
                        == after.getListValue().getValuesCount()) {
            for (int i = 0; i < before.getListValue().getValuesCount(); i++) {
                compare(
                        name + "[" + i + "]",
                        before.getListValue().getValues(i),
                        after.getListValue().getValues(i),
                        lines);
            }
        } else {
            String old = text(before);
            String now = text(after);
            if (!old.equals(now)) {
                lines.add(name + ": " + beside(old, now));
            }
        }
    }

    private static void compare(String prefix, Struct before, Struct after, List<String> lines) {
        TreeSet<String> keys = new TreeSet<>(before.getFieldsMap().keySet());
        keys.addAll(after.getFieldsMap().keySet());
        for (String key : keys) {
            compare(
                    prefix + key,
                    before.getFieldsOrDefault(key, Value.getDefaultInstance()),
                    after.getFieldsOrDefault(key, Value.getDefaultInstance()),
                    lines);
        }
    }

    private static String text(Value value) {
        return switch (value.getKindCase()) {
            case KIND_NOT_SET, NULL_VALUE -> NONE;
            case STRING_VALUE ->
                    value.getStringValue().isEmpty()
                            ? NONE
                            : "\"" + TerminalText.escaped(value.getStringValue()) + "\"";
            case LIST_VALUE ->
                    value.getListValue().getValuesCount() == 0 ? NONE : MessageJson.line(value);
            default -> MessageJson.line(value);
        };
    }

    private static String beside(String before, String after) {
        int shown = 0;
        if (Math.max(before.length(), after.length()) > LONGEST_VALUE) {
            int common = 0;
            int shorter = Math.min(before.length(), after.length());
            while (common < shorter && before.charAt(common) == after.charAt(common)) {
                common++;
            }
            shown = Math.max(0, common - IN_COMMON);
        }
        return from(shown, before) + " → " + from(shown, after);
    }

    private static String from(int start, String text) {
        return (start > 0 ? CUT : "") + TerminalText.escaped(text.substring(start), LONGEST_VALUE);
    }
}
