package io.ponix.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What something that is registered is found by: texts under keys, in the order of their keys. As
 * documents they are in the column {@link RowColumns#LABELS}; as {@code site=north;team=a} in the
 * cell of a table.
 */
public final class Labels {

    /** Whatever stands behind it, in a cell, is a part of a value. */
    private static final char ESCAPE = '\\';

    private static final char BETWEEN = ';';
    private static final char IS = '=';

    private Labels() {}

    /** Reads those of a row; it has none where it is from before there was the column. */
    static <E extends Exception> SortedMap<String, String> read(Row<E> row) throws E {
        Struct.Builder document = Struct.newBuilder();
        String text = row.text(RowColumns.LABELS);
        if (!text.isEmpty()) {
            try {
                JsonFormat.parser().merge(text, document);
            } catch (InvalidProtocolBufferException e) {
                // By other means than the service, into a table without the constraint.
                return Collections.emptySortedMap();
            }
        }
        SortedMap<String, String> labels = new TreeMap<>();
        document.getFieldsMap()
                .forEach(
                        (key, value) -> {
                            if (value.hasStringValue()) {
                                labels.put(key, value.getStringValue());
                            }
                        });
        return Collections.unmodifiableSortedMap(labels);
    }

    /** The document of labels. */
    public static String document(Map<String, String> labels) {
        Struct.Builder document = Struct.newBuilder();
        new TreeMap<>(labels)
                .forEach(
                        (key, value) ->
                                document.putFields(
                                        key, Value.newBuilder().setStringValue(value).build()));
        return text(document);
    }

    private static String text(Struct.Builder document) {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(document);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("It cannot be written as JSON", e);
        }
    }

    /**
     * The document that changes some labels, for {@link RowColumns#SOME_LABELS}.
     *
     * @param keys of those that are changed
     * @param labels the new ones; one of the keys that is not among them is taken away
     */
    public static String change(Collection<String> keys, Map<String, String> labels) {
        Struct.Builder document = Struct.newBuilder();
        for (String key : keys) {
            Value.Builder value = Value.newBuilder();
            if (labels.containsKey(key)) {
                value.setStringValue(labels.get(key));
            } else {
                value.setNullValue(NullValue.NULL_VALUE);
            }
            document.putFields(key, value.build());
        }
        return text(document);
    }

    /** The cell of labels; empty if there are none. The same labels are the same text. */
    public static String cell(Map<String, String> labels) {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + IS + escaped(label.getValue()))
                        .collect(Collectors.joining(String.valueOf(BETWEEN)));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace(";", "\\;");
    }

    /**
     * The labels of a cell.
     *
     * @throws IllegalArgumentException when it has something else, or a key twice; the message says
     *     what
     */
    public static SortedMap<String, String> ofCell(String cell) {
        SortedMap<String, String> labels = new TreeMap<>();
        StringBuilder label = new StringBuilder();
        for (int i = 0; i < cell.length(); i++) {
            char each = cell.charAt(i);
            if (each == ESCAPE && i + 1 < cell.length()) {
                label.append(cell.charAt(++i));
            } else if (each == BETWEEN) {
                add(label.toString(), labels);
                label.setLength(0);
            } else {
                label.append(each);
            }
        }
        add(label.toString(), labels);
        return labels;
    }

    private static void add(String label, SortedMap<String, String> labels) {
        if (label.isBlank()) {
            return;
        }
        int is = label.indexOf(IS);
        if (is < 0) {
            throw new IllegalArgumentException(
                    "'" + label.strip() + "' is no label: write KEY=VALUE, and ; between labels");
        }
        String key = label.substring(0, is).strip();
        if (labels.put(key, label.substring(is + 1)) != null) {
            throw new IllegalArgumentException("the label " + key + " is there twice");
        }
    }
}
