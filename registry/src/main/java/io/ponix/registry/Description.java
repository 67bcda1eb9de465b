package io.ponix.registry;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is said of something that is registered, which nothing is decoded by.
 *
 * @param text for people; empty if nothing is said
 * @param labels see {@link Labels}
 */
public record Description(String text, SortedMap<String, String> labels) {

    /** Nothing is said. */
    public static final Description NONE = new Description("", new TreeMap<>());

    /** The columns that it is read of. */
    static final List<Column> COLUMNS = List.of(RowColumns.DESCRIPTION, RowColumns.LABELS);

    /** What a request says. */
    public static Description of(String text, Map<String, String> labels) {
        return new Description(text, new TreeMap<>(labels));
    }

    /** Reads that of a row; one from before there were the columns has none. */
    static <E extends Exception> Description read(Row<E> row) throws E {
        return new Description(row.text(RowColumns.DESCRIPTION), Labels.read(row));
    }

    /** Adds what is written of it to the other values of a row. */
    void addTo(Map<Column, Object> values) {
        values.put(RowColumns.DESCRIPTION, text);
        values.put(RowColumns.LABELS, Labels.document(labels));
    }
}
